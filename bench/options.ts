/** What both suites take from the command line, and how they tell where they are. */

export interface Options {
  /** Names of cases, with commas between. */
  only: string | undefined;
  peers: string | undefined;
  /** Less of everything: to see that it works. */
  quick: boolean;
}

/** The named ones, or all. Ends the process when a name is none of `names`. */
export function choose(option: string | undefined, names: readonly string[]): Set<string> {
  const wanted = option?.split(',') ?? names;
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    console.error(`${unknown}? There are ${names.join(', ')}.`);
    process.exit(1);
  }
  return new Set(wanted);
}

export function progress(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}
