/** A way to a server on which the answer to the first request below a path is lost after the server has acted. */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LosingAnswers {
  readonly url: string;
  /** Requests below the path that have come so far. */
  lost(): number;
  close(): void;
}

export async function losingAnswers(server: string, path: string): Promise<LosingAnswers> {
  let lost = 0;
  const proxy = createServer((incoming, answer) => {
    const { method, url = '', headers } = incoming;
    const { host: _, ...others } = headers;
    const onward = request(server + url, { method, headers: others }, (response) => {
      if (url.includes(path) && lost++ === 0) {
        response.resume().once('end', () => incoming.socket.destroy());
        return;
      }
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    lost: () => lost,
    close: () => {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}
