/** What a database's error means to a caller. */
import { invalid, type MltrackError } from '../../api/index.js';

const code = (error: unknown): string => String((error as { code?: unknown })?.code ?? '');

/** The disk is full, the file locked, the connection gone: the same request may succeed later. */
export function isTemporary(error: unknown): boolean {
  const found = code(error);
  return (
    /^SQLITE_(FULL|BUSY|LOCKED|IOERR|READONLY)/.test(found) ||
    /^(08|53|57P0|58)/.test(found) ||
    ['ECONNREFUSED', 'ECONNRESET', 'ENOSPC', 'EMFILE'].includes(found)
  );
}

/** An error that the request itself caused, or undefined. */
export function refusal(error: unknown): MltrackError | undefined {
  const found = code(error);
  // PostgreSQL stores no U+0000 in text: invalid_byte_sequence, untranslatable_character.
  if (found === '22021' || found === '22P05') return invalid('Text must not contain the character U+0000.');
  return undefined;
}
