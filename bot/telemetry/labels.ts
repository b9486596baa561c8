// Label values of the metrics that no other room owns. Nothing outside closed sets becomes a label, so the series are known in advance.

/** `tenant`, `sender`: messages a minute; `sessions`: more conversations at once than the installation is meant for. */
export const RATE_LIMIT_SCOPES = ['tenant', 'sender', 'sessions'] as const;

export const ALERT_OUTCOMES = ['delivered', 'failed', 'rejected'] as const;

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
