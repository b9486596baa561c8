// Dashboard "Chatbot overview": shows whether the bot works now, and which part has failed.
import { CPU, DASHBOARD_UID, INFERENCE_P95, MEMORY, ORGANISATIONS, SESSIONS } from '../measures.ts';
import { graph, ofMeasure, placePanels, type Row, stat } from './panels.ts';

const p95 = (metric: string, by: string) =>
  `histogram_quantile(0.95, sum by (le, ${by}) (rate(${metric}_bucket{job="chatbot"}[$window])))`;

const rate = (metric: string, by: string) => `sum by (${by}) (rate(${metric}{job="chatbot"}[$window]))`;

const PUSH_FAILURES = 'sum(rate(chatbot_pushes_total{job="chatbot",outcome="dead"}[$window]))';
const PUSHES = 'sum(rate(chatbot_pushes_total{job="chatbot"}[$window]))';

const status: Row = {
  id: 100,
  title: 'Now',
  panels: [
    stat({
      id: 1,
      title: 'Bot',
      description: '1: Prometheus reaches the bot. 0: it does not; look at `docker compose ps` and `make diagnose`.',
      unit: 'none',
      queries: [{ expr: 'up{job="chatbot"}', legend: 'up' }],
    }),
    stat({
      id: 2,
      title: 'Sessions',
      description: 'Conversations in percent of SESSIONS_MAX.',
      ...ofMeasure(SESSIONS),
      queries: [{ expr: SESSIONS.expr, legend: 'of the limit' }],
    }),
    stat({
      id: 3,
      title: 'Model p95',
      description: '95 % of the answers take at most this long. Empty without traffic.',
      ...ofMeasure(INFERENCE_P95),
      queries: [{ expr: INFERENCE_P95.expr, legend: '{{model}}' }],
    }),
    stat({
      id: 4,
      title: 'Pushes failed',
      description: 'Share of pushes that the platforms rejected for good. Empty without traffic.',
      unit: 'percentunit',
      thresholds: { warning: 0.01, critical: 0.05 },
      queries: [{ expr: `${PUSH_FAILURES} / (${PUSHES} > 0)`, legend: 'failed' }],
    }),
    stat({
      id: 5,
      title: 'CPU',
      description: 'CPU usage of the whole server.',
      ...ofMeasure(CPU),
      queries: [{ expr: CPU.expr, legend: 'CPU' }],
    }),
    stat({
      id: 6,
      title: 'Memory',
      description: 'Memory usage of the whole server, without reclaimable memory.',
      ...ofMeasure(MEMORY),
      queries: [{ expr: MEMORY.expr, legend: 'memory' }],
    }),
  ],
};

const messages: Row = {
  id: 101,
  title: 'Messages in',
  panels: [
    graph({
      id: 10,
      title: 'Callbacks by outcome',
      description: '`rejected`: wrong signature or unknown sender. `error`: failure of the bot.',
      unit: 'reqps',
      queries: [{ expr: rate('chatbot_callbacks_total', 'platform, outcome'), legend: '{{platform}} {{outcome}}' }],
    }),
    graph({
      id: 11,
      title: 'Time to acknowledge, p95',
      description: 'The platforms give up after 1.5 to 3 s and deliver again.',
      unit: 's',
      thresholds: { warning: 1, critical: 1.5 },
      queries: [{ expr: p95('chatbot_callback_ack_duration_seconds', 'platform'), legend: '{{platform}}' }],
    }),
    graph({
      id: SESSIONS.panelId,
      title: 'Sessions',
      description: 'Conversations in percent of SESSIONS_MAX. The lines are the alert thresholds.',
      ...ofMeasure(SESSIONS),
      queries: [{ expr: SESSIONS.expr, legend: 'of the limit' }],
    }),
    graph({
      id: 13,
      title: 'Inbox',
      description: 'Age of the oldest message without an answer. It should be close to the answer time of the model.',
      unit: 's',
      queries: [{ expr: 'max(chatbot_inbox_oldest_age_seconds{job="chatbot"})', legend: 'oldest' }],
    }),
    graph({
      id: ORGANISATIONS.panelId,
      title: 'New and unknown organisations',
      description:
        'First messages of an app, which bind its organisation, and messages of organisations without a tenant.',
      ...ofMeasure(ORGANISATIONS),
      queries: [{ expr: ORGANISATIONS.expr, legend: '{{platform}} {{what}}' }],
    }),
    graph({
      id: 15,
      title: 'Ignored messages by reason',
      description:
        '`not_mentioned` is normal in groups, `unknown_tenant` is not. `make diagnose` explains each reason.',
      unit: 'short',
      queries: [
        { expr: rate('chatbot_callbacks_ignored_total', 'platform, reason'), legend: '{{platform}} {{reason}}' },
      ],
    }),
  ],
};

