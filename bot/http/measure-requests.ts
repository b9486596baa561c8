// Times every request by route, never by path: strangers choose paths.
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
