/** A part of the page's path as it was meant. The router undoes only some of the escapes, so a name such as `50%` would not come through it. */
import { useLocation } from 'wouter';

/** `place` from 0: 1 is NAME of `/models/NAME`. */
export function useSegment(place: number): string {
  useLocation();
  const text = location.pathname.split('/')[place + 1] ?? '';
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