const model: Row = {
  id: 102,
  title: 'Model',
  panels: [
    graph({
      id: INFERENCE_P95.panelId,
      title: 'Answer time, p95',
      description: 'By model. The lines are the alert thresholds. Empty without traffic.',
      ...ofMeasure(INFERENCE_P95),
      queries: [{ expr: INFERENCE_P95.expr, legend: '{{model}}' }],
    }),
    graph({
      id: 21,
      title: 'Time to the first token, p95',
      description: 'Time from the request until the first token of the answer.',
      unit: 's',
      queries: [{ expr: p95('chatbot_inference_first_token_seconds', 'model'), legend: '{{model}}' }],
    }),
    graph({
      id: 22,
      title: 'Tokens a second',
      description: 'Input and output tokens, as counted by the provider.',
      unit: 'short',
      queries: [{ expr: rate('chatbot_inference_tokens_total', 'model, kind'), legend: '{{model}} {{kind}}' }],
    }),
    graph({
      id: 23,
      title: 'Model errors a second',
      description: 'By error class. `make diagnose` names the fix of each class.',
      unit: 'short',
      queries: [{ expr: rate('chatbot_inference_errors_total', 'class'), legend: '{{class}}' }],
    }),
  ],
};

const pushes: Row = {
  id: 103,
  title: 'Replies out',
  panels: [
    graph({
      id: 30,
      title: 'Pushes by outcome',
      description: '`retrying`: will be sent again. `dead`: given up. `unknown`: may or may not have been delivered.',
      unit: 'reqps',
      queries: [{ expr: rate('chatbot_pushes_total', 'platform, outcome'), legend: '{{platform}} {{outcome}}' }],
    }),
    graph({
      id: 31,
      title: 'Push errors by class',
      description: 'By error class. `make diagnose` names the fix of each class.',
      unit: 'short',
      queries: [{ expr: rate('chatbot_push_errors_total', 'platform, class'), legend: '{{platform}} {{class}}' }],
    }),
    graph({
      id: 32,
      title: 'Outbox',
      description: 'Reply parts by state. `dead` parts need a decision: `./chatbot outbox list`.',
      unit: 'short',
      queries: [{ expr: 'max by (state) (chatbot_outbox_depth{job="chatbot"})', legend: '{{state}}' }],
    }),
    graph({
      id: 33,
      title: 'Oldest reply not yet sent',
      description: 'Grows while a platform rejects messages or cannot be reached.',
      unit: 's',
      queries: [{ expr: 'max(chatbot_outbox_oldest_age_seconds{job="chatbot"})', legend: 'oldest' }],
    }),
  ],
};

