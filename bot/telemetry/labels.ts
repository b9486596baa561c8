// Label values of the metrics that no other room owns. Nothing outside closed sets becomes a label, so the series are known in advance.

/** `tenant`, `sender`: messages a minute; `sessions`: more conversations at once than the installation is meant for. */
export const RATE_LIMIT_SCOPES = ['tenant', 'sender', 'sessions'] as const;

export const ALERT_OUTCOMES = ['delivered', 'failed', 'rejected'] as const;

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const DB_OPERATIONS = ['select', 'insert', 'update', 'delete', 'other'] as const;
export type DbOperation = (typeof DB_OPERATIONS)[number];

export const POOL_STATES = ['used', 'free', 'waiting', 'max'] as const;

/** Each route of the admin listener with the method it answers. */
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
  /** Path of a known route, otherwise `unmatched`. */
  route: string;
  method: Method;
  status_class: StatusClass;
}

/** Labels of an answered request of the admin listener: an unknown path, or another method, is `unmatched`. */
export function adminLabels(path: string, method: string, status: number): HttpLabels {
  const isKnown = Object.hasOwn(ADMIN_ROUTES, path) && ADMIN_ROUTES[path] === method;
  return httpLabels(isKnown ? path : UNMATCHED, method, status);
}

/** Labels of an answered request of a known route. */
export function httpLabels(route: string, method: string, status: number): HttpLabels {
  return {
    route,
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
