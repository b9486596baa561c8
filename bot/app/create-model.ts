// Creates the model that is set in the settings, and records its calls in metrics and log.
import { endpointKeys } from '../config/endpoint-keys.ts';
import type { Settings } from '../config/settings.ts';
import type { HttpClient } from '../http-client/http-client.ts';
import type { InferenceReport } from '../model/ask-endpoint.ts';
import type { Endpoint } from '../model/call-endpoint.ts';
import { fitContext } from '../model/fit-context.ts';
import type { Model } from '../model/model.ts';
import { createOfflineModel } from '../model/offline-model.ts';
import { createRemoteModel } from '../model/remote-model.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/**
 * Returns the values of the metric label `model`, known before the first call. A model that a tenant set for itself has
 * the label `tenant`.
 */
export function modelNames(settings: Settings): string[] {
  const own = endpointsOf(settings).map(({ label }) => label);
  return [...new Set([...(own.length === 0 ? ['offline'] : own), 'tenant'])];
}

export interface CreateModelDeps {
  settings: Settings;
  http: HttpClient;
  metrics: Metrics;
  log: Logger;
}

export function createModel({ settings, http, metrics, log }: CreateModelDeps): Model {
  const remote = createRemoteModel({
    name: nameOf(settings),
    endpoints: endpointsOf(settings),
    tenantKeys: endpointKeys(settings.MODEL_ENDPOINT_KEYS),
    timeoutMs: settings.MODEL_TIMEOUT_MS,
    silenceMs: settings.MODEL_FIRST_TOKEN_TIMEOUT_MS,
    http,
    report: (report) => recordInference(metrics, log, report),
    onCircuits: (endpoint, open) => metrics.modelCircuitOpen.set({ endpoint }, open),
  });
  return fitContext(settings.MODEL_BASE_URL ? remote : offlineUnlessTenant(remote), {
    system: settings.MODEL_SYSTEM_PROMPT,
    maxTokens: settings.MODEL_CONTEXT_TOKENS,
  });
}

const nameOf = (settings: Settings): string => settings.MODEL_NAME ?? 'default';

/**
 * Returns the primary endpoint and the fallback. The fallback gets the primary's key and space only on the same host,
 * so that no other host receives them.
 */
function endpointsOf(settings: Settings): Endpoint[] {
  const { MODEL_BASE_URL: first, MODEL_FALLBACK_BASE_URL: second, MODEL_SPACE: space } = settings;
  if (!first) return [];
  const model = nameOf(settings);
  const primary: Endpoint = {
    id: 'primary',
    label: model,
    baseUrl: first,
    model,
    apiKey: settings.MODEL_API_KEY,
    space,
  };
  if (!second) return [primary];
  const { apiKey } = primary;
  const known = new URL(first).host === new URL(second).host ? { apiKey, space } : {};
  const other = settings.MODEL_FALLBACK_NAME ?? model;
  const fallback: Endpoint = { id: 'fallback', label: other, baseUrl: second, model: other, ...known };
  return [primary, { ...fallback, apiKey: settings.MODEL_FALLBACK_API_KEY ?? fallback.apiKey }];
}

/** Returns the offline model. Requests of a tenant with its own endpoint go to `remote`. */
function offlineUnlessTenant(remote: Model): Model {
  const offline = createOfflineModel();
  return {
    ...offline,
    complete: (request) => (request.tenant?.endpoint ? remote : offline).complete(request),
  };
}

function recordInference(metrics: Metrics, log: Logger, report: InferenceReport): void {
  const {
    model,
    traceId,
    outcome,
    durationSeconds,
    firstTokenSeconds,
    promptTokens = 0,
    completionTokens = 0,
    finish,
    error,
  } = report;
  if (durationSeconds !== undefined) metrics.inferenceDuration.observe({ model, outcome }, durationSeconds);
  if (firstTokenSeconds !== undefined) metrics.inferenceFirstToken.observe({ model }, firstTokenSeconds);
  metrics.inferenceTokens.inc({ model, kind: 'prompt' }, promptTokens);
  metrics.inferenceTokens.inc({ model, kind: 'completion' }, completionTokens);
  if (error) metrics.inferenceErrors.inc({ model, class: error.class });
  log[error ? 'warn' : 'info'](
    durationSeconds === undefined ? 'Model not called: its circuit is open' : 'Model call completed',
    {
      'trace.id': traceId,
      'event.action': 'model-completed',
      'event.outcome': outcome,
      'event.duration': Math.round((durationSeconds ?? 0) * 1e9),
      'chatbot.model': model,
      ...(finish === undefined ? {} : { 'event.reason': finish }),
      ...(error ? { 'event.reason': error.class, 'error.code': error.code, 'error.message': error.message } : {}),
    },
  );
}
