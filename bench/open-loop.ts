// Sends requests at their due times, whatever the answers do: a late answer delays nobody else's question, unless all
// connections wait for one.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, openConnection, type Reply } from './http-load.ts';

/** One request and how it went. Milliseconds. */
export interface Sent {
  /** From the due time to the whole answer: what the sender itself was late counts too. */
  ackMs: number;
  /** How late it left. */
  lateMs: number;
  /** Undefined when no whole answer came. */
  reply: Reply | undefined;
}

export interface Pace {
  /** Requests a second. */
  perSecond: number;
  /** Most connections at the same time, each with one request under way. */
  connections: number;
}

/** Sends `requests` evenly and resolves when all are answered. */
export async function sendEvenly(port: number, requests: readonly Buffer[], pace: Pace): Promise<Sent[]> {
  const pool = createPool(port, pace.connections);
  const start = performance.now();
  const dueAt = (i: number) => start + (i * 1000) / pace.perSecond;

  async function send(request: Buffer, due: number): Promise<Sent> {
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

  const sent: Promise<Sent>[] = [];
  for (const [i, request] of requests.entries()) {
    while (performance.now() < dueAt(i)) await sleep(1);
    sent.push(send(request, dueAt(i)));
  }
  const results = await Promise.all(sent);
  pool.close();
  return results;
}

/** Kept-alive connections; whoever finds all of them busy waits in line. */
function createPool(port: number, most: number) {
  const idle: Connection[] = [];
  const waiting: ((connection: Connection) => void)[] = [];
  let open = 0;
  const hand = (connection: Connection) => {
    const next = waiting.shift();
    if (next) next(connection);
    else idle.push(connection);
  };
  const openOne = () => {
    open += 1;
    return openConnection(port);
  };
  return {
    acquire(): Promise<Connection> | Connection {
      const found = idle.pop() ?? (open < most ? openOne() : undefined);
      return found ?? new Promise((resolve) => waiting.push(resolve));
    },
    release: hand,
    /** Replaces a connection that broke. */
    drop(): void {
      open -= 1;
      if (waiting.length > 0) hand(openOne());
    },
    close(): void {
      for (const connection of idle) connection.close();
    },
  };
}

/** Median, 99th percentile and maximum, rounded to 0.1. */
export function spread(numbers: number[]): { p50: number; p99: number; max: number } {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (q: number) =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0) * 10) / 10;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
