// Sends requests at their due times, whatever the answers do: a late answer delays nobody else's question.

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

/** Sends `requests` evenly at `perSecond`, and resolves when all are answered. */
export async function sendEvenly(port: number, requests: readonly Buffer[], perSecond: number): Promise<Sent[]> {
  const idle: Connection[] = [];
  const start = performance.now();
  const dueAt = (i: number) => start + (i * 1000) / perSecond;

  async function send(request: Buffer, due: number): Promise<Sent> {
    const lateMs = performance.now() - due;
    const connection = idle.pop() ?? openConnection(port);
    try {
      const reply = await connection.exchange(request);
      idle.push(connection);
      return { ackMs: performance.now() - due, lateMs, reply };
    } catch {
      return { ackMs: performance.now() - due, lateMs, reply: undefined };
    }
  }

  const sent: Promise<Sent>[] = [];
  for (const [i, request] of requests.entries()) {
    while (performance.now() < dueAt(i)) await sleep(1);
    sent.push(send(request, dueAt(i)));
  }
  const results = await Promise.all(sent);
  for (const connection of idle) connection.close();
  return results;
}

/** Median, 99th percentile and maximum, rounded to 0.1. */
export function spread(numbers: number[]): { p50: number; p99: number; max: number } {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (q: number) =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0) * 10) / 10;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
