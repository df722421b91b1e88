/**
 * The parent of a serving process: starts it again when it dies, passes signals on and ends with it. It loads nothing of
 * mltrack, so that it costs as little as a Node process can.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What the serving process says once it answers: the port, which another process then takes. */
export interface ServingMessage {
  readonly port: number;
}

/** What a request leaves behind is garbage soon: a larger half space, in MB, is only filled before it is looked at. */
const NURSERY = '--max-semi-space-size=2';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Runs this command line in a child of another program until the child ends in order, is told to end, or does not start. */
export function supervise(program: URL): void {
  let child: ChildProcess;
  let port: number | undefined;
  let stopping = false;

  const start = () => {
    let answers = false;
    // As with MLflow's flags the last port wins. In a group of its own, a Ctrl-C reaches the child once: from here.
    const again = port === undefined ? [] : ['--port', String(port)];
    child = spawn(
      process.execPath,
      [NURSERY, ...process.execArgv, fileURLToPath(program), ...process.argv.slice(2), ...again],
      {
        stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
        env: { ...process.env, MLTRACK_SUPERVISED: '0' },
        detached: true,
      },
    );
    child.on('message', (message: ServingMessage) => {
      answers = true;
      port = message.port;
    });
    child.once('exit', (code, signal) => {
      if (stopping) process.exit(code ?? 0);
      if (code === 0 || !answers) process.exit(code ?? 1);
      console.error(`mltrack: the serving process ended (${signal ?? `code ${code}`}), starting another`);
      start();
    });
  };

  for (const signal of SIGNALS) {
    process.on(signal, () => {
      stopping = true;
      child.kill(signal);
    });
  }
  start();
}
