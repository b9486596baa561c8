// Where each server the bot depends on is, by the settings.

import { sqliteFileOf } from '../../bot/config/database-url.ts';
import type { Settings } from '../../bot/config/settings.ts';
import type { Target } from './facts.ts';

export interface TargetInfo {
  /** As people call it. */
  name: string;
  /** The setting that holds its address. */
  setting: string;
  /** Chat stops without it. */
  critical: boolean;
  url(cfg: Settings): string | undefined;
  /** A request that costs nothing and whose answer shows who answers. */
  probe?: { path: string; json?: object; isGenuine(body: unknown): boolean };
}

const hasCode = (body: unknown) => typeof body === 'object' && body !== null && ('code' in body || 'errcode' in body);
const anything = () => true;

export const targetInfo: Record<Target, TargetInfo> = {
  feishu: {
    name: 'Feishu',
    setting: 'FEISHU_BASE_URL',
    critical: true,
    url: (cfg) => (cfg.feishuApps.length > 0 ? cfg.FEISHU_BASE_URL : undefined),
    // Without a token this is refused before it counts for anybody.
    probe: { path: '/open-apis/bot/v3/info', isGenuine: hasCode },
  },
  dingtalk: {
    name: 'DingTalk',
    setting: 'DINGTALK_API_BASE_URL',
    critical: true,
    url: (cfg) => (cfg.dingtalkApps.length > 0 ? cfg.DINGTALK_API_BASE_URL : undefined),
    probe: { path: '/v1.0/oauth2/accessToken', json: {}, isGenuine: hasCode },
  },
  'dingtalk-oapi': {
    name: 'DingTalk webhooks',
    setting: 'DINGTALK_OAPI_BASE_URL',
    critical: true,
    url: (cfg) => (cfg.dingtalkApps.length > 0 ? cfg.DINGTALK_OAPI_BASE_URL : undefined),
    probe: { path: '/gettoken', isGenuine: hasCode },
  },
  model: {
    name: 'the model',
    setting: 'MODEL_BASE_URL',
    critical: true,
    url: (cfg) => cfg.MODEL_BASE_URL,
    // Without the key: any answer below 500 shows that the interface is there.
    probe: { path: '/models', isGenuine: anything },
  },
  database: {
    name: 'the database',
    setting: 'DATABASE_URL',
    critical: true,
    url: (cfg) => (sqliteFileOf(cfg.DATABASE_URL) === undefined ? cfg.DATABASE_URL : undefined),
  },
  prometheus: {
    name: 'Prometheus',
    setting: 'PROMETHEUS_URL',
    critical: false,
    url: (cfg) => cfg.PROMETHEUS_URL,
    probe: { path: '/-/ready', isGenuine: anything },
  },
  elasticsearch: {
    name: 'Elasticsearch',
    setting: 'ELASTICSEARCH_URL',
    critical: false,
    url: (cfg) => cfg.ELASTICSEARCH_URL,
    probe: { path: '/', isGenuine: anything },
  },
};

const DEFAULT_PORTS: Record<string, number> = { 'http:': 80, 'https:': 443, 'mysql:': 3306, 'mariadb:': 3306 };

/** Host and port of an address, without anything that could be secret. */
export function endpointOf(address: string): { host: string; port: number } {
  const { hostname, port, protocol } = new URL(address);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (DEFAULT_PORTS[protocol] ?? 0) };
}
