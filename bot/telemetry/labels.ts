// Defines label values of metrics that belong to no other folder. They are closed sets, so the series are limited.

/** Exceeded limits. `tenant`, `sender`: messages a minute. `sessions`: concurrent conversations of the installation. */
export const RATE_LIMIT_SCOPES = ['tenant', 'sender', 'sessions'] as const;

export const ALERT_OUTCOMES = ['delivered', 'failed', 'rejected'] as const;

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const DB_OPERATIONS = ['select', 'insert', 'update', 'delete', 'other'] as const;
export type DbOperation = (typeof DB_OPERATIONS)[number];

export const POOL_STATES = ['used', 'free', 'waiting', 'max'] as const;

/** Routes of the admin listener with their method. */
export const ADMIN_ROUTES: Readonly<Record<string, string>> = {
  '/alerts/grafana': 'POST',
  '/metrics': 'GET',
  '/livez': 'GET',
  '/readyz': 'GET',
  '/status': 'GET',
};
export const UNMATCHED = 'unmatched';

export const METHODS = ['GET', 'POST', 'other'] as const;
type Method = (typeof METHODS)[number];

export const STATUS_CLASSES = ['2xx', '3xx', '4xx', '5xx'] as const;
type StatusClass = (typeof STATUS_CLASSES)[number];

export interface HttpLabels {
  /** Path of a known route, or `unmatched`. */
  route: string;
  method: Method;
  status_class: StatusClass;
}

/** Returns the labels of a request to the admin listener. An unknown path or another method is `unmatched`. */
export function adminLabels(path: string, method: string, status: number): HttpLabels {
  const isKnown = Object.hasOwn(ADMIN_ROUTES, path) && ADMIN_ROUTES[path] === method;
  return httpLabels(isKnown ? path : UNMATCHED, method, status);
}

/** Returns the labels of a request to a known route. */
export function httpLabels(route: string, method: string, status: number): HttpLabels {
  return {
    route,
    method: METHODS.find((known) => known === method) ?? 'other',
    status_class: STATUS_CLASSES.find((known) => known.startsWith(String(status).slice(0, 1))) ?? '5xx',
  };
}

/** Returns the label of a query builder's method, such as `first` or `del`. */
export function dbOperation(method: string | undefined): DbOperation {
  if (method === 'first' || method === 'pluck') return 'select';
  if (method === 'del') return 'delete';
  return DB_OPERATIONS.find((known) => known === method) ?? 'other';
}
