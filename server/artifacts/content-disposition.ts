/** The name under which a browser saves an artifact. Source: `_content_disposition_attachment` in `mlflow/server/handlers.py`, RFC 6266. */

/** A token needs no quotes. Source: `quote_header_value` of Werkzeug. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** Always an attachment: nothing that a user uploaded may be shown in this origin. Control characters are left out. */
export function contentDisposition(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get into a header.
  const clean = name.replace(/[\x00-\x1f\x7f]/g, '');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them.
  const ascii = clean.normalize('NFKD').replace(/[^\x00-\x7f]/g, '');
  if (ascii === clean) return `attachment; filename=${quoted(clean)}`;
  const encoded = encodeURIComponent(clean).replace(/['()*]|%(?:21|23|24|26|2B|5E|60|7C)/g, (part) =>
    part.startsWith('%') ? decodeURIComponent(part) : `%${part.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename=${quoted(ascii || 'download')}; filename*=UTF-8''${encoded}`;
}

function quoted(name: string): string {
  return TOKEN.test(name) ? name : `"${name.replace(/[\\"]/g, '\\$&')}"`;
}
