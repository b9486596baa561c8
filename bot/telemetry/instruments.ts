// Defines name, help, labels and buckets of the metrics that the bot counts and times. All series start at zero.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { CALLBACK_OUTCOMES, IGNORED_REASONS } from '../domain/callback.ts';
import { FATES, PUSH_ERROR_CLASSES } from '../domain/delivery.ts';
import { INFERENCE_ERROR_CLASSES, INFERENCE_OUTCOMES, MODEL_ENDPOINTS, TOKEN_KINDS } from '../domain/inference.ts';
import type { Platform } from '../domain/platform.ts';
import {
  ADMIN_ROUTES,
  ALERT_OUTCOMES,
  DB_OPERATIONS,
  LOG_LEVELS,
  METHODS,
  RATE_LIMIT_SCOPES,
  STATUS_CLASSES,
  UNMATCHED,
} from './labels.ts';

export const PREFIX = 'chatbot_';

/** Bounds at and around each threshold of the alerts (0.5, 0.8, 1, 1.25 s), for accurate quantiles near them. */
const INFERENCE_BUCKETS = [0.05, 0.1, 0.25, 0.5, 0.8, 1, 1.25, 2, 4, 8, 16, 32, 64];
/**
 * Includes the platforms' deadlines for an answer: 1 s (Feishu's URL check), 1.5 s (DingTalk's events) and 3 s (Feishu's
 * events, https://open.feishu.cn/document/server-docs/event-subscription-guide/overview, read 2026-11).
 */
const ACK_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1, 1.25, 1.5, 2, 3, 5];
const HTTP_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 0.8, 1, 1.25, 1.5, 3, 10];
const PUSH_BUCKETS = [0.05, 0.1, 0.25, 0.5, 0.8, 1, 1.25, 2, 5, 10, 30];
const DB_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

/** Allowed values of each label, in the order of the label names. */
type LabelValues<L extends string> = Record<L, readonly string[]>;

function combinations<L extends string>(values: LabelValues<L>): Record<L, string>[] {
  const entries = Object.entries<readonly string[]>(values);
  const rows = entries.reduce<Record<string, string>[]>(
    (found, [label, allowed]) => found.flatMap((row) => allowed.map((value) => ({ ...row, [label]: value }))),
    [{}],
  );
  return rows as Record<L, string>[]; // every label of `values` has been added to every row
}

interface MetricText {
  name: string;
  help: string;
}

function counter<L extends string>(registry: Registry, described: MetricText, values: LabelValues<L>): Counter<L> {
  const labelNames = Object.keys(values) as L[]; // keys of a closed table
  const made = new Counter({ ...described, name: PREFIX + described.name, labelNames, registers: [registry] });
  for (const labels of combinations(values)) made.inc(labels, 0);
  return made;
}

interface HistogramText extends MetricText {
  buckets: number[];
}

function histogram<L extends string>(
  registry: Registry,
  described: HistogramText,
  values: LabelValues<L>,
): Histogram<L> {
  const labelNames = Object.keys(values) as L[]; // keys of a closed table
  const made = new Histogram({ ...described, name: PREFIX + described.name, labelNames, registers: [registry] });
  for (const labels of combinations(values)) made.zero(labels);
  return made;
}

function gauge<L extends string>(registry: Registry, described: MetricText, values: LabelValues<L>): Gauge<L> {
  const labelNames = Object.keys(values) as L[]; // keys of a closed table
  const made = new Gauge({ ...described, name: PREFIX + described.name, labelNames, registers: [registry] });
  for (const labels of combinations(values)) made.set(labels, 0);
  return made;
}

/**
 * Creates the histogram of HTTP requests. Not every combination of labels exists, because each route has one method.
 */
function httpHistogram(registry: Registry, callbackRoutes: readonly string[]) {
  const made = new Histogram({
    name: `${PREFIX}http_request_duration_seconds`,
    help: 'Time to answer an HTTP request.',
    labelNames: ['route', 'method', 'status_class'] as const,
    buckets: HTTP_BUCKETS,
    registers: [registry],
  });
  const served = [...callbackRoutes.map((route) => [route, 'POST'] as const), ...Object.entries(ADMIN_ROUTES)];
  const all = [...served, ...METHODS.map((method) => [UNMATCHED, method] as const)];
  for (const [route, method] of all) {
    for (const status_class of STATUS_CLASSES) made.zero({ route, method, status_class });
  }
  return made;
}

export interface MetricsPlatform {
  id: Platform;
  /** Paths of its callbacks. */
  callbackRoutes: readonly string[];
}

