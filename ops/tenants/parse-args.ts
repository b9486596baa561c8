// Parses and validates the arguments of `ops tenants`.
import { parseArgs } from 'node:util';
import { cleanValue } from '../../bot/config/clean-value.ts';
import { modelBaseUrl } from '../../bot/config/setting-kinds.ts';
import { descriptorOf, descriptors } from '../../bot/platforms/registry.ts';
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
/** Options that each action accepts. */
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

/** Changes of a tenant. A missing column keeps its value; `null` removes the tenant's own endpoint or model. */
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

export interface TenantArgs {
  action: Action;
  /** Empty for `list`. */
  tenantId: string;
  change: TenantChange;
  out: string | undefined;
  force: boolean;
  yes: boolean;
  json: boolean;
}

/** Throws `UsageError` for an unknown action, missing or extra arguments, or an invalid value. */
export function parseTenantArgs(argv: string[]): TenantArgs {
  const { values, positionals } = parseArgs({ args: argv, options: OPTIONS, allowPositionals: true });
  const [given, ...args] = positionals;
  const action = (Object.keys(ALLOWED) as Action[]).find((known) => known === given); // keys of the table
  if (!action)
    throw new UsageError(
      given === undefined ? 'Missing action: list, add, set, remove or export.' : `Unknown action: ${given}`,
    );
  const allowed: readonly string[] = ALLOWED[action];
  const stray = Object.keys(values).find((name) => !allowed.includes(name));
  if (stray) throw new UsageError(`--${stray} cannot be used with ${action}.`);
  if (action === 'set' && Object.keys(values).length === 0)
    throw new UsageError('Nothing to change: give at least one option.');
  const { out, force = false, yes = false, json = false } = values;
  return { action, tenantId: parseTenant(action, args), change: parseChange(values), out, force, yes, json };
}

function parseTenant(action: Action, args: string[]): string {
  const [tenantId = '', ...more] = args;
  if (args.length !== (action === 'list' ? 0 : 1)) {
    throw new UsageError(
      more.length > 0 || tenantId
        ? `Too many arguments: ${args.join(' ')}`
        : `Missing tenant id, such as: ${action} acme`,
    );
  }
  if (action === 'add' && !TENANT_ID.test(tenantId)) {
    throw new UsageError(`${tenantId} cannot be an id: 1 to 32 of a-z, 0-9, _ and -, the first a letter or a digit.`);
  }
  return tenantId;
}

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

function parseChange(values: Values): TenantChange {
  const { 'rate-limit': rate, 'model-endpoint': endpoint, 'model-name': model, isolation } = values;
  return {
    columns: {
      ...(rate === undefined ? {} : { rate_limit: parseRate(rate) }),
      ...(endpoint === undefined ? {} : { model_endpoint: parseEndpoint(endpoint) }),
      ...(model === undefined ? {} : { model_name: parseModel(model) }),
      ...(isolation === undefined ? {} : { isolation: parseIsolation(isolation) }),
    },
    bind: (values.bind ?? []).map((given) => parseBinding(cleanPasted('--bind', given))),
    unbind: (values.unbind ?? []).map(parseBinding),
  };
}

const MAX_RATE = 1_000_000;

function parseRate(given: string): number {
  const rate = Number(given);
  if (/^\d+$/.test(given) && rate <= MAX_RATE) return rate;
  throw new UsageError(`--rate-limit ${given} is not a number of messages a minute from 0 (no limit) to ${MAX_RATE}.`);
}

/**
 * Rejects an address with a password, because `tenants list` shows addresses. The key of an endpoint is a secret and is
 * set in `MODEL_ENDPOINT_KEYS`.
 */
function parseEndpoint(given: string): string | null {
  if (given === '') return null;
  const base = modelBaseUrl(given);
  if (base !== undefined && new URL(base).username + new URL(base).password === '' && base.length <= 128) return base;
  throw new UsageError('--model-endpoint is not an http(s) address of at most 128 characters without a password.');
}

function parseModel(given: string): string | null {
  const name = cleanPasted('--model-name', given);
  if (name.length <= 64) return name || null;
  throw new UsageError('--model-name is longer than 64 characters.');
}

function parseIsolation(given: string): Isolation {
  if (given === 'shared' || given === 'dedicated') return given;
  throw new UsageError(`--isolation ${given} is not one of shared, dedicated.`);
}

/**
 * Removes blanks and invisible characters of pasted text. Rejects control characters, because no id and no model name
 * has any.
 */
function cleanPasted(option: string, given: string): string {
  if (printable(given) === given) return cleanValue(given);
  throw new UsageError(`${option} ${JSON.stringify(printable(given))} contains a control character. Type it again.`);
}

/** Parses a binding. The maximum lengths are those of the columns. */
function parseBinding(given: string): Binding {
  const [, platform, app = '', organisation = ''] = /^([^:]+):([^:]+):(.+)$/.exec(given) ?? [];
  const known = descriptorOf(platform)?.id;
  if (known && app.length <= 64 && organisation && organisation.length <= 128) {
    return { platform: known, app_id: app, external_id: organisation };
  }
  throw new UsageError(`${given} is not a binding: ${bindingForms((term) => `<${term}>`).join(' or ')}.`);
}

/** The option for each platform, for the help. */
export function bindOptions(): string {
  const forms = bindingForms((term) => term.toUpperCase().replaceAll(' ', '_'));
  return forms.map((form) => `--bind ${form}`).join(', ');
}

function bindingForms(shown: (term: string) => string): string[] {
  return descriptors().map(({ id, terms }) => `${id}:${shown(terms.appId)}:${shown(terms.organisation)}`);
}
