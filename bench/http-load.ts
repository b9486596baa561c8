// Minimal HTTP client for load: ready-made requests over keep-alive sockets, and a check of each response. It needs
// little CPU time, so that it is not the bottleneck on a machine with two cores.

import { connect } from 'node:net';
import type { Callback } from '../ops/lab/common/deliver.ts';

/** Response of the server. */
export interface LoadReply {
  status: number;
  body: string;
}

/** Keep-alive connection with one request at a time. */
export interface LoadConnection {
  /** Sends a request and resolves with the response. Rejects if the connection ends before the response is complete. */
  exchange(request: Buffer): Promise<LoadReply>;
  close(): void;
}

/** Returns the bytes of the HTTP request of a callback. */
export function toRequest({ url, headers, body }: Callback): Buffer {
  const { host, pathname, search } = new URL(url);
  const all = { host, ...headers, 'content-length': String(body.length) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`), body]);
}

/** Connects to a port of the loopback address. */
export function openConnection(port: number): LoadConnection {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let received = '';
  let waiting: { resolve(reply: LoadReply): void; reject(error: Error): void } | undefined;
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    const reply = parseReply(received);
    if (!reply) return;
    received = '';
    waiting?.resolve(reply);
    waiting = undefined;
  });
  socket.on('error', () => undefined); // 'close' follows and rejects the request
  socket.on('close', () => waiting?.reject(new Error('The connection ended before the response was complete.')));
  return {
    exchange: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

/** Returns the response if it is complete, otherwise undefined. Throws if it has no content-length. */
function parseReply(text: string): LoadReply | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const length = /^content-length: (\d+)/im.exec(text.slice(0, end))?.[1];
  if (length === undefined) throw new Error(`The response has no content-length: ${text.slice(0, end)}`);
  const body = text.slice(end + 4);
  return body.length < Number(length) ? undefined : { status: Number(text.slice(9, 12)), body };
}

/**
 * Sends all requests as fast as possible over this many connections. Resolves with the duration in seconds. Rejects if
 * a response has another status than 200.
 */
export async function sendAll(port: number, requests: readonly Buffer[], connections: number): Promise<number> {
  const pool = Array.from({ length: connections }, () => openConnection(port));
  const queue = requests.values();
  const start = performance.now();
  await Promise.all(
    pool.map(async (connection) => {
      for (const request of queue) {
        const { status, body } = await connection.exchange(request);
        if (status !== 200) throw new Error(`The server replied ${status}: ${body.slice(0, 200)}`);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  for (const connection of pool) connection.close();
  return seconds;
}
