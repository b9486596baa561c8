// Measures the duration of every query for the metrics.

import { dbOperation } from '../telemetry/labels.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Store } from './open-store.ts';

/** Members of knex's query events: a unique id, and the method of the query builder. */
interface QueryEvent {
  __knexQueryUid: string;
  method?: string;
}

export function observeQueries({ knex }: Store, metrics: Metrics): void {
  const started = new Map<string, number>();
  const end = ({ __knexQueryUid: id, method }: QueryEvent) => {
    const start = started.get(id);
    started.delete(id);
    if (start === undefined) return;
    metrics.dbQueryDuration.observe({ operation: dbOperation(method) }, (performance.now() - start) / 1000);
  };
  knex.on('query', ({ __knexQueryUid: id }: QueryEvent) => started.set(id, performance.now()));
  knex.on('query-response', (_response: unknown, query: QueryEvent) => end(query));
  knex.on('query-error', (_error: unknown, query: QueryEvent) => end(query));
}
