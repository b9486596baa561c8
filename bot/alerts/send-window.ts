// Limits the rate of alerts to one group robot, in this process.
import type { Rate } from '../domain/delivery.ts';

/**
 * Reserves the next free time for an alert, and returns the delay in milliseconds. If the delay exceeds `maxWaitMs`,
 * reserves nothing and returns undefined. Enforces the exact limit in each window, unlike a token bucket, because
 * DingTalk blocks a robot for 10 minutes after one message too many:
 * https://open.dingtalk.com/document/robots/custom-robot-access (read 2026-11).
 */
export type SendWindow = (maxWaitMs: number) => number | undefined;

/**
 * Creates a send window that enforces all `rates`. `clock` is monotonic, in milliseconds: after a step back of another
 * clock, reserved times would be hours ahead.
 */
export function createSendWindow(rates: readonly Rate[], clock: () => number = () => performance.now()): SendWindow {
  const reserved: number[] = [];
  const maxKept = Math.max(...rates.map(({ messages }) => messages));
  return (maxWaitMs) => {
    const now = clock();
    const time = Math.max(now, ...rates.map(({ messages, perMs }) => (reserved.at(-messages) ?? -perMs) + perMs));
    if (time - now > maxWaitMs) return undefined;
    reserved.push(time);
    if (reserved.length > maxKept) reserved.shift();
    return time - now;
  };
}
