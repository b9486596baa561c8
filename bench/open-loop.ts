// Sends requests at fixed times, independent of earlier responses. A late response delays further requests only if all
// connections are busy.

import { setTimeout as sleep } from 'node:timers/promises';
import { type LoadConnection, type LoadReply, openConnection } from './http-load.ts';

/** Result of one request. Durations in milliseconds. */
export interface SentRequest {
  /** Time from the due time to the complete response. The delay of the sender is included. */
  ackMs: number;
  /** Delay of the sender after the due time. */
  lateMs: number;
  /** Undefined if no complete response arrived. */
  reply: LoadReply | undefined;
}

export interface LoadPace {
  /** Requests per second. */
  perSecond: number;
  /** Maximum number of concurrent connections, each with one request at a time. */
  connections: number;
}

/** Sends `requests` at a constant rate. Resolves when all have a response or failed. */
export async function sendEvenly(port: number, requests: readonly Buffer[], pace: LoadPace): Promise<SentRequest[]> {
  const pool = createPool(port, pace.connections);
  const start = performance.now();
  const dueAt = (i: number) => start + (i * 1000) / pace.perSecond;

  async function send(request: Buffer, due: number): Promise<SentRequest> {
    const connection = await pool.acquire();
    const lateMs = performance.now() - due;
    try {
      const reply = await connection.exchange(request);
      pool.release(connection);
      return { ackMs: performance.now() - due, lateMs, reply };
    } catch {
      pool.drop();
      return { ackMs: performance.now() - due, lateMs, reply: undefined };
    }
  }

  const sent: Promise<SentRequest>[] = [];
  for (const [i, request] of requests.entries()) {
    while (performance.now() < dueAt(i)) await sleep(1);
    sent.push(send(request, dueAt(i)));
  }
  const results = await Promise.all(sent);
  pool.close();
  return results;
}

/** Creates a pool of keep-alive connections. If all of them are busy, requests wait in a queue. */
function createPool(port: number, max: number) {
  const idle: LoadConnection[] = [];
  const waiting: ((connection: LoadConnection) => void)[] = [];
  let open = 0;
  const handOver = (connection: LoadConnection) => {
    const next = waiting.shift();
    if (next) next(connection);
    else idle.push(connection);
  };
  const openOne = () => {
    open += 1;
    return openConnection(port);
  };
  return {
    acquire(): Promise<LoadConnection> | LoadConnection {
      const found = idle.pop() ?? (open < max ? openOne() : undefined);
      return found ?? new Promise((resolve) => waiting.push(resolve));
    },
    release: handOver,
    /** Replaces a broken connection if a request waits. */
    drop(): void {
      open -= 1;
      if (waiting.length > 0) handOver(openOne());
    },
    close(): void {
      for (const connection of idle) connection.close();
    },
  };
}

/** Returns median, 99th percentile and maximum, rounded to 0.1. */
export function spread(numbers: number[]): { p50: number; p99: number; max: number } {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (q: number) =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0) * 10) / 10;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