const server: Row = {
  id: 104,
  title: 'Server and process',
  panels: [
    graph({
      id: CPU.panelId,
      title: 'CPU of the server',
      description: 'All cores together. The lines are the alert thresholds.',
      ...ofMeasure(CPU),
      max: 100,
      queries: [{ expr: CPU.expr, legend: 'used' }],
    }),
    graph({
      id: MEMORY.panelId,
      title: 'Memory of the server',
      description: 'Without reclaimable memory. The lines are the alert thresholds.',
      ...ofMeasure(MEMORY),
      max: 100,
      queries: [{ expr: MEMORY.expr, legend: 'used' }],
    }),
    graph({
      id: 42,
      title: 'Memory of the bot',
      description: 'Resident memory and the memory limit of the container.',
      unit: 'bytes',
      queries: [
        { expr: 'process_resident_memory_bytes{job="chatbot"}', legend: 'resident' },
        { expr: 'chatbot_memory_limit_bytes{job="chatbot"}', legend: 'limit' },
      ],
    }),
    graph({
      id: 43,
      title: 'Event loop lag, p99',
      description: 'Above 0.1 s the process is too busy to answer callbacks in time.',
      unit: 's',
      thresholds: { warning: 0.1, critical: 0.5 },
      queries: [{ expr: 'nodejs_eventloop_lag_p99_seconds{job="chatbot"}', legend: 'lag' }],
    }),
  ],
};

const logs: Row = {
  id: 105,
  title: 'Logs',
  panels: [
    graph({
      id: 50,
      title: 'Log lines a second',
      description: 'By level. Search them in Kibana: `Chatbot: problems`.',
      unit: 'short',
      queries: [{ expr: rate('chatbot_log_lines_total', 'level'), legend: '{{level}}' }],
    }),
    graph({
      id: 51,
      title: 'Log lines a second by stage',
      description: 'Written by the bot, sent by Filebeat, passed on by Logstash. The three rates should be equal.',
      unit: 'short',
      queries: [
        { expr: 'sum(rate(chatbot_log_lines_total{job="chatbot"}[$window]))', legend: 'bot' },
        { expr: 'rate(filebeat_output_events_acked_total{job="elastic"}[$window])', legend: 'Filebeat' },
        { expr: 'rate(logstash_events_out_total{job="elastic"}[$window])', legend: 'Logstash' },
      ],
    }),
    graph({
      id: 52,
      title: 'Elasticsearch disk free',
      description: 'Below 4 GB Elasticsearch creates no new indices, below 2 GB it stores no new lines.',
      unit: 'bytes',
      queries: [{ expr: 'elasticsearch_node_disk_available_bytes{job="elastic"}', legend: '{{node}}' }],
    }),
    graph({
      id: 53,
      title: 'Heap used',
      description: 'Elasticsearch and Logstash. Both get slow if the value stays above 0.9.',
      unit: 'percentunit',
      thresholds: { warning: 0.85, critical: 0.95 },
      queries: [
        {
          expr: 'elasticsearch_node_heap_used_bytes{job="elastic"} / elasticsearch_node_heap_max_bytes{job="elastic"}',
          legend: 'Elasticsearch',
        },
        {
          expr: 'logstash_jvm_heap_used_bytes{job="elastic"} / logstash_jvm_heap_max_bytes{job="elastic"}',
          legend: 'Logstash',
        },
      ],
    }),
  ],
};

// Changes of alert states, drawn into every graph.
const ALERT_MARKS = {
  name: 'Annotations & Alerts',
  builtIn: 1,
  datasource: { type: 'grafana', uid: '-- Grafana --' },
  type: 'dashboard',
  enable: true,
  hide: true,
  iconColor: 'rgba(0, 211, 255, 1)',
};

/** Returns the dashboard in Grafana's classic JSON model. Grafana 11.6 and later read schema version 41. */
export function overview() {
  return {
    uid: DASHBOARD_UID,
    title: 'Chatbot overview',
    tags: ['chatbot'],
    schemaVersion: 41,
    version: 1,
    editable: false,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    timezone: 'browser',
    annotations: { list: [ALERT_MARKS] },
    templating: { list: [] },
    links: [],
    panels: placePanels([status, messages, model, pushes, server, logs]),
  };
}
