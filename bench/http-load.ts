// The cheapest HTTP client that still checks answers: ready-made requests over kept-alive sockets, so that on two cores the generator is not what is measured.

import { connect } from 'node:net';
import type { Callback } from '../ops/lab/common/deliver.ts';

/** One answer. */
export interface Reply {
  status: number;
  body: string;
}

/** One kept-alive connection; one request at a time. */
export interface Connection {
  /** Rejects when the connection ends before the whole answer is there. */
  exchange(request: Buffer): Promise<Reply>;
  close(): void;
}

/** The bytes of a callback on the wire. */
export function toRequest({ url, headers, body }: Callback): Buffer {
  const { host, pathname, search } = new URL(url);
  const all = { host, ...headers, 'content-length': String(body.length) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`), body]);
}

/** Connects to the loopback address. */
export function openConnection(port: number): Connection {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let received = '';
  let waiting: { resolve(reply: Reply): void; reject(error: Error): void } | undefined;
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    const reply = parseReply(received);
    if (!reply) return;
    received = '';
    waiting?.resolve(reply);
    waiting = undefined;
  });
  socket.on('error', () => undefined); // 'close' follows, and tells whoever waits
  socket.on('close', () => waiting?.reject(new Error('The connection ended without a whole answer.')));
  return {
    exchange: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

/** The answer once it is whole. Both servers state the length of every body. */
function parseReply(text: string): Reply | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const length = /^content-length: (\d+)/im.exec(text.slice(0, end))?.[1];
  if (length === undefined) throw new Error(`An answer without a length: ${text.slice(0, end)}`);
  const body = text.slice(end + 4);
  return body.length < Number(length) ? undefined : { status: Number(text.slice(9, 12)), body };
}

/** Sends all requests as fast as `connections` can carry them and resolves with the seconds it took. Any answer but 200 is an error. */
export async function sendAll(port: number, requests: readonly Buffer[], connections: number): Promise<number> {
  const pool = Array.from({ length: connections }, () => openConnection(port));
  const queue = requests.values();
  const start = performance.now();
  await Promise.all(
    pool.map(async (connection) => {
      for (const request of queue) {
        const { status, body } = await connection.exchange(request);
        if (status !== 200) throw new Error(`Answered ${status}: ${body.slice(0, 200)}`);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  for (const connection of pool) connection.close();
  return seconds;
}
