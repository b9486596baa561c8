// Formats the states of the bot's long connections, and waits until they are known.
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { getJson } from '../process/get-json.ts';

/** Schema of `connections` in `/status`. */
export const connectionsSchema = z.array(
  z.object({
    platform: z.string(),
    appId: z.string(),
    up: z.boolean(),
    connectedSince: z.string().nullable(),
    lastError: z.string().nullable(),
  }),
);
export type ConnectionStatus = z.infer<typeof connectionsSchema>[number];

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
