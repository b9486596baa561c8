// Opens one WebSocket with a timeout, checks it by pings, and closes it after its last acknowledgement.
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import type { ConnectionEndpoint, SessionTransport, Timing } from '../domain/connection.ts';
import type { Agents } from '../http-client/agents.ts';
import { handshake } from './handshake.ts';
import { createHeartbeat } from './heartbeat.ts';

/** Reason for replacing a link: its close is `announced`, a ping was not answered (`silent`), or it is `closed`. */
export interface LinkEnd {
  reason: 'announced' | 'silent' | 'closed';
  /** Status of the close frame; 1006 is a broken connection. */
  code?: number;
}

export interface Link {
  /** Resolves when another connection is needed. */
  ended: Promise<LinkEnd>;
  isOpen(): boolean;
  /** Stops accepting frames, acknowledges the frames in progress, then closes the socket. */
  close(): Promise<void>;
}

export interface LinkOptions {
  endpoint: ConnectionEndpoint;
  agents: Agents;
  timing: Timing;
  /** Aborts the handshake. */
  signal: AbortSignal;
  store: SessionTransport['store'];
  /** Called for each frame, pongs included. */
  onFrame(): void;
  onUnreadable(error: unknown): void;
  onClosed(): void;
}

/** Maximum size of a frame. Both platforms send at most 150 KB in one frame. */
const MAX_FRAME_BYTES = 1024 * 1024;

/** Opens a link. Rejects with `ConnectionRejectedError` or a system error. */
export async function openLink(options: LinkOptions): Promise<Link> {
  const { endpoint, agents, timing, signal } = options;
  signal.throwIfAborted();
  // Agents choose their proxy by the schemes of HTTP.
  const { agent } = agents.for(new URL(endpoint.url.replace(/^ws/, 'http')));
  const socket = new WebSocket(endpoint.url, { agent, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
  // Listeners must be added before the handshake ends, because its response can contain the first frame.
  const link = createLink(socket, options);
  await handshake(socket, timing.openMs, signal);
  return link;
}

function createLink(socket: WebSocket, options: LinkOptions): Link {
  const { timing, onFrame, onUnreadable } = options;
  const inProgress = new Set<Promise<void>>();
  const { promise: ended, resolve: resolveEnded } = withResolvers<LinkEnd>();
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  let closing = false;
  const end = (linkEnd: LinkEnd) => {
    resolveEnded(linkEnd);
    if (linkEnd.reason === 'silent') socket.terminate();
  };
  const session = options.endpoint.createSession({
    send: (data) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(data);
    },
    ping: () => socket.ping(),
    requestReplacement: (reason) => end({ reason }),
    store: options.store,
  });
  const heartbeat = createHeartbeat({ ...session, pongMs: timing.pongMs, onSilence: () => end({ reason: 'silent' }) });
  const noteFrame = () => {
    heartbeat.noteFrame();
    onFrame();
  };
  socket.on('open', heartbeat.start);
  socket.on('pong', noteFrame);
  socket.on('message', (data) => {
    noteFrame();
    if (closing) return;
    const work = session
      .receive(data as Buffer) // `ws` passes Buffers by default
      .catch(onUnreadable)
      .finally(() => inProgress.delete(work));
    inProgress.add(work);
  });
  // `close` follows and reports the end. Without this listener the error would end the process.
  socket.on('error', () => undefined);
  socket.on('close', (code) => {
    heartbeat.stop();
    end({ reason: 'closed', code });
    options.onClosed();
  });
  return {
    ended,
    isOpen: () => socket.readyState === WebSocket.OPEN,
    async close() {
      closing = true;
      await within(timing.drainMs, Promise.allSettled(inProgress));
      socket.close(1000);
      await within(CLOSE_MS, closed);
      socket.terminate();
    },
  };
}

const CLOSE_MS = 1_000;

/** Waits for `work` for at most `ms` milliseconds. Leaves no timer behind. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  await Promise.race([work, sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined)]);
  timer.abort();
}

/** Replaces `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((given) => {
    resolve = given;
  });
  return { promise, resolve };
}
