// Reads the parts of the bot's `/status` that the diagnosis uses.
import { z } from 'zod';
import type { Settings } from '../../../bot/config/settings.ts';
import { statusSchema } from '../../../bot/health/status-schema.ts';
import { organisationsSchema } from '../../status/organisations.ts';
import type { CheckContext } from '../engine/check.ts';

const { service, readiness, platforms, connections, queues } = statusSchema.shape;
const { botIdProblems } = platforms.valueType.shape;

const botStatusSchema = z.object({
  service: service.pick({ name: true, version: true, pid: true, startedAt: true }),
  readiness,
  /** An older bot does not report `botIdProblems`. */
  platforms: z.record(z.string(), z.object({ botIdProblems: botIdProblems.default({}) })),
  organisations: organisationsSchema,
  connections: z.array(
    connections.element.pick({
      platform: true,
      appId: true,
      up: true,
      connectedSince: true,
      downSince: true,
      flaps: true,
      lastError: true,
    }),
  ),
  queues,
});

export type BotStatus = z.output<typeof botStatusSchema>;

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

type StatusSource = Pick<CheckContext, 'local' | 'signal' | 'cfg'>;

/**
 * Returns the status that the bot reports, or undefined if another program answers on the port. Waits at most 2 s.
 * @throws `HttpClientError` if nothing answers
 */
export async function fetchStatus({ local, signal, cfg }: StatusSource): Promise<BotStatus | undefined> {
  const response = await local.request({ url: statusUrl(cfg), timeoutMs: 2000, signal });
  const parsed = botStatusSchema.safeParse(response.json);
  return response.status === 200 && parsed.success && parsed.data.service.name === cfg.SERVICE_NAME
    ? parsed.data
    : undefined;
}

function statusUrl(cfg: Settings): string {
  return `${originOf(cfg.ADMIN_HOST, cfg.ADMIN_PORT)}/status`;
}
