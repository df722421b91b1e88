/**
 * What `docker login` has stored for a registry: in `config.json` (`DOCKER_CONFIG`, else `~/.docker`) or with the credential
 * helper that it names. Formats: docker's `config/configfile` and github.com/docker/docker-credential-helpers.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { RegistryError } from './failure.js';

/** Name and password, or, where a registry gives it out, a token with which its token server knows the user. */
export type Credentials = { readonly username: string; readonly password: string } | { readonly identityToken: string };

interface DockerConfig {
  auths?: Record<string, { auth?: string; username?: string; password?: string; identitytoken?: string }>;
  credHelpers?: Record<string, string>;
  credsStore?: string;
}

/** Docker Hub's API is at one host, its users log in at another. */
const STORED_UNDER: Partial<Record<string, string>> = { 'registry-1.docker.io': 'https://index.docker.io/v1/' };

/** Undefined where none are stored. Throws a RegistryError that names the file or the helper when it cannot be used. */
export async function storedCredentials(host: string, signal?: AbortSignal): Promise<Credentials | undefined> {
  const file = join(process.env.DOCKER_CONFIG || join(homedir(), '.docker'), 'config.json');
  const config = await readConfig(file);
  const key = STORED_UNDER[host] ?? host;
  const helper = config.credHelpers?.[hostOf(key)] ?? config.credHelpers?.[key] ?? config.credsStore;
  const kept = helper ? await askHelper(helper, key, file, signal) : undefined;
  return kept ?? fromFile(config, key, file);
}

async function readConfig(file: string): Promise<DockerConfig> {
  let json: string;
  try {
    json = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new RegistryError(`Cannot read ${file}: ${(error as Error).message}`);
  }
  try {
    const config: unknown = JSON.parse(json);
    if (typeof config === 'object' && config !== null) return config;
  } catch {
    // Told below, as for JSON that is no object.
  }
  throw new RegistryError(`${file} is not what docker login writes: a JSON object was expected`);
}

/** Docker has stored hosts, and URLs with a path of its first protocol. */
const hostOf = (key: string) => key.replace(/^https?:\/\//, '').replace(/\/.*$/, '');

function fromFile({ auths = {} }: DockerConfig, key: string, file: string): Credentials | undefined {
  const entry = auths[key] ?? Object.entries(auths).find(([name]) => hostOf(name) === hostOf(key))?.[1];
  if (!entry) return undefined;
  if (entry.identitytoken) return { identityToken: entry.identitytoken };
  if (entry.auth) {
    const [, username, password] = /^([^:]+):(.*)$/s.exec(Buffer.from(entry.auth, 'base64').toString('utf8')) ?? [];
    if (username === undefined || password === undefined) {
      throw new RegistryError(`${file}: the auth of ${key} is not the base64 of user:password`);
    }
    return { username, password: password.replace(/\0+$/, '') };
  }
  return entry.username ? { username: entry.username, password: entry.password ?? '' } : undefined;
}

/** How helpers say that they have nothing: `errCredentialsNotFoundMessage` of docker-credential-helpers. */
const NOTHING = /credentials not found/i;

async function askHelper(name: string, key: string, file: string, signal?: AbortSignal) {
  const program = `docker-credential-${name}`;
  const fail = (why: string) => new RegistryError(`${file} names the credential helper ${program}, which ${why}`);
  if (!/^[\w.-]+$/.test(name)) throw fail('is no name of a program');
  const child = spawn(program, ['get'], { stdio: 'pipe', ...(signal && { signal }) });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(signal?.aborted ? signal.reason : fail(error.code === 'ENOENT' ? 'is not on PATH' : error.message));
    });
    child.once('close', resolve);
  });
  // A helper that reads nothing closes the pipe; what it then answers tells.
  child.stdin.on('error', () => {});
  child.stdin.end(key);
  const [code, answer, complaint] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (code !== 0) {
    const said = (answer.trim() || complaint.trim()).replace(/\s+/g, ' ');
    if (NOTHING.test(said)) return undefined;
    throw fail(`ended with ${code}: ${said}`);
  }
  return credentialsIn(answer, () => fail('answered no {"Username", "Secret"}'));
}

function credentialsIn(answer: string, wrong: () => Error): Credentials | undefined {
  let found: { Username?: unknown; Secret?: unknown };
  try {
    found = JSON.parse(answer);
  } catch {
    throw wrong();
  }
  const { Username: username, Secret: secret } = found;
  if (typeof username !== 'string' || typeof secret !== 'string') throw wrong();
  if (username === '<token>') return { identityToken: secret };
  return username === '' && secret === '' ? undefined : { username, password: secret };
}
