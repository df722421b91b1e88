/** Bytes on their way, counted and hashed: they end only where they are what their digest says. */
import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { RegistryError } from './failure.js';

export const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Passes bytes through. Fails with a RegistryError that begins with `doing` when size or digest are others, before the end is told. */
export function checked(
  expected: { digest: string; size: number },
  doing: string,
  onBytes: (count: number) => void = () => {},
): Transform {
  const hash = createHash('sha256');
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > expected.size) {
        done(new RegistryError(`${doing}: there are more than the ${expected.size} bytes that were named`));
        return;
      }
      hash.update(chunk);
      onBytes(chunk.length);
      done(null, chunk);
    },
    flush(done) {
      const digest = `sha256:${hash.digest('hex')}`;
      if (size !== expected.size) {
        done(new RegistryError(`${doing}: there are ${size} bytes of ${expected.size}`));
      } else if (digest !== expected.digest) {
        done(new RegistryError(`${doing}: the content has the digest ${digest}`));
      } else {
        done();
      }
    },
  });
}
