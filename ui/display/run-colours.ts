/** Colours of runs: by place among those shown, eight hues and then the same in dashes and dots. Never by a hash of the id. */

export interface RunColour {
  /** The style sheet's name: `--run-1`. */
  variable: string;
  /** Of the line: none, dashes, or dots; lengths in px. */
  dash: readonly number[];
}

const HUES = 8;
const DASHES: readonly (readonly number[])[] = [[], [6, 4], [2, 3]];

/** Of the run at `place`, from 0. */
export function runColour(place: number): RunColour {
  return {
    variable: `--run-${(place % HUES) + 1}`,
    dash: DASHES[Math.floor(place / HUES) % DASHES.length] ?? [],
  };
}

/** Only colours that no style sheet could be changed with. */
const isColour = (text: string) => /^#([\da-f]{3}|[\da-f]{6})$/i.test(text);

/** The value of tag `mlflow.runColor`, when it is a colour. */
export const chosenColour = (tag: string | number | undefined) =>
  typeof tag === 'string' && isColour(tag) ? tag : undefined;

/** The colour as a canvas takes it, of the page's theme. */
export const colourOf = (variable: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
