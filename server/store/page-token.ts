/** Page tokens: where the next page begins, opaque to clients. */
import { invalid } from '../../api/index.js';

export type TokenPart = string | number | null;

export function pageToken(parts: readonly TokenPart[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The parts of a token that `pageToken` made with as many of them. Throws INVALID_PARAMETER_VALUE for any other text. */
export function readPageToken(token: string, types: readonly ('string' | 'number')[]): (string | number)[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    const fits =
      Array.isArray(parts) && parts.length === types.length && parts.every((part, i) => typeof part === types[i]);
    if (fits) return parts as (string | number)[];
  } catch {
    // Falls through to the one message for every bad token.
  }
  throw invalid(`Invalid page token, could not be decoded: '${token.slice(0, 100)}'`);
}
