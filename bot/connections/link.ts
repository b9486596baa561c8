// One WebSocket: opened within a bound, kept alive by pings that must be answered, closed after its last acknowledgement.
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import type { Place, Timing, Wire } from '../domain/connection.ts';
import type { Agents } from '../http-client/agents.ts';
import { handshake } from './handshake.ts';
import { createHeartbeat } from './heartbeat.ts';

/** `announced`: the platform is about to close it. `silent`: a ping was not answered. `closed`: it is gone. */
export interface Leaving {
  reason: 'announced' | 'silent' | 'closed';
  /** Status of the close frame; 1006 is a connection that broke. */
  code?: number;
}

export interface Link {
  /** Resolves once, when another connection is needed. */
  left: Promise<Leaving>;
  isOpen(): boolean;
  /** Takes nothing more, acknowledges what is under way, closes. */
  close(): Promise<void>;
}

export interface LinkOptions {
  place: Place;
  agents: Agents;
  timing: Timing;
  /** Gives the opening up. */
  signal: AbortSignal;
  take: Wire['take'];
  /** Anything came, also the answer to a ping. */
  onFrame(): void;
  onUnreadable(error: unknown): void;
  onClosed(): void;
}

/** Both platforms send at most 150 KB in one frame. */
const MAX_FRAME_BYTES = 1024 * 1024;

/** Rejects with `ConnectionRejectedError` or the error of the system. */
export async function openLink(options: LinkOptions): Promise<Link> {
  const { place, agents, timing, signal } = options;
  signal.throwIfAborted();
  // Proxies are named for the schemes of HTTP.
  const { agent } = agents.for(new URL(place.url.replace(/^ws/, 'http')));
  const socket = new WebSocket(place.url, { agent, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
  // Listens before the connection stands: a frame may come with the answer to the handshake.
  const link = createLink(socket, options);
  await handshake(socket, timing.openMs, signal);
  return link;
}

function createLink(socket: WebSocket, options: LinkOptions): Link {
  const { timing, onFrame, onUnreadable } = options;
  const underWay = new Set<Promise<void>>();
  const { promise: left, resolve: resolveLeft } = withResolvers<Leaving>();
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  let closing = false;
  const leave = (leaving: Leaving) => {
    resolveLeft(leaving);
    if (leaving.reason === 'silent') socket.terminate();
  };
  const talk = options.place.talk({
    send: (data) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(data);
    },
    ping: () => socket.ping(),
    leave: (reason) => leave({ reason }),
    take: options.take,
  });
  const heartbeat = createHeartbeat({ ...talk, pongMs: timing.pongMs, onSilence: () => leave({ reason: 'silent' }) });
  const heard = () => {
    heartbeat.heard();
    onFrame();
  };
  socket.on('open', heartbeat.start);
  socket.on('pong', heard);
  socket.on('message', (data) => {
    heard();
    if (closing) return;
    const work = talk
      .receive(data as Buffer) // `ws` hands over Buffers unless told otherwise
      .catch(onUnreadable)
      .finally(() => underWay.delete(work));
    underWay.add(work);
  });
  // `close` follows and says the same; without a listener the error would end the process.
  socket.on('error', () => undefined);
  socket.on('close', (code) => {
    heartbeat.stop();
    leave({ reason: 'closed', code });
    options.onClosed();
  });
  return {
    left,
    isOpen: () => socket.readyState === WebSocket.OPEN,
    async close() {
      closing = true;
      await within(timing.drainMs, Promise.allSettled(underWay));
      socket.close(1000);
      await within(CLOSE_MS, closed);
      socket.terminate();
    },
  };
}

const CLOSE_MS = 1_000;

/** Waits for `work`, at most this long; leaves no timer behind. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const enough = new AbortController();
  await Promise.race([work, sleep(ms, undefined, { signal: enough.signal }).catch(() => undefined)]);
  enough.abort();
}

/** As `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((given) => {
    resolve = given;
  });
  return { promise, resolve };
}
