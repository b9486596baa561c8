// What is watched with a threshold, once: alert rules, dashboard panels and lines in graphs are made from this table.

/** Uid of the data source in provisioning/datasources; never changes. */
export const DATASOURCE_UID = 'prometheus';
export const DASHBOARD_UID = 'chatbot-overview';

export interface Measure {
  /** Part of the rules' uids: never change it, Grafana would keep the old rule as well. */
  id: string;
  /** Name of the alert, without the severity. */
  title: string;
  /** PromQL; `$window` stands for the range. It gives nothing, rather than NaN, when there was no traffic. */
  expr: string;
  unit: 'percent' | 's' | 'short';
  warning: number;
  /** Missing: the measure never is critical. */
  critical?: number;
  /** How long a threshold must be passed before anyone is told. */
  for: { warning: string; critical?: string };
  /** Panel of the overview dashboard that shows it. */
  panelId: number;
  /** One line with the measured value, as Grafana's template. */
  summary: string;
  /** What a person reads and does: a heading of docs/operations.md. */
  runbook: string;
}

/** Windows: alerts look at five minutes; graphs let Grafana choose. */
export const ALERT_WINDOW = '5m';
export const GRAPH_WINDOW = '$__rate_interval';

export const inWindow = (expr: string, window: string): string => expr.replaceAll('$window', window);

const runbook = (heading: string) => `docs/operations.md#${heading}`;

export const CPU: Measure = {
  id: 'cpu',
  title: 'Server CPU high',
  expr: '100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{job="node",mode="idle"}[$window])))',
  unit: 'percent',
  warning: 70,
  critical: 85,
  for: { warning: '10m', critical: '5m' },
  panelId: 40,
  summary: 'The server uses {{ printf "%.0f" $values.B.Value }} % of its CPU.',
  runbook: runbook('alert-server-cpu-high'),
};

export const MEMORY: Measure = {
  id: 'memory',
  title: 'Server memory high',
  // MemAvailable counts what the kernel can give back; MemFree does not.
  expr: '100 * (1 - node_memory_MemAvailable_bytes{job="node"} / node_memory_MemTotal_bytes{job="node"})',
  unit: 'percent',
  warning: 80,
  critical: 90,
  for: { warning: '10m', critical: '5m' },
  panelId: 41,
  summary: 'The server uses {{ printf "%.0f" $values.B.Value }} % of its memory.',
  runbook: runbook('alert-server-memory-high'),
};

export const INFERENCE_P95: Measure = {
  id: 'inference-p95',
  title: 'Model answers slow',
  expr: [
    'histogram_quantile(0.95, sum by (le, model) (rate(chatbot_inference_duration_seconds_bucket{job="chatbot"}[$window])))',
    'and on (model) (sum by (model) (rate(chatbot_inference_duration_seconds_count{job="chatbot"}[$window])) > 0)',
  ].join(' '),
  unit: 's',
  warning: 0.5,
  critical: 1,
  for: { warning: '10m', critical: '5m' },
  panelId: 20,
  summary: '95 % of the answers of {{ $labels.model }} take up to {{ printf "%.2f" $values.B.Value }} s.',
  runbook: runbook('alert-model-answers-slow'),
};

export const SESSIONS: Measure = {
  id: 'sessions',
  title: 'Sessions near the limit',
  // Sessions are counted in the database: every replica reports the same number, so they are not added up.
  expr: '100 * max(chatbot_sessions_active{job="chatbot"}) / (max(chatbot_sessions_limit{job="chatbot"}) > 0)',
  unit: 'percent',
  warning: 80,
  critical: 100,
  for: { warning: '5m', critical: '1m' },
  panelId: 12,
  summary: 'Conversations are at {{ printf "%.0f" $values.B.Value }} % of SESSIONS_MAX.',
  runbook: runbook('alert-sessions-near-the-limit'),
};

const BOUND_AT = 'chatbot_organisation_bound_timestamp_seconds{job="chatbot"}';
const STRANGERS = 'chatbot_callbacks_ignored_total{job="chatbot",reason="unknown_tenant"}';
const what = (expr: string, label: string) => `label_replace(${expr}, "what", "${label}", "", "")`;

export const ORGANISATIONS: Measure = {
  id: 'organisations',
  title: 'New or unknown organisation',
  expr: [
    // A time, not a counter: a bot may bind before its first scrape.
    what(`max by (platform) (time() - (${BOUND_AT} > 0) < bool 300)`, 'bound to the tenant default'),
    what(`sum by (platform) (increase(${STRANGERS}[$window]))`, 'messages ignored'),
  ].join(' or '),
  unit: 'short',
  warning: 0,
  for: { warning: '1m' },
  panelId: 14,
  summary: 'An organisation of {{ $labels.platform }}: {{ $labels.what }} ({{ printf "%.0f" $values.B.Value }}).',
  runbook: runbook('alert-new-or-unknown-organisation'),
};

export const MEASURES: readonly Measure[] = [CPU, MEMORY, INFERENCE_P95, SESSIONS, ORGANISATIONS];
