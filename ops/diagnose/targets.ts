// Lists the servers that the bot depends on, with their addresses in the settings.

import { sqliteFileOf } from '../../bot/config/database-url.ts';
import type { Settings } from '../../bot/config/settings.ts';
import type { Platform } from '../../bot/domain/platform.ts';
import { descriptors } from '../../bot/platforms/registry.ts';

export interface TargetInfo {
  id: string;
  /** Name for people. */
  name: string;
  /** Setting with its address. */
  setting: string;
  /** True if the chats stop without it. */
  critical: boolean;
  /** Platform that it belongs to. */
  platform?: Platform;
  /** Returns its address, or undefined if it is not configured. */
  url(cfg: Settings): string | undefined;
  /** A request without cost, and a test of the answer that only the genuine server passes. */
  probe?: {
    path: string;
    json?: object;
    headers?(cfg: Settings): Record<string, string>;
    isGenuine(body: unknown): boolean;
  };
  /** Check that counts the bot's own requests to this server. A server that answers them is not broken. */
  ownRequests?: 'ev.model';
}

const hasCode = (body: unknown) => typeof body === 'object' && body !== null && ('code' in body || 'errcode' in body);
const anything = () => true;
const keyOf = ({ MODEL_API_KEY }: Settings): Record<string, string> =>
  MODEL_API_KEY ? { authorization: `Bearer ${MODEL_API_KEY}` } : {};

const services: readonly TargetInfo[] = [
  {
    id: 'model',
    name: 'the model',
    setting: 'MODEL_BASE_URL',
    critical: true,
    url: (cfg) => cfg.MODEL_BASE_URL,
    // Any status below 500 shows that the server answers. Gateways such as LiteLLM answer 500 to a request without key.
    probe: { path: '/models', headers: keyOf, isGenuine: anything },
    ownRequests: 'ev.model',
  },
  {
    id: 'database',
    name: 'the database',
    setting: 'DATABASE_URL',
    critical: true,
    url: (cfg) => (sqliteFileOf(cfg.DATABASE_URL) === undefined ? cfg.DATABASE_URL : undefined),
  },
  {
    id: 'prometheus',
    name: 'Prometheus',
    setting: 'PROMETHEUS_URL',
    critical: false,
    url: (cfg) => cfg.PROMETHEUS_URL,
    probe: { path: '/-/ready', isGenuine: anything },
  },
  {
    id: 'elasticsearch',
    name: 'Elasticsearch',
    setting: 'ELASTICSEARCH_URL',
    critical: false,
    url: (cfg) => cfg.ELASTICSEARCH_URL,
    probe: { path: '/', isGenuine: anything },
  },
];

/** Returns all servers that the bot depends on. Those of the platforms are first. */
export function targets(): TargetInfo[] {
  const ofPlatforms = descriptors().flatMap(({ id: platform, diagnosis }) =>
    diagnosis.servers.map(({ id, name, setting, address, probe }): TargetInfo => {
      const url = (cfg: Settings) => (cfg.apps[platform].length > 0 ? address(cfg) : undefined);
      return { id, name, setting, critical: true, platform, url, probe: { ...probe, isGenuine: hasCode } };
    }),
  );
  return [...ofPlatforms, ...services];
}

/** Returns a server by its id. Throws `Error` for an unknown id, which is a fault of this program. */
export function targetById(id: string): TargetInfo {
  const target = targets().find((one) => one.id === id);
  if (!target) throw new Error(`No target has the id ${id}.`);
  return target;
}

const DEFAULT_PORTS: Record<string, number> = { 'http:': 80, 'https:': 443, 'mysql:': 3306, 'mariadb:': 3306 };

/** Returns host and port of an address, without the parts that may contain secrets. */
export function endpointOf(address: string): { host: string; port: number } {
  const { hostname, port, protocol } = new URL(address);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (DEFAULT_PORTS[protocol] ?? 0) };
}
