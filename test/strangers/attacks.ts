// Attacks of unauthenticated clients over the loopback, in a loop with a fixed number of sockets.
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BotEndpoint, dial } from './dial.ts';

export interface Attack {
  title: string;
  /** Number of concurrent connections. */
  connections: number;
  /** Called with each new connection. */
  act(socket: Socket): void;
}

export const MEGABYTE = 1_000_000;

/** Returns a request head as a platform sends it, with a forged signature of the right length. */
function head(headers: Record<string, string>, { signed = true } = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const all: Record<string, string> = {
    host: 'localhost',
    'content-type': 'application/json',
    ...(signed
      ? {
          'x-lark-request-timestamp': String(now),
          'x-lark-request-nonce': 'n',
          'x-lark-signature': 'f'.repeat(64),
        }
      : {}),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /feishu/event HTTP/1.1\r\n${lines.join('')}\r\n`;
}

const brackets = Buffer.alloc(MEGABYTE, '[');

export const attacks = {
  idle: (connections: number): Attack => ({ title: 'idle connections', connections, act: () => undefined }),

  halfHeaders: (connections: number): Attack => ({
    title: 'incomplete headers of 8 kB',
    connections,
    act: (socket) => socket.write(`POST /feishu/event HTTP/1.1\r\nhost: localhost\r\nx-long: ${'x'.repeat(8_000)}`),
  }),

  /** Sends 1 MB of a body whose `content-length` is one byte longer. */
  unfinished: (connections: number, options: { signed: boolean } = { signed: true }): Attack => ({
    title: `unfinished bodies of 1 MB${options.signed ? ' behind a forged signature' : ''}`,
    connections,
    act(socket) {
      socket.write(head({ 'content-length': String(MEGABYTE + 1) }, options));
      socket.write(brackets);
    },
  }),

  unfinishedChunks: (connections: number, options: { signed: boolean } = { signed: true }): Attack => ({
    title: `unfinished bodies of 1 MB in chunks${options.signed ? ' behind a forged signature' : ''}`,
    connections,
    act(socket) {
      socket.write(head({ 'transfer-encoding': 'chunked' }, options));
      socket.write(`${MEGABYTE.toString(16)}\r\n`);
      socket.write(brackets);
    },
  }),

  /** Creates as many objects in memory as bytes on the wire. */
  chunksOfOneByte: (connections: number): Attack => ({
    title: 'bodies in chunks of one byte',
    connections,
    act(socket) {
      socket.write(head({ 'transfer-encoding': 'chunked' }));
      socket.write('1\r\n[\r\n'.repeat(100_000));
    },
  }),

  wholeBodies: (connections: number, options: { signed: boolean }): Attack => ({
    title: `complete bodies of 1 MB of brackets${options.signed ? ' behind a forged signature' : ', unsigned'}`,
    connections,
    act(socket) {
      socket.write(head({ 'content-length': String(MEGABYTE) }, options));
      socket.write(brackets);
    },
  }),

  drips: (connections: number): Attack => ({
    title: 'bodies that arrive byte by byte',
    connections,
    act(socket) {
      socket.write(head({ 'content-length': '500000' }));
      const drip = setInterval(() => socket.write('['), 200);
      socket.once('close', () => clearInterval(drip));
    },
  }),
};

export type AttackName = keyof typeof attacks;

/** Maximum of concurrent connections, and total of opened ones. */
export interface Counts {
  mostOpen: number;
  opened: number;
}

/** Concurrent handshakes. */
const DIALS_AT_ONCE = 50;
/** Delay before a closed connection is reopened. */
const PAUSE_MS = 300;

/** Keeps the connections open until the process ends, and reopens closed ones. */
export function start(endpoint: BotEndpoint, { connections, act }: Attack): { counts(): Counts } {
  const counts = { mostOpen: 0, opened: 0 };
  let open = 0;

  async function keepOne(delayMs: number): Promise<never> {
    await sleep(delayMs);
    for (;;) {
      const socket = await dial(endpoint);
      if (socket) {
        open += 1;
        counts.opened += 1;
        counts.mostOpen = Math.max(counts.mostOpen, open);
        socket.resume();
        act(socket);
        if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
        open -= 1;
      }
      await sleep(PAUSE_MS);
    }
  }

  for (let i = 0; i < connections; i++) void keepOne(Math.floor(i / DIALS_AT_ONCE) * 20);
  return { counts: () => counts };
}
