/** A listener of the server's events, as a script would be one: fetch, and the format of server-sent events read by hand. */

export interface Told {
  readonly event: string;
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what the server sends
  readonly data: any;
}

export interface Listener {
  readonly status: number;
  readonly headers: Headers;
  /** Of an answer that is no stream. */
  readonly text: string;
  /** Everything told so far; `lastId` also counts beats. */
  readonly told: readonly Told[];
  readonly lastId: string;
  /** Resolves with the first message that fits, those told before included. */
  until(fits: (told: Told) => boolean): Promise<Told>;
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
  close(): void;
}

const PATIENCE = 10_000;

export async function listen(url: string, query = '', headers: Record<string, string> = {}): Promise<Listener> {
  const controller = new AbortController();
  const answer = await fetch(`${url}/api/2.0/mltrack/events${query}`, { headers, signal: controller.signal });
  const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  const told: Told[] = [];
  const waiting = new Set<() => void>();
  let lastId = '';
  const take = (block: string) => {
    const fields = block
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]);
    const of = (name: string) => fields.find(([field]) => field === name)?.[1];
    lastId = of('id') ?? lastId;
    const data = of('data');
    if (data === undefined) return;
    told.push({ event: of('event') ?? 'message', id: lastId, data: JSON.parse(data) });
    for (const look of waiting) look();
  };
  async function read(): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(piece, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      blocks.forEach(take);
    }
  }
  const ended = isStream ? read().catch(() => {}) : Promise.resolve();
  return {
    status: answer.status,
    headers: answer.headers,
    text: isStream ? '' : await answer.text(),
    told,
    get lastId() {
      return lastId;
    },
    until: (fits) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = told.find(fits);
          if (!found) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(found);
        };
        const timer = setTimeout(() => reject(new Error(`Nothing of it was told: ${JSON.stringify(told)}`)), PATIENCE);
        waiting.add(look);
        look();
      }),
    ended,
    close: () => controller.abort(),
  };
}

/** Whether a message tells of this run. */
export const tellsOf =
  (run_id: string, change?: string) =>
  ({ event, data }: Told): boolean =>
    event === 'runs' &&
    data.runs.some(
      (run: { run_id: string; change: string }) => run.run_id === run_id && (!change || run.change === change),
    );
