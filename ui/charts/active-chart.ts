/** The chart that single keys mean: the one last pointed at or focused. */

let act: ((key: string) => void) | undefined;

export function setActiveChart(handle: (key: string) => void): void {
  act = handle;
}

export const actOnActiveChart = (key: string): void => act?.(key);
