// Measures with an alert threshold: the source of the alert rules, their panels and the lines in graphs.

/** Uid of the data source in provisioning/datasources; never changes. */
export const DATASOURCE_UID = 'prometheus';
export const DASHBOARD_UID = 'chatbot-overview';

export interface Measure {
  /** Part of the uids of the rules. Never change it, because Grafana would keep the rule with the old uid as well. */
  id: string;
  /** Name of the alert, without the severity. */
  title: string;
  /** PromQL with `$window` for the range. Without traffic it returns no value, not NaN. */
  expr: string;
  unit: 'percent' | 's' | 'short';
  warning: number;
  /** If missing, the measure has no critical rule. */
  critical?: number;
  /** Durations for which a threshold must be exceeded before the alert fires. */
  for: { warning: string; critical?: string };
  /** Panel of the overview dashboard that shows it. */
  panelId: number;
  /** Text of the alert: one line with the measured value, as a template of Grafana. */
  summary: string;
  /** Heading of docs/operations.md with instructions for the operator. */
  runbook: string;
}

/** Values of `$window`. Alerts use five minutes; in graphs Grafana chooses the range. */
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
  // MemAvailable includes memory that the kernel can reclaim; MemFree does not.
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
  // Sessions are counted in the database, so every replica reports the same number. Use the maximum, not the sum.
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
const UNKNOWN_TENANT = 'chatbot_callbacks_ignored_total{job="chatbot",reason="unknown_tenant"}';
const labelled = (expr: string, label: string) => `label_replace(${expr}, "what", "${label}", "", "")`;

export const ORGANISATIONS: Measure = {
  id: 'organisations',
  title: 'New or unknown organisation',
  expr: [
    // Uses a time and not a counter, because a bot may bind an organisation before its first scrape.
    labelled(`max by (platform) (time() - (${BOUND_AT} > 0) < bool 300)`, 'bound to the tenant default'),
    labelled(`sum by (platform) (increase(${UNKNOWN_TENANT}[$window]))`, 'messages ignored'),
  ].join(' or '),
  unit: 'short',
  warning: 0,
  for: { warning: '1m' },
  panelId: 14,
  summary: 'An organisation of {{ $labels.platform }}: {{ $labels.what }} ({{ printf "%.0f" $values.B.Value }}).',
  runbook: runbook('alert-new-or-unknown-organisation'),
};

export const MEASURES: readonly Measure[] = [CPU, MEMORY, INFERENCE_P95, SESSIONS, ORGANISATIONS];
