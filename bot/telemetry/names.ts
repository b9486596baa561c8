// Every label value the metrics may carry. Nothing outside these tables becomes a label, so the series are known in advance.

export const PLATFORMS = ['feishu', 'dingtalk'] as const;
export type Platform = (typeof PLATFORMS)[number];

export const CALLBACK_OUTCOMES = ['accepted', 'challenge', 'duplicate', 'ignored', 'rejected', 'error'] as const;
export type CallbackOutcome = (typeof CALLBACK_OUTCOMES)[number];

/**
 * Why a genuine callback was ignored. `not_text`: something that cannot even be named. `unused_event_type`: known, such
 * as read receipts, and of no use here. `unknown_tenant`: the organisation is bound to no tenant.
 */
export const IGNORED_REASONS = [
  'unknown_event_type',
  'unused_event_type',
  'not_text',
  'empty_text',
  'not_mentioned',
  'bot_sender',
  'unknown_tenant',
] as const;
export type IgnoredReason = (typeof IGNORED_REASONS)[number];

/** `unknown`: the request left, and no answer says whether the platform took it. */
export const PUSH_OUTCOMES = ['sent', 'retried', 'failed', 'unknown'] as const;
export type PushOutcome = (typeof PUSH_OUTCOMES)[number];

export const PUSH_ERROR_CLASSES = [
  'credentials',
  'signature',
  'permission',
  'ip_denied',
  'rate_limited',
  'quota',
  'target_gone',
  'too_large',
  'content_rejected',
  'bad_request',
  'token_expired',
  'session_expired',
  'network',
  'timeout',
  'platform_error',
  'unknown',
] as const;
export type PushErrorClass = (typeof PUSH_ERROR_CLASSES)[number];

export const OUTBOX_STATES = ['pending', 'sending', 'unknown', 'dead'] as const;
export type OutboxState = (typeof OUTBOX_STATES)[number];

/** `tenant`, `sender`: messages a minute; `sessions`: more conversations at once than the installation is meant for. */
export const RATE_LIMIT_SCOPES = ['tenant', 'sender', 'sessions'] as const;

export const ALERT_OUTCOMES = ['delivered', 'failed', 'rejected'] as const;

export const INFERENCE_OUTCOMES = ['success', 'failure'] as const;
export type InferenceOutcome = (typeof INFERENCE_OUTCOMES)[number];

/** Where a model is asked; `tenant` is any endpoint that a tenant has of its own. */
export const MODEL_ENDPOINTS = ['primary', 'fallback', 'tenant'] as const;
export type ModelEndpoint = (typeof MODEL_ENDPOINTS)[number];

export const TOKEN_KINDS = ['prompt', 'completion'] as const;

export const INFERENCE_ERROR_CLASSES = [
  'credentials',
  'rate_limited',
  'quota',
  'bad_request',
  'context_length',
  'content_filter',
  'network',
  'timeout',
  'model_not_found',
  'stream_cut',
  'server_error',
  'malformed_answer',
  'unknown',
] as const;
export type InferenceErrorClass = (typeof INFERENCE_ERROR_CLASSES)[number];

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const DB_OPERATIONS = ['select', 'insert', 'update', 'delete', 'other'] as const;
export type DbOperation = (typeof DB_OPERATIONS)[number];

export const POOL_STATES = ['used', 'free', 'waiting', 'max'] as const;

/** Each route with the method it answers; everything else is `unmatched`. */
export const ROUTES = {
  '/feishu/verify': 'POST',
  '/feishu/event': 'POST',
  '/dingtalk/callback': 'POST',
  '/alerts/grafana': 'POST',
  '/metrics': 'GET',
  '/livez': 'GET',
  '/readyz': 'GET',
  '/status': 'GET',
} as const;
type Route = keyof typeof ROUTES;
export const UNMATCHED = 'unmatched';

export const METHODS = ['GET', 'POST', 'other'] as const;
type Method = (typeof METHODS)[number];

export const STATUS_CLASSES = ['2xx', '3xx', '4xx', '5xx'] as const;
type StatusClass = (typeof STATUS_CLASSES)[number];

export interface HttpLabels {
  route: Route | typeof UNMATCHED;
  method: Method;
  status_class: StatusClass;
}

/** Labels of one answered request; a path nobody serves, or served by another method, is `unmatched`. */
export function httpLabels(path: string | undefined, method: string, status: number): HttpLabels {
  const route = (Object.keys(ROUTES) as Route[]).find((known) => known === path && ROUTES[known] === method); // keys of a closed table
  return {
    route: route ?? UNMATCHED,
    method: METHODS.find((known) => known === method) ?? 'other',
    status_class: STATUS_CLASSES.find((known) => known.startsWith(String(status).slice(0, 1))) ?? '5xx',
  };
}

/** Label of a query builder's method, such as `first` or `del`. */
export function dbOperation(method: string | undefined): DbOperation {
  if (method === 'first' || method === 'pluck') return 'select';
  if (method === 'del') return 'delete';
  return DB_OPERATIONS.find((known) => known === method) ?? 'other';
}