interface InstrumentsOptions {
  platforms: readonly MetricsPlatform[];
  models: readonly string[];
}

/** Creates the metrics that the bot counts and times. Gauges read at a scrape are in state-gauges.ts. */
export function createInstruments(registry: Registry, { platforms, models }: InstrumentsOptions) {
  const platform = platforms.map(({ id }) => id);
  const model = models;
  return {
    httpRequestDuration: httpHistogram(
      registry,
      platforms.flatMap(({ callbackRoutes }) => callbackRoutes),
    ),
    callbacks: counter(
      registry,
      { name: 'callbacks_total', help: 'Callbacks answered, by outcome.' },
      { platform, outcome: CALLBACK_OUTCOMES },
    ),
    callbacksIgnored: counter(
      registry,
      { name: 'callbacks_ignored_total', help: 'Genuine callbacks that were not answered in the chat, by reason.' },
      { platform, reason: IGNORED_REASONS },
    ),
    organisationBoundAt: gauge(
      registry,
      {
        name: 'organisation_bound_timestamp_seconds',
        help: 'Unix time when a first message bound an organisation to the tenant default; 0 if never since start.',
      },
      { platform },
    ),
    callbackAckDuration: histogram(
      registry,
      {
        name: 'callback_ack_duration_seconds',
        help: 'Time until a callback was answered.',
        buckets: ACK_BUCKETS,
      },
      { platform },
    ),
    connectionUp: gauge(
      registry,
      { name: 'connection_up', help: 'Long connections of all apps are open (1) or not (0); 0 also if none is used.' },
      { platform },
    ),
    connectionOpens: counter(
      registry,
      { name: 'connection_opens_total', help: 'Long connections opened.' },
      { platform },
    ),
    connectionFailures: counter(
      registry,
      { name: 'connection_failures_total', help: 'Long connections that could not be opened, or were lost.' },
      { platform },
    ),
    connectionLastFrame: gauge(
      registry,
      {
        name: 'connection_last_frame_timestamp_seconds',
        help: 'Unix time of the last frame on a long connection, including answers to pings; 0 if never.',
      },
      { platform },
    ),
    inferenceDuration: histogram(
      registry,
      { name: 'inference_duration_seconds', help: 'Duration of a complete model answer.', buckets: INFERENCE_BUCKETS },
      { model, outcome: INFERENCE_OUTCOMES },
    ),
    inferenceFirstToken: histogram(
      registry,
      {
        name: 'inference_first_token_seconds',
        help: 'Time until the first token of a model answer.',
        buckets: INFERENCE_BUCKETS,
      },
      { model },
    ),
    inferenceTokens: counter(
      registry,
      { name: 'inference_tokens_total', help: 'Tokens sent to and received from the model.' },
      { model, kind: TOKEN_KINDS },
    ),
    inferenceErrors: counter(
      registry,
      { name: 'inference_errors_total', help: 'Model calls that failed, by error class.' },
      { model, class: INFERENCE_ERROR_CLASSES },
    ),
    modelCircuitOpen: gauge(
      registry,
      { name: 'model_circuit_open', help: 'Model endpoints that are not called for now, because calls kept failing.' },
      { endpoint: MODEL_ENDPOINTS },
    ),
    pushes: counter(
      registry,
      { name: 'pushes_total', help: 'Attempts to send a reply, by outcome.' },
      { platform, outcome: FATES },
    ),
    pushDuration: histogram(
      registry,
      { name: 'push_duration_seconds', help: 'Duration of one attempt to send a reply.', buckets: PUSH_BUCKETS },
      { platform },
    ),
    pushErrors: counter(
      registry,
      { name: 'push_errors_total', help: 'Attempts to send that did not succeed, by error class.' },
      { platform, class: PUSH_ERROR_CLASSES },
    ),
    rateLimited: counter(
      registry,
      { name: 'rate_limited_total', help: 'Messages rejected by a rate or session limit of the bot.' },
      { scope: RATE_LIMIT_SCOPES },
    ),
    alertRelay: counter(
      registry,
      { name: 'alert_relay_total', help: 'Alerts relayed to a group, by outcome.' },
      { receiver: platform, outcome: ALERT_OUTCOMES },
    ),
    logLines: counter(registry, { name: 'log_lines_total', help: 'Log lines written.' }, { level: LOG_LEVELS }),
    dbQueryDuration: histogram(
      registry,
      { name: 'db_query_duration_seconds', help: 'Duration of a database query.', buckets: DB_BUCKETS },
      { operation: DB_OPERATIONS },
    ),
  };
}

export type Instruments = ReturnType<typeof createInstruments>;
