/** How lines look: a hue and a dash by place among the shown, the colour a user gave, or a colour that says a param or the status. */
import { runColour } from '../../display/run-colours.js';

export interface Look {
  /** A name of the style sheet (`--run-1`) or a colour (`#aabbcc`). */
  colour: string;
  /** Lengths in px; none: a solid line. */
  dash: readonly number[];
}

/** The colour as CSS takes it. */
export const cssColour = ({ colour }: Look) => (colour.startsWith('--') ? `var(${colour})` : colour);

export function lookAt(place: number): Look {
  const { variable, dash } = runColour(place);
  return { colour: variable, dash };
}

/** Only colours that no style sheet could be changed with. */
export const isColour = (text: string) => /^#([\da-f]{3}|[\da-f]{6})$/i.test(text);

/** The value of tag `mlflow.runColor`, when it is a colour. */
export const chosenColour = (tag: string | undefined) => (tag !== undefined && isColour(tag) ? tag : undefined);

const STATUS_COLOURS: Record<string, string> = {
  FINISHED: '--good',
  FAILED: '--bad',
  KILLED: '--muted',
  RUNNING: '--warn',
  SCHEDULED: '--control-border',
};

export const statusLook = (status: string): Look => ({ colour: STATUS_COLOURS[status] ?? '--muted', dash: [] });

/** Nine colours of viridis, from dark to light. */
const VIRIDIS = ['440154', '472d7b', '3b528b', '2c728e', '21918c', '28ae80', '5ec962', 'addc30', 'fde725'];

/** Of the ramp at `share`, 0 to 1; its end that the page would swallow is left out. */
export function rampColour(share: number, isDark: boolean): string {
  const [from, to] = isDark ? [0.3, 1] : [0, 0.82];
  const at = (from + (to - from) * Math.min(1, Math.max(0, share))) * (VIRIDIS.length - 1);
  const place = Math.min(VIRIDIS.length - 2, Math.floor(at));
  const mixed = [0, 2, 4].map((channel) => {
    const part = (index: number) => Number.parseInt((VIRIDIS[index] as string).slice(channel, channel + 2), 16);
    const value = part(place) + (part(place + 1) - part(place)) * (at - place);
    return Math.round(value).toString(16).padStart(2, '0');
  });
  return `#${mixed.join('')}`;
}

/** Of values of one param: numbers by size (by magnitude, when they span more than one), words by their order. Grey without a value. */
export function looksByValue(values: readonly (string | undefined)[], isDark: boolean): Look[] {
  const given = [...new Set(values.filter((value) => value !== undefined))];
  const numbers = given.map(Number);
  const isNumeric = given.every((value) => value.trim() !== '' && Number.isFinite(Number(value)));
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const isWide = isNumeric && low > 0 && high / low > 10;
  const words = [...given].sort();
  const share = (value: string) => {
    if (given.length < 2) return 0.5;
    if (!isNumeric) return words.indexOf(value) / (words.length - 1);
    const place = isWide ? Math.log : (n: number) => n;
    return (place(Number(value)) - place(low)) / (place(high) - place(low) || 1);
  };
  return values.map((value) =>
    value === undefined ? { colour: '--muted', dash: [] } : { colour: rampColour(share(value), isDark), dash: [] },
  );
}
