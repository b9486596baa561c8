// The one registry file: name, help, labels and buckets of every metric, all series present at zero from the start.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { CALLBACK_OUTCOMES, IGNORED_REASONS } from '../domain/callback.ts';
import { PUSH_ERROR_CLASSES, PUSH_OUTCOMES } from '../domain/delivery.ts';
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

/** Bounds at and around every threshold of the alerts (0.5, 0.8, 1, 1.25 s), so that quantiles near them are not guessed. */
const INFERENCE_BUCKETS = [0.05, 0.1, 0.25, 0.5, 0.8, 1, 1.25, 2, 4, 8, 16, 32, 64];
/** The platforms wait 1, 1.5 and 3 s for an answer. */
const ACK_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1, 1.25, 1.5, 2, 3, 5];
const HTTP_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 0.8, 1, 1.25, 1.5, 3, 10];
const PUSH_BUCKETS = [0.05, 0.1, 0.25, 0.5, 0.8, 1, 1.25, 2, 5, 10, 30];
const DB_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

/** Values each label may take, in the order of the label names. */
type LabelValues<L extends string> = Record<L, readonly string[]>;

function combinations<L extends string>(values: LabelValues<L>): Record<L, string>[] {
  const entries = Object.entries<readonly string[]>(values);
  const rows = entries.reduce<Record<string, string>[]>(
    (found, [label, allowed]) => found.flatMap((row) => allowed.map((value) => ({ ...row, [label]: value }))),
    [{}],
  );
  return rows as Record<L, string>[]; // every label of `values` has been added to every row
}

interface Described {
  name: string;
  help: string;
}

function counter<L extends string>(registry: Registry, described: Described, values: LabelValues<L>): Counter<L> {
  const labelNames = Object.keys(values) as L[]; // keys of a closed table
  const made = new Counter({ ...described, name: PREFIX + described.name, labelNames, registers: [registry] });
  for (const labels of combinations(values)) made.inc(labels, 0);
  return made;
}

interface DescribedBuckets extends Described {
  buckets: number[];
}

function histogram<L extends string>(
  registry: Registry,
  described: DescribedBuckets,
  values: LabelValues<L>,
): Histogram<L> {
  const labelNames = Object.keys(values) as L[]; // keys of a closed table
  const made = new Histogram({ ...described, name: PREFIX + described.name, labelNames, registers: [registry] });
  for (const labels of combinations(values)) made.zero(labels);
  return made;
}

function gauge<L extends string>(registry: Registry, described: Described, values: LabelValues<L>): Gauge<L> {
  const labelNames = Object.keys(values) as L[]; // keys of a closed table
  const made = new Gauge({ ...described, name: PREFIX + described.name, labelNames, registers: [registry] });
  for (const labels of combinations(values)) made.set(labels, 0);
  return made;
}

/** Requests have a route, a method and a class that belong together: not every combination exists. */
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

/** Everything the bot counts and times itself. Depths and limits are in state-gauges.ts. */
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
      { name: 'callbacks_total', help: 'Callbacks answered, by what was decided about them.' },
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
        help: 'When a first message bound an organisation to the tenant default; 0 is never since the start.',
      },
      { platform },
    ),
    callbackAckDuration: histogram(
      registry,
      {
        name: 'callback_ack_duration_seconds',
        help: 'Time until the platform had its answer to a callback.',
        buckets: ACK_BUCKETS,
      },
      { platform },
    ),
    connectionUp: gauge(
      registry,
      { name: 'connection_up', help: 'Whether the long connections of all apps are open; 0 also where none is used.' },
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
        help: 'When the last frame came over a long connection, answers to pings included; 0 is never.',
      },
      { platform },
    ),
    inferenceDuration: histogram(
      registry,
      { name: 'inference_duration_seconds', help: 'Time of a whole model answer.', buckets: INFERENCE_BUCKETS },
      { model, outcome: INFERENCE_OUTCOMES },
    ),
    inferenceFirstToken: histogram(
      registry,
      {
        name: 'inference_first_token_seconds',
        help: 'Time until the first word of a model answer.',
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
      { name: 'model_circuit_open', help: 'Endpoints that are not asked for now because they kept failing.' },
      { endpoint: MODEL_ENDPOINTS },
    ),
    pushes: counter(
      registry,
      { name: 'pushes_total', help: 'Attempts to send a reply, by how they ended.' },
      { platform, outcome: PUSH_OUTCOMES },
    ),
    pushDuration: histogram(
      registry,
      { name: 'push_duration_seconds', help: 'Time of one attempt to send a reply.', buckets: PUSH_BUCKETS },
      { platform },
    ),
    pushErrors: counter(
      registry,
      { name: 'push_errors_total', help: 'Attempts to send that did not succeed, by error class.' },
      { platform, class: PUSH_ERROR_CLASSES },
    ),
    rateLimited: counter(
      registry,
      { name: 'rate_limited_total', help: 'Messages refused because of a limit of ours.' },
      { scope: RATE_LIMIT_SCOPES },
    ),
    alertRelay: counter(
      registry,
      { name: 'alert_relay_total', help: 'Alerts passed on to a group, by how that ended.' },
      { receiver: platform, outcome: ALERT_OUTCOMES },
    ),
    logLines: counter(registry, { name: 'log_lines_total', help: 'Log lines written.' }, { level: LOG_LEVELS }),
    dbQueryDuration: histogram(
      registry,
      { name: 'db_query_duration_seconds', help: 'Time of a database query.', buckets: DB_BUCKETS },
      { operation: DB_OPERATIONS },
    ),
  };
}

export type Instruments = ReturnType<typeof createInstruments>;
