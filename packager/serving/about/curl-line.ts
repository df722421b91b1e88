/** The shell command that sends a request to a model server. The try-it page runs this function too, from its text. */

/**
 * One that carries its body when it is `longest` characters at most; else one that pipes the server's own example, or that
 * names a file when the body is another. Words are quoted for POSIX shells. It must refer to nothing outside itself.
 */
export function curlLine(
  base: string,
  { contentType, body }: { readonly contentType: string; readonly body: string },
  { longest, isExample }: { readonly longest: number; readonly isExample: boolean },
): string {
  const quoted = (word: string) => (/^[\w./:-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
  const request = `${quoted(`${base}/invocations`)} -H ${quoted(`content-type: ${contentType}`)}`;
  const line = `curl ${request} --data-raw ${quoted(body)}`;
  if (line.length <= longest) return line;
  if (isExample) return `curl -s ${quoted(`${base}/example`)} | curl ${request} --data-binary @-`;
  return `curl ${request} --data-binary @body`;
}
