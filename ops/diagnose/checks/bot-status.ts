// Reads the bot's `/status` and parses the parts that the diagnosis uses.
import { z } from 'zod';
import type { Settings } from '../../../bot/config/settings.ts';
import { organisationsSchema } from '../../status/organisations.ts';
import type { CheckContext } from '../engine/check.ts';

const queue = { oldestAgeSeconds: z.number() };

const botStatusSchema = z.object({
  service: z.object({ name: z.string(), version: z.string(), pid: z.int(), startedAt: z.string() }),
  readiness: z.object({
    status: z.string(),
    conditions: z.array(z.object({ id: z.string(), level: z.string(), ok: z.boolean(), detail: z.string() })),
  }),
  platforms: z.record(z.string(), z.object({ botIdProblems: z.record(z.string(), z.string()).default({}) })),
  organisations: organisationsSchema,
  connections: z.array(
    z.object({
      platform: z.string(),
      appId: z.string(),
      up: z.boolean(),
      connectedSince: z.string().nullable(),
      downSince: z.string().nullable(),
      flaps: z.number(),
      lastError: z.string().nullable(),
    }),
  ),
  /** Null while the bot cannot read its database. */
  queues: z
    .object({
      inbox: z.object({ depth: z.number(), ...queue }),
      outbox: z.object({ pending: z.number(), sending: z.number(), unknown: z.number(), dead: z.number(), ...queue }),
    })
    .nullable(),
});

export type BotStatus = z.infer<typeof botStatusSchema>;

/** Returns an address to connect to. A server that listens on all addresses is reachable on the loopback address. */
export function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/** Returns the origin of a server on this machine, such as `http://127.0.0.1:3000`. */
export function originOf(host: string, port: number): string {
  const name = reachable(host);
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/**
 * Returns the status that the bot reports, or undefined if another program answers on the port. Waits at most 2 s.
 *
 * @throws `HttpClientError` if nothing answers.
 */
export async function fetchStatus({ local, signal, cfg }: CheckContext): Promise<BotStatus | undefined> {
  const response = await local.request({ url: statusUrl(cfg), timeoutMs: 2000, signal });
  const parsed = botStatusSchema.safeParse(response.json);
  return response.status === 200 && parsed.success && parsed.data.service.name === cfg.SERVICE_NAME
    ? parsed.data
    : undefined;
}

function statusUrl(cfg: Settings): string {
  return `${originOf(cfg.ADMIN_HOST, cfg.ADMIN_PORT)}/status`;
}
