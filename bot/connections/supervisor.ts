// Keeps one app's long connection open while the bot runs. Its state comes from the traffic, not from the intent.
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectionRejectedError, type Protocol, type Timing } from '../domain/connection.ts';
import { describeError } from '../telemetry/describe-error.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createConnectionLog } from './connection-log.ts';
import type { ConnectionFacts } from './facts.ts';
import type { Link, LinkEnd, LinkOptions } from './link.ts';

export type Change = 'opened' | 'failed' | 'closed' | 'frame';

export interface SupervisorOptions {
  protocol: Pick<Protocol, 'platform' | 'appId'>;
  /** Requests an endpoint and opens one connection to it. */
  open(events: Pick<LinkOptions, 'signal' | 'onFrame' | 'onUnreadable' | 'onClosed'>): Promise<Link>;
  timing: Timing;
  clock: () => number;
  log: Logger;
  /** Called after a connection was opened, failed or was closed, and for each frame. */
  onChange(change: Change): void;
}

export interface Supervisor {
  start(): void;
  /** Records that an event was stored durably. */
  noteEvent(): void;
  facts(): ConnectionFacts;
  /** Acknowledges the frames in progress and closes the connection. Leaves no timer behind. */
  stop(): Promise<void>;
}

type Outcome = 'announced' | 'lost' | 'flapped' | 'failed' | 'rejected';

export function createSupervisor({ protocol, open, timing, clock, log, onChange }: SupervisorOptions): Supervisor {
  const { platform, appId } = protocol;
  const connectionLog = createConnectionLog(log, protocol);
  const stopping = new AbortController();
  const times = { opened: 0, down: clock(), frame: 0, event: 0 };
  const counts = { opens: 0, failures: 0, flaps: 0 };
  let current: Link | undefined;
  let retiring: Promise<void> | undefined;
  let lastError: string | null = null;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    let inARow = 0;
    while (!stopping.signal.aborted) {
      const outcome = await runOnce(inARow + 1);
      inARow = outcome === 'announced' || outcome === 'lost' ? 0 : inARow + 1;
      if (outcome !== 'announced') await pause(delayAfter(outcome, inARow, timing));
    }
  }

  /** Runs one connection from the attempt to open it until another one is needed. */
  async function runOnce(attempt: number): Promise<Outcome> {
    const link = await open(events).catch((error: unknown) => {
      if (!stopping.signal.aborted) recordFailure(error, attempt);
      return error instanceof ConnectionRejectedError && error.lasting ? 'rejected' : 'failed';
    });
    if (typeof link === 'string') return link;
    replaceCurrent(link, attempt);
    if (stopping.signal.aborted) await link.close();
    const end = await link.ended;
    const livedMs = clock() - times.opened;
    recordEnd(end, livedMs);
    if (stopping.signal.aborted) return 'lost';
    if (livedMs >= timing.stableMs) return end.reason === 'announced' ? 'announced' : 'lost';
    counts.flaps += 1;
    return 'flapped';
  }

  /** Closes the previous connection only after the new one is open, so that events of both are accepted. */
  function replaceCurrent(link: Link, attempt: number): void {
    retiring = current?.close();
    current = link;
    times.opened = clock();
    times.down = 0;
    counts.opens += 1;
    onChange('opened');
    connectionLog.opened(attempt);
  }

  function recordFailure(error: unknown, attempt: number): void {
    const { 'error.message': message } = describeError(error);
    fail(error instanceof ConnectionRejectedError ? `${message} (${error.code})` : message);
    connectionLog.failed(error, attempt);
  }

  function recordEnd({ reason, code }: LinkEnd, livedMs: number): void {
    const isStopping = stopping.signal.aborted;
    if (reason === 'silent') fail('a ping was not answered');
    if (reason === 'closed' && !isStopping) fail(`closed by the other side (${code})`);
    connectionLog.ended({ reason: isStopping ? 'stopped' : reason, code, livedMs });
  }

  function fail(message: string): void {
    counts.failures += 1;
    lastError = message;
    onChange('failed');
  }

  function onFrame(): void {
    times.frame = clock();
    onChange('frame');
  }

  function onClosed(): void {
    if (times.down !== 0 || current?.isOpen()) return;
    times.down = clock();
    onChange('closed');
  }

  const events = { signal: stopping.signal, onFrame, onClosed, onUnreadable: connectionLog.unreadable };
  const pause = (ms: number) => sleep(ms, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);

  return {
    start() {
      running ??= run();
    },
    noteEvent() {
      times.event = clock();
    },
    facts() {
      const up = current?.isOpen() ?? false;
      return {
        platform,
        appId,
        up,
        connectedSince: up ? iso(times.opened) : null,
        downSince: up ? null : iso(times.down),
        lastFrameAt: iso(times.frame),
        lastEventAt: iso(times.event),
        restarts: Math.max(0, counts.opens - 1),
        failures: counts.failures,
        flaps: counts.flaps,
        lastError,
      };
    },
    async stop() {
      stopping.abort();
      await Promise.all([running, current?.close(), retiring]);
    },
  };
}

const iso = (time: number): string | null => (time === 0 ? null : new Date(time).toISOString());

/** Returns the back-off: doubled with each consecutive failure, with jitter, so that bots do not reconnect at once. */
function delayAfter(outcome: Outcome, inARow: number, timing: Timing): number {
  if (outcome === 'rejected') return timing.rejectedWaitMs;
  const { firstWaitMs, longestWaitMs } = timing;
  const most = Math.min(longestWaitMs, firstWaitMs * 2 ** inARow);
  return firstWaitMs + Math.random() * (most - firstWaitMs);
}
