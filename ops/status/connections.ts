// The bot's long connections in words.
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { getJson } from '../process/get-json.ts';

/** Of `/status`. */
export const connectionsSchema = z.array(
  z.object({
    platform: z.string(),
    appId: z.string(),
    up: z.boolean(),
    connectedSince: z.string().nullable(),
    lastError: z.string().nullable(),
  }),
);
export type Connection = z.infer<typeof connectionsSchema>[number];

export function describeConnection({ up, connectedSince, lastError }: Connection): string {
  if (up) return `open since ${connectedSince?.slice(0, 19).replace('T', ' ')} UTC`;
  return `NOT open: ${lastError ?? 'not yet answered'}`;
}

const STATUS_TIMEOUT_MS = 2_000;

/** Waits for a moment until each stands or has failed: a bot that is ready has only begun to open them. */
export async function settledConnections(statusUrl: string, waitMs: number): Promise<Connection[]> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const answer = await getJson(statusUrl, STATUS_TIMEOUT_MS);
    const found = z.object({ connections: connectionsSchema }).safeParse(answer?.body).data?.connections ?? [];
    const isSettled = found.length > 0 && found.every(({ up, lastError }) => up || lastError !== null);
    if (isSettled || Date.now() > deadline) return found;
    await sleep(100);
  }
}
