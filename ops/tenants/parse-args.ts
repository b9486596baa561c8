// The words of `ops tenants`: read and checked before anything is touched.
import { parseArgs } from 'node:util';
import { cleanValue } from '../../bot/config/clean-value.ts';
import { modelBaseUrl } from '../../bot/config/setting-kinds.ts';
import { platformIds } from '../../bot/platforms/registry.ts';
import { printable } from '../../bot/telemetry/printable.ts';
import { type Isolation, TENANT_ID } from '../../bot/tenants/conversation-tables.ts';
import { UsageError } from '../command.ts';

const OPTIONS = {
  'rate-limit': { type: 'string' },
  'model-endpoint': { type: 'string' },
  'model-name': { type: 'string' },
  isolation: { type: 'string' },
  bind: { type: 'string', multiple: true },
  unbind: { type: 'string', multiple: true },
  out: { type: 'string' },
  force: { type: 'boolean' },
  yes: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

const SETS = ['rate-limit', 'model-endpoint', 'model-name', 'isolation', 'bind'];
/** Which options go with which action. */
const ALLOWED = {
  list: ['json'],
  add: SETS,
  set: [...SETS, 'unbind'],
  remove: ['force', 'yes', 'json'],
  export: ['out'],
} as const satisfies Record<string, readonly string[]>;
export type Action = keyof typeof ALLOWED;

/** A row of `tenant_channel` without its tenant. */
export interface Binding {
  platform: string;
  app_id: string;
  external_id: string;
}

/** What a tenant is to become; what was not named stays. Null takes a model of its own away. */
export interface TenantChange {
  columns: {
    rate_limit?: number;
    model_endpoint?: string | null;
    model_name?: string | null;
    isolation?: Isolation;
  };
  bind: Binding[];
  unbind: Binding[];
}

export interface Words {
  action: Action;
  /** Empty for `list`. */
  tenantId: string;
  change: TenantChange;
  out: string | undefined;
  force: boolean;
  yes: boolean;
  json: boolean;
}

/** @throws UsageError with what is wrong */
export function readWords(argv: string[]): Words {
  const { values, positionals } = parseArgs({ args: argv, options: OPTIONS, allowPositionals: true });
  const [given, ...words] = positionals;
  const action = (Object.keys(ALLOWED) as Action[]).find((known) => known === given); // keys of the table
  if (!action)
    throw new UsageError(given === undefined ? 'Say list, add, set, remove or export.' : `Unknown action: ${given}`);
  const allowed: readonly string[] = ALLOWED[action];
  const stray = Object.keys(values).find((name) => !allowed.includes(name));
  if (stray) throw new UsageError(`--${stray} does not go with ${action}.`);
  if (action === 'set' && Object.keys(values).length === 0) throw new UsageError('Say what to change.');
  const { out, force = false, yes = false, json = false } = values;
  return { action, tenantId: readTenant(action, words), change: readChange(values), out, force, yes, json };
}

function readTenant(action: Action, words: string[]): string {
  const [tenantId = '', ...more] = words;
  if (words.length !== (action === 'list' ? 0 : 1)) {
    throw new UsageError(
      more.length > 0 || tenantId ? `Too many words: ${words.join(' ')}` : `Say which tenant: ${action} acme`,
    );
  }
  if (action === 'add' && !TENANT_ID.test(tenantId)) {
    throw new UsageError(`${tenantId} cannot be an id: 1 to 32 of a-z, 0-9, _ and -, the first a letter or a digit.`);
  }
  return tenantId;
}

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

function readChange(values: Values): TenantChange {
  const { 'rate-limit': rate, 'model-endpoint': endpoint, 'model-name': model, isolation } = values;
  return {
    columns: {
      ...(rate === undefined ? {} : { rate_limit: readRate(rate) }),
      ...(endpoint === undefined ? {} : { model_endpoint: readEndpoint(endpoint) }),
      ...(model === undefined ? {} : { model_name: readModel(model) }),
      ...(isolation === undefined ? {} : { isolation: readIsolation(isolation) }),
    },
    bind: (values.bind ?? []).map((given) => readBinding(readPasted('--bind', given))),
    unbind: (values.unbind ?? []).map(readBinding),
  };
}

const MAX_RATE = 1_000_000;

function readRate(given: string): number {
  const rate = Number(given);
  if (/^\d+$/.test(given) && rate <= MAX_RATE) return rate;
  throw new UsageError(`--rate-limit ${given} is not a number of messages a minute from 0 (no limit) to ${MAX_RATE}.`);
}

/** The key of an endpoint is a secret and has its own place; an address with one would be shown. */
function readEndpoint(given: string): string | null {
  if (given === '') return null;
  const base = modelBaseUrl(given);
  if (base !== undefined && new URL(base).username + new URL(base).password === '' && base.length <= 128) return base;
  throw new UsageError('--model-endpoint is not an http(s) address of at most 128 characters without a password.');
}

function readModel(given: string): string | null {
  const name = readPasted('--model-name', given);
  if (name.length <= 64) return name || null;
  throw new UsageError('--model-name is longer than 64 characters.');
}

function readIsolation(given: string): Isolation {
  if (given === 'shared' || given === 'dedicated') return given;
  throw new UsageError(`--isolation ${given} is none of shared, dedicated.`);
}

/** What is pasted can bring blanks, invisible and control characters along; no id and no model name has any. */
function readPasted(option: string, given: string): string {
  if (printable(given) === given) return cleanValue(given);
  throw new UsageError(`${option} ${JSON.stringify(printable(given))} holds a control character. Type it again.`);
}

/** The lengths are those of the columns. */
function readBinding(given: string): Binding {
  const [, platform, app = '', organisation = ''] = /^([^:]+):([^:]+):(.+)$/.exec(given) ?? [];
  const known = platformIds().find((name) => name === platform);
  if (known && app.length <= 64 && organisation && organisation.length <= 128) {
    return { platform: known, app_id: app, external_id: organisation };
  }
  throw new UsageError(`${given} is not a binding: feishu:<app id>:<tenant key> or dingtalk:<app key>:<corp id>.`);
}
