/**
 * Brings the two ends of a text that is cut in the middle together: the style sheet's dots stand where the last whole letter
 * before them ends, and leave the rest of their box empty, up to a letter's width. The two are drawn that much nearer.
 */

let watcher: ResizeObserver | undefined;

/** A ref of the beginning, which stands between the whole text and the end. */
export function watchStart(start: HTMLElement | null) {
  if (!start) return;
  watcher ??= new ResizeObserver((entries) => bringTogether(entries.map(({ target }) => target as HTMLElement)));
  watcher.observe(start);
  return () => watcher?.unobserve(start);
}

/** Everything is measured before anything is moved: the page is laid out once. The style sheet says which end moves. */
function bringTogether(starts: readonly HTMLElement[]): void {
  const gaps = starts.map((start) => {
    const gap = gapOf(start);
    return `${getComputedStyle(start).direction === 'rtl' ? -gap : gap}px`;
  });
  for (const [at, start] of starts.entries()) start.parentElement?.style.setProperty('--gap', gaps[at] ?? null);
}

/** px between the dots and the end of their box; 0 where nothing is cut. */
function gapOf(start: HTMLElement): number {
  // The beginning is only drawn: its letters are measured in the whole text, which lies over it.
  const text = start.previousElementSibling?.firstChild;
  const length = start.dataset.part?.length ?? 0;
  if (!(text instanceof Text) || start.scrollWidth <= start.clientWidth) return 0;
  const room = start.getBoundingClientRect().width - dotsWidth(getComputedStyle(start));
  const range = document.createRange();
  range.setStart(text, 0);
  const widthOf = (letters: number) => {
    range.setEnd(text, letters);
    return range.getBoundingClientRect().width;
  };
  let [fitting, tooMany] = [0, length + 1];
  while (tooMany - fitting > 1) {
    const middle = (fitting + tooMany) >> 1;
    if (widthOf(middle) <= room) fitting = middle;
    else tooMany = middle;
  }
  return fitting === 0 ? 0 : Math.max(0, room - widthOf(fitting));
}

const dotsWidths = new Map<string, number>();

function dotsWidth({ fontWeight, fontSize, fontFamily }: CSSStyleDeclaration): number {
  // The property `font` is empty where figures are tabular.
  const font = `${fontWeight} ${fontSize} ${fontFamily}`;
  const known = dotsWidths.get(font);
  if (known !== undefined) return known;
  const canvas = document.createElement('canvas').getContext('2d');
  if (!canvas) return 0;
  canvas.font = font;
  const { width } = canvas.measureText('…');
  dotsWidths.set(font, width);
  return width;
}
