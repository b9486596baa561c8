// The model the settings ask for, with its calls counted and logged.
import type { Settings } from './config/settings.ts';
import type { Model } from './model/model.ts';
import { createOfflineModel } from './model/offline-model.ts';
import { createRemoteModel, type InferenceReport } from './model/remote-model.ts';
import type { HttpClient } from './outgoing/http-client.ts';
import type { Logger } from './telemetry/logger.ts';
import type { Metrics } from './telemetry/metrics.ts';

/** The label `model` of the metrics; known before the first call. */
export function modelName(settings: Settings): string {
  return settings.MODEL_BASE_URL ? (settings.MODEL_NAME ?? 'default') : 'offline';
}

export interface CreateModelDeps {
  settings: Settings;
  http: HttpClient;
  metrics: Metrics;
  log: Logger;
}

export function createModel({ settings, http, metrics, log }: CreateModelDeps): Model {
  const name = modelName(settings);
  const { MODEL_BASE_URL: first, MODEL_FALLBACK_BASE_URL: second } = settings;
  if (!first) return createOfflineModel();
  return createRemoteModel({
    name,
    baseUrls: second ? [first, second] : [first],
    ...(settings.MODEL_API_KEY ? { apiKey: settings.MODEL_API_KEY } : {}),
    ...(settings.MODEL_SPACE ? { space: settings.MODEL_SPACE } : {}),
    timeoutMs: settings.MODEL_TIMEOUT_MS,
    http,
    report: (report) => tell({ name, metrics, log }, report),
  });
}

function tell({ name, metrics, log }: { name: string; metrics: Metrics; log: Logger }, report: InferenceReport): void {
  const { outcome, durationSeconds, firstTokenSeconds, promptTokens = 0, completionTokens = 0, error } = report;
  metrics.inferenceDuration.observe({ model: name, outcome }, durationSeconds);
  if (firstTokenSeconds !== undefined) metrics.inferenceFirstToken.observe({ model: name }, firstTokenSeconds);
  metrics.inferenceTokens.inc({ model: name, kind: 'prompt' }, promptTokens);
  metrics.inferenceTokens.inc({ model: name, kind: 'completion' }, completionTokens);
  if (error) metrics.inferenceErrors.inc({ model: name, class: error.class });
  log[error ? 'warn' : 'info']('Model call completed', {
    'event.action': 'model-completed',
    'event.outcome': outcome,
    'event.duration': Math.round(durationSeconds * 1e9),
    'chatbot.model': name,
    ...(error ? { 'event.reason': error.class, 'error.code': error.code, 'error.message': error.message } : {}),
  });
}
