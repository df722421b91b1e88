/** The progress of long work on stderr: one line that is redrawn in a terminal, four plain lines at most where it is piped. */
import type { PushProgress } from '../packager/index.js';

export interface Screen {
  readonly isTTY?: boolean;
  /** Characters a line, in a terminal. */
  readonly columns?: number;
  write(text: string): unknown;
}

interface Done {
  readonly done: number;
  readonly total: number;
}

export interface ProgressLine<P extends Done = PushProgress> {
  update(progress: P): void;
  /** Leaves the last state standing, in a line of its own; whatever happened, this comes last. */
  end(): void;
}

/** Milliseconds between redraws. */
const REDRAW = 100;
const MAX_BAR = 30;

/** The progress of a push; `label` comes first: `Pushing NAME`. Nothing is written before there is progress. */
export const progressLine = (screen: Screen, label: string): ProgressLine => progressOf(screen, label, textOfPush);

/** The progress of things that are counted. */
export const countedLine = (screen: Screen, label: string): ProgressLine<Done> =>
  progressOf(screen, label, textOfCount);

function progressOf<P extends Done>(screen: Screen, label: string, textOf: (progress: P) => string): ProgressLine<P> {
  return screen.isTTY ? redrawn(screen, label, textOf) : plain(screen, label, textOf);
}

function redrawn<P extends Done>(screen: Screen, label: string, textOf: (progress: P) => string): ProgressLine<P> {
  let latest: P | undefined;
  let drawnAt = Number.NEGATIVE_INFINITY;
  const draw = (progress: P) => {
    const columns = screen.columns ?? 80;
    const text = textOf(progress);
    const width = Math.min(MAX_BAR, columns - label.length - text.length - 5);
    const filled = Math.round(width * partOf(progress));
    const bar = width < 5 ? '' : ` [${'#'.repeat(filled)}${'-'.repeat(width - filled)}]`;
    screen.write(`\r${`${label}${bar} ${text}`.slice(0, columns - 1)}\x1b[K`);
  };
  return {
    update(progress) {
      latest = progress;
      if (performance.now() - drawnAt < REDRAW) return;
      drawnAt = performance.now();
      draw(progress);
    },
    end() {
      if (!latest) return;
      draw(latest);
      screen.write('\n');
    },
  };
}

/** A line for each quarter. A layer that is sent again takes the sum back: no quarter is told twice. */
function plain<P extends Done>(screen: Screen, label: string, textOf: (progress: P) => string): ProgressLine<P> {
  let told = 0;
  return {
    update(progress) {
      const quarter = Math.floor(partOf(progress) * 4);
      if (quarter <= told) return;
      told = quarter;
      screen.write(`${label}: ${textOf(progress)}\n`);
    },
    end() {},
  };
}

const partOf = ({ done, total }: Done) => (total === 0 ? 1 : done / total);

const textOfCount = (progress: Done) =>
  `${Math.floor(partOf(progress) * 100)} %, ${progress.done.toLocaleString('en')} of ${progress.total.toLocaleString('en')}`;

function textOfPush(progress: PushProgress): string {
  const { done, total, sent, speed } = progress;
  const how = sent === 0 ? 'nothing to send' : `${megabytes(speed)} MB/s`;
  return `${Math.floor(partOf(progress) * 100)} %, ${megabytes(done)} of ${megabytes(total)} MB, ${how}`;
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
