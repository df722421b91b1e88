/** How lines look: a hue and a dash by place among the shown, the colour a user gave, or a colour that says a param or the status. */

import { css, rampColour } from '../../display/ramp.js';
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

const STATUS_COLOURS: Record<string, string> = {
  FINISHED: '--good',
  FAILED: '--bad',
  KILLED: '--muted',
  RUNNING: '--warn',
  SCHEDULED: '--control-border',
};

export const statusLook = (status: string): Look => ({ colour: STATUS_COLOURS[status] ?? '--muted', dash: [] });

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
    value === undefined ? { colour: '--muted', dash: [] } : { colour: css(rampColour(share(value), isDark)), dash: [] },
  );
}
