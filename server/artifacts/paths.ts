/** Which artifact paths are safe. */
import { invalid } from '../../api/index.js';

/** Rounds of decoding after which a path that still changes is refused. */
const DECODINGS = 5;

/**
 * The path, relative and normal. Throws INVALID_PARAMETER_VALUE for one that could leave its root, however it is encoded:
 * `..`, absolute, backslashes, drive letters, `#`, NUL. Source: `validate_path_is_safe` in `mlflow/utils/uri.py`.
 */
export function checkPath(path: string): string {
  let decoded = path;
  for (let round = 0; ; round++) {
    if (isUnsafe(decoded)) throw invalid('Invalid path');
    const next = decodeOnce(decoded);
    if (next === decoded) break;
    if (round === DECODINGS) throw invalid('Invalid path');
    decoded = next;
  }
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

function isUnsafe(path: string): boolean {
  return (
    path.startsWith('/') ||
    /[\\#\0]/.test(path) ||
    /^[a-z]:/i.test(path) ||
    /^file:/i.test(path) ||
    path.split('/').includes('..')
  );
}

/** A percent sign that encodes nothing is a character of the name. */
function decodeOnce(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** What MLflow says of a folder where bytes are asked for. */
export const notAFile = (path: string) => invalid(`Artifact path refers to a directory, not a file: '${path}'`);
