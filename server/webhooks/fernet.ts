/** Fernet tokens, as MLflow keeps webhook secrets: AES-128-CBC, then HMAC-SHA256. Source: https://github.com/fernet/spec. */
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const VERSION = 0x80;
const HEADER_BYTES = 25;
const MAC_BYTES = 32;
const KEY_BYTES = 32;

/** The 32 bytes of a url-safe base64 key, or undefined when it is none. */
export function fernetKey(text: string): Buffer | undefined {
  const key = Buffer.from(text, 'base64url');
  return key.length === KEY_BYTES ? key : undefined;
}

export const newFernetKey = () => base64(randomBytes(KEY_BYTES));

export function encrypt(key: Buffer, text: string): string {
  const iv = randomBytes(16);
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = VERSION;
  header.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000)), 1);
  iv.copy(header, 9);
  const cipher = createCipheriv('aes-128-cbc', key.subarray(16), iv);
  const signed = Buffer.concat([header, cipher.update(text, 'utf8'), cipher.final()]);
  return base64(Buffer.concat([signed, mac(key, signed)]));
}

/** The text, or undefined when the token was made with another key or is damaged. */
export function decrypt(key: Buffer, token: string): string | undefined {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length < HEADER_BYTES + MAC_BYTES || bytes[0] !== VERSION) return undefined;
  const signed = bytes.subarray(0, -MAC_BYTES);
  if (!timingSafeEqual(mac(key, signed), bytes.subarray(-MAC_BYTES))) return undefined;
  const decipher = createDecipheriv('aes-128-cbc', key.subarray(16), signed.subarray(9, HEADER_BYTES));
  return Buffer.concat([decipher.update(signed.subarray(HEADER_BYTES)), decipher.final()]).toString('utf8');
}

const mac = (key: Buffer, signed: Buffer) => createHmac('sha256', key.subarray(0, 16)).update(signed).digest();

/** The url-safe alphabet with its padding, which Python's reader asks for. */
const base64 = (bytes: Buffer) => bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
