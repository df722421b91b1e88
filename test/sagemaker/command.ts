/** `mltrack sagemaker` in a test account: run to a good end, to a refusal, or until it is interrupted. */
import { spawn } from 'node:child_process';
import { expect } from 'vitest';
import { type Finished, finished } from '../harness/finished.js';
import { CLI } from '../harness/server.js';
import { mltrack } from '../packager/model-server.js';

export interface Commands {
  sagemaker(...args: string[]): Promise<Finished>;
  /** The command's stdout; it must end well. */
  done(...args: string[]): Promise<string>;
  /** The command's stderr; it must fail, without a stack, and print no result. */
  refused(...args: string[]): Promise<string>;
  /** A command that can be sent signals. */
  started(...args: string[]): Started;
}

export interface Started {
  signal(name: NodeJS.Signals): void;
  /** Resolves once stderr has the text. */
  said(text: string): Promise<void>;
  readonly ended: Promise<Finished>;
}

export function commandsWith(env: () => Record<string, string>): Commands {
  const sagemaker = (...args: string[]) => mltrack(['sagemaker', ...args], env());
  return {
    sagemaker,
    async done(...args) {
      const { code, stdout, stderr } = await sagemaker(...args);
      if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`);
      return stdout;
    },
    async refused(...args) {
      const { code, stdout, stderr } = await sagemaker(...args);
      expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: '' });
      expect(stderr).not.toMatch(/^\s+at /m);
      return stderr;
    },
    started: (...args) => start(args, env()),
  };
}

function start(args: string[], env: Record<string, string>): Started {
  const child = spawn(process.execPath, [CLI, 'sagemaker', ...args], { env: { ...process.env, ...env } });
  let stderr = '';
  const readers = new Set<() => void>();
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    for (const read of readers) read();
  });
  const ended = finished(child);
  return {
    signal: (name) => child.kill(name),
    said: (text) =>
      new Promise((resolve, reject) => {
        const read = () => {
          if (stderr.includes(text)) resolve();
        };
        readers.add(read);
        read();
        ended.then(() => reject(new Error(`It ended without saying ${text}: ${stderr}`)));
      }),
    ended,
  };
}

/** What `--json` prints last. */
export const lastJson = (text: string) =>
  JSON.parse(text.trim().split('\n').at(-1) as string) as Record<string, string>;
