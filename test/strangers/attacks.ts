// What strangers do, in a loop until they are stopped. All of it goes to the loopback, with a fixed number of sockets.
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Door, dial } from './door.ts';

export interface Attack {
  title: string;
  /** Connections at the same time. */
  connections: number;
  /** Called with each new connection. */
  act(socket: Socket): void;
}

export const MEGABYTE = 1_000_000;

/** Headers as a platform sends them, and a signature of the right shape. */
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
    title: 'half headers of 8 kB',
    connections,
    act: (socket) => socket.write(`POST /feishu/event HTTP/1.1\r\nhost: localhost\r\nx-long: ${'x'.repeat(8_000)}`),
  }),

  /** 1 MB of a body that is announced one byte longer. */
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

  /** As many objects in the memory as bytes on the wire. */
  chunksOfOneByte: (connections: number): Attack => ({
    title: 'bodies in chunks of one byte',
    connections,
    act(socket) {
      socket.write(head({ 'transfer-encoding': 'chunked' }));
      socket.write('1\r\n[\r\n'.repeat(100_000));
    },
  }),

  wholeBodies: (connections: number, options: { signed: boolean }): Attack => ({
    title: `whole bodies of 1 MB of brackets${options.signed ? ' behind a forged signature' : ', unsigned'}`,
    connections,
    act(socket) {
      socket.write(head({ 'content-length': String(MEGABYTE) }, options));
      socket.write(brackets);
    },
  }),

  drips: (connections: number): Attack => ({
    title: 'bodies that come byte by byte',
    connections,
    act(socket) {
      socket.write(head({ 'content-length': '500000' }));
      const drip = setInterval(() => socket.write('['), 200);
      socket.once('close', () => clearInterval(drip));
    },
  }),
};

export type AttackName = keyof typeof attacks;

/** Most connections at a time, and opened in all. */
export interface Counts {
  mostOpen: number;
  opened: number;
}

/** Handshakes under way at the same time. */
const DIALS_AT_ONCE = 50;
/** Before a connection that was closed is opened again. */
const PAUSE_MS = 300;

/** Keeps the connections up until the process ends: one that is closed is opened again. */
export function start(door: Door, { connections, act }: Attack): { counts(): Counts } {
  const counts = { mostOpen: 0, opened: 0 };
  let open = 0;

  async function keepOne(delayMs: number): Promise<never> {
    await sleep(delayMs);
    for (;;) {
      const socket = await dial(door);
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
