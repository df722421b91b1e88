/** A value that wraps; beyond a few lines it opens on demand, and JSON is laid out. */

const LONG = 300;

export function LongText({ text }: { text: string }) {
  const laidOut = jsonOf(text);
  if (text.length <= LONG && laidOut === undefined) {
    return (
      <bdi dir="auto" className="wrapping">
        {text}
      </bdi>
    );
  }
  return (
    <details className="long-text">
      <summary>
        <bdi dir="auto" className="long-start">
          {text.length > LONG / 3 ? `${text.slice(0, LONG / 3)}…` : text}
        </bdi>
      </summary>
      <bdi dir="auto" className={laidOut === undefined ? 'wrapping' : 'wrapping json-text'}>
        {laidOut ?? text}
      </bdi>
    </details>
  );
}

/** Of a list or an object, an entry a line. Undefined for all else. */
function jsonOf(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text) || /\d{16}/.test(text)) return undefined;
  try {
    const laidOut = JSON.stringify(JSON.parse(text), null, 2);
    return laidOut.includes('\n') ? laidOut : undefined;
  } catch {
    return undefined;
  }
}
