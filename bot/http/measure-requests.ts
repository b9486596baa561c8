// Measures the duration of every request by route. Paths are not used as labels, because clients can invent any number.
import type { RequestHandler } from 'express';
import { adminLabels } from '../telemetry/labels.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export function measureRequests(metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const start = performance.now();
    const path = request.path;
    response.once('close', () => {
      const labels = adminLabels(path, request.method, response.statusCode);
      metrics.httpRequestDuration.observe(labels, (performance.now() - start) / 1000);
    });
    next();
  };
}
