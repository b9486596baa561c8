// Formats the states of the bot's long connections, and waits until they are known.
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { statusSchema } from '../../bot/health/status-schema.ts';
import { getJson } from '../process/get-json.ts';

/** Schema of the shown members of `connections` in `/status`. */
export const connectionsSchema = z.array(
  statusSchema.shape.connections.element.pick({
    platform: true,
    appId: true,
    up: true,
    connectedSince: true,
    lastError: true,
  }),
);
export type ConnectionStatus = z.output<typeof connectionsSchema>[number];

export function describeConnection({ up, connectedSince, lastError }: ConnectionStatus): string {
  if (up) return `open since ${connectedSince?.slice(0, 19).replace('T', ' ')} UTC`;
  return `NOT open: ${lastError ?? 'no answer yet'}`;
}

const STATUS_TIMEOUT_MS = 2_000;

/**
 * Waits up to `waitMs` milliseconds until each connection is open or has failed, because a ready bot has only begun to
 * open them.
 */
export async function settledConnections(statusUrl: string, waitMs: number): Promise<ConnectionStatus[]> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const response = await getJson(statusUrl, STATUS_TIMEOUT_MS);
    const found = z.object({ connections: connectionsSchema }).safeParse(response?.body).data?.connections ?? [];
    const isSettled = found.length > 0 && found.every(({ up, lastError }) => up || lastError !== null);
    if (isSettled || Date.now() > deadline) return found;
    await sleep(100);
  }
}
