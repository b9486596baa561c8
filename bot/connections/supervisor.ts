// Keeps one app's long connection open for as long as the bot runs. What it tells comes from traffic, not from intent.
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectionRejectedError, type Protocol, type Timing } from '../domain/connection.ts';
import { describeError } from '../telemetry/describe-error.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createConnectionLog } from './connection-log.ts';
import type { ConnectionFacts } from './facts.ts';
import type { Leaving, Link, LinkOptions } from './link.ts';

export type Change = 'opened' | 'failed' | 'closed' | 'frame';

export interface SupervisorOptions {
  protocol: Pick<Protocol, 'platform' | 'appId'>;
  /** Asks for an address and opens one connection to it. */
  open(events: Pick<LinkOptions, 'signal' | 'onFrame' | 'onUnreadable' | 'onClosed'>): Promise<Link>;
  timing: Timing;
  clock: () => number;
  log: Logger;
  /** Called when a connection was opened, failed or closed, and with every frame. */
  onChange(change: Change): void;
}

export interface Supervisor {
  start(): void;
  /** Something was kept for good. */
  noteEvent(): void;
  facts(): ConnectionFacts;
  /** Acknowledges what is under way and closes. No timer is left. */
  stop(): Promise<void>;
}

type Outcome = 'announced' | 'lost' | 'flapped' | 'failed' | 'refused';

export function createSupervisor({ protocol, open, timing, clock, log, onChange }: SupervisorOptions): Supervisor {
  const { platform, appId } = protocol;
  const told = createConnectionLog(log, protocol);
  const stopping = new AbortController();
  const times = { opened: 0, down: clock(), frame: 0, event: 0 };
  const counts = { opens: 0, failures: 0, flaps: 0 };
  let current: Link | undefined;
  let retiring: Promise<void> | undefined;
  let lastError: string | null = null;
  let life: Promise<void> | undefined;

  async function live(): Promise<void> {
    let inARow = 0;
    while (!stopping.signal.aborted) {
      const outcome = await once(inARow + 1);
      inARow = outcome === 'announced' || outcome === 'lost' ? 0 : inARow + 1;
      if (outcome !== 'announced') await pause(waitAfter(outcome, inARow, timing));
    }
  }

  /** One connection, from the attempt to open it to the moment another one is needed. */
  async function once(attempt: number): Promise<Outcome> {
    const link = await open(events).catch((error: unknown) => {
      if (!stopping.signal.aborted) noteFailure(error, attempt);
      return error instanceof ConnectionRejectedError && error.lasting ? 'refused' : 'failed';
    });
    if (typeof link === 'string') return link;
    adopt(link, attempt);
    if (stopping.signal.aborted) await link.close();
    const leaving = await link.left;
    const livedMs = clock() - times.opened;
    noteLeaving(leaving, livedMs);
    if (stopping.signal.aborted) return 'lost';
    if (livedMs >= timing.stableMs) return leaving.reason === 'announced' ? 'announced' : 'lost';
    counts.flaps += 1;
    return 'flapped';
  }

  /** The connection before this one goes only now: whatever it still delivered was taken. */
  function adopt(link: Link, attempt: number): void {
    retiring = current?.close();
    current = link;
    times.opened = clock();
    times.down = 0;
    counts.opens += 1;
    onChange('opened');
    told.opened(attempt);
  }

  function noteFailure(error: unknown, attempt: number): void {
    const { 'error.message': message } = describeError(error);
    fail(error instanceof ConnectionRejectedError ? `${message} (${error.code})` : message);
    told.failed(error, attempt);
  }

  function noteLeaving({ reason, code }: Leaving, livedMs: number): void {
    const isStopping = stopping.signal.aborted;
    if (reason === 'silent') fail('a ping was not answered');
    if (reason === 'closed' && !isStopping) fail(`closed by the other side (${code})`);
    told.ended({ reason: isStopping ? 'stopped' : reason, code, livedMs });
  }

  function fail(words: string): void {
    counts.failures += 1;
    lastError = words;
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

  const events = { signal: stopping.signal, onFrame, onClosed, onUnreadable: told.unreadable };
  const pause = (ms: number) => sleep(ms, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);

  return {
    start() {
      life ??= live();
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
      await Promise.all([life, current?.close(), retiring]);
    },
  };
}

const iso = (time: number): string | null => (time === 0 ? null : new Date(time).toISOString());

/** Doubles with every failure in a row, with jitter, so that many bots do not come back in the same moment. */
function waitAfter(outcome: Outcome, inARow: number, timing: Timing): number {
  if (outcome === 'refused') return timing.refusedWaitMs;
  const { firstWaitMs, longestWaitMs } = timing;
  const most = Math.min(longestWaitMs, firstWaitMs * 2 ** inARow);
  return firstWaitMs + Math.random() * (most - firstWaitMs);
}
