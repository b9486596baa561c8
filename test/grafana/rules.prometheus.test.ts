// Converts Grafana's rules to Prometheus rules and tests them with given time series. Each rule fires above its
// threshold after its time. It does not fire at the threshold, below it, before its time, or without traffic.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { spawnMarkedSync } from '../support/spawn-marked.ts';
import { expressions, ROOT, type Rule, rules } from './provisioning.ts';

interface Series {
  series: string;
  values: string;
}

const BOUND = 'chatbot_organisation_bound_timestamp_seconds{job="chatbot",platform="dingtalk"}';
const IGNORED = 'chatbot_callbacks_ignored_total{job="chatbot",platform="feishu",reason="unknown_tenant"}';

/** Series in which the measure has `value` for an hour, with one point a minute. */
const AT: Record<string, (value: number) => Series[]> = {
  cpu: (percent) => [
    {
      series: 'node_cpu_seconds_total{job="node",instance="server",cpu="0",mode="idle"}',
      values: `0+${60 - 0.6 * percent}x60`,
    },
    {
      series: 'node_cpu_seconds_total{job="node",instance="server",cpu="0",mode="user"}',
      values: `0+${0.6 * percent}x60`,
    },
  ],
  memory: (percent) => [
    { series: 'node_memory_MemAvailable_bytes{job="node",instance="server"}', values: `${100 - percent}x60` },
    { series: 'node_memory_MemTotal_bytes{job="node",instance="server"}', values: '100x60' },
  ],
  sessions: (percent) => [
    { series: 'chatbot_sessions_active{job="chatbot",instance="a"}', values: `${2 * percent}x60` },
    { series: 'chatbot_sessions_active{job="chatbot",instance="b"}', values: `${2 * percent}x60` },
    { series: 'chatbot_sessions_limit{job="chatbot",instance="a"}', values: '200x60' },
  ],
  'inference-p95': (seconds) => inference(seconds, 100),
  // `count` messages within five minutes.
  organisations: (count) => [{ series: IGNORED, values: `0+${count / 5}x60` }],
};

/** Buckets of a model whose answers all have this duration in seconds. The bounds are those of the bot. */
function inference(seconds: number, perMinute: number): Series[] {
  const bounds = [0.05, 0.1, 0.25, 0.5, 0.8, 1, 1.25, 2, 4, Number.POSITIVE_INFINITY];
  const labels = 'job="chatbot",model="m",outcome="success"';
  const buckets = bounds.map((bound) => ({
    series: `chatbot_inference_duration_seconds_bucket{${labels},le="${bound === Number.POSITIVE_INFINITY ? '+Inf' : bound}"}`,
    values: `0+${seconds <= bound ? perMinute : 0}x60`,
  }));
  return [...buckets, { series: `chatbot_inference_duration_seconds_count{${labels}}`, values: `0+${perMinute}x60` }];
}

/** Labels that the series of a measure add to the alert. */
const SERIES_LABELS: Record<string, Record<string, string>> = {
  cpu: { instance: 'server' },
  memory: { job: 'node', instance: 'server' },
  sessions: {},
  'inference-p95': { model: 'm' },
  organisations: { platform: 'feishu', what: 'messages ignored' },
};

// Repeats the numbers of the guide, so that a threshold cannot change by accident.
const CASES: { uid: string; above: number; at: number; below: number; pending: number }[] = [
  { uid: 'chatbot-cpu-warning', above: 71, at: 70, below: 60, pending: 10 },
  { uid: 'chatbot-cpu-critical', above: 86, at: 85, below: 71, pending: 5 },
  { uid: 'chatbot-memory-warning', above: 81, at: 80, below: 60, pending: 10 },
  { uid: 'chatbot-memory-critical', above: 91, at: 90, below: 81, pending: 5 },
  { uid: 'chatbot-inference-p95-warning', above: 0.6, at: 0.5, below: 0.2, pending: 10 },
  { uid: 'chatbot-inference-p95-critical', above: 1.1, at: 1, below: 0.6, pending: 5 },
  { uid: 'chatbot-sessions-warning', above: 81, at: 80, below: 50, pending: 5 },
  { uid: 'chatbot-sessions-critical', above: 101, at: 100, below: 81, pending: 1 },
  { uid: 'chatbot-organisations-warning', above: 1, at: 0, below: 0, pending: 1 },
];

/** Converts a Grafana rule to a Prometheus rule: its query, compared with its threshold. */
function prometheusRule({ uid, data, labels, for: pending, keepFiringFor }: Rule) {
  const evaluator = data.at(-1)?.model.conditions?.[0]?.evaluator;
  if (evaluator?.type !== 'gt') throw new Error(`${uid}: no translation for ${evaluator?.type}`);
  return {
    alert: uid,
    expr: `(${data[0]?.model.expr}) > ${evaluator.params[0]}`,
    for: pending,
    keep_firing_for: keepFiringFor,
    labels,
  };
}

const CONFIG = `${ROOT}grafana/prometheus/prometheus.yml`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chatbot-promtool-'));
  writeFileSync(
    join(folder, 'rules.yml'),
    stringify({ groups: [{ name: 'chatbot', rules: rules.map(prometheusRule) }] }),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function promtool(...args: string[]): string {
  const { status, stdout, stderr } = spawnMarkedSync('promtool', args, { cwd: folder });
  return status === 0 ? 'ok' : stdout + stderr;
}

/** Tests with promtool whether the alert fires at the given minutes. Returns `ok` or promtool's output. */
function testRule(
  name: string,
  uid: string,
  series: Series[],
  checks: { minute: number; firing: boolean }[],
  given?: Record<string, string>,
): string {
  const rule = rules.find((found) => found.uid === uid);
  const measure = rule?.labels.signal ?? '';
  const firing = [{ exp_labels: { ...(given ?? SERIES_LABELS[measure]), ...rule?.labels } }];
  const alert_rule_test = checks.map((check) => ({
    eval_time: `${check.minute}m`,
    alertname: uid,
    exp_alerts: check.firing ? firing : [],
  }));
  const file = join(folder, `${uid}-${name}.yml`);
  const tests = [{ interval: '1m', input_series: series, alert_rule_test }];
  writeFileSync(file, stringify({ rule_files: ['rules.yml'], evaluation_interval: '1m', tests }));
  return promtool('test', 'rules', file);
}

test('every rule has a test case', () => {
  expect(CASES.map(({ uid }) => uid)).toEqual(rules.map(({ uid }) => uid));
});

test('promtool accepts the rules', () => {
  expect(promtool('check', 'rules', 'rules.yml')).toBe('ok');
});

describe.each(CASES)('$uid', ({ uid, above, at, below, pending }) => {
  const series = AT[rules.find((rule) => rule.uid === uid)?.labels.signal ?? ''];
  if (series === undefined) throw new Error(`${uid}: no series for its signal`);

  test('fires above its threshold after its time', () => {
    // Rates exist from the second point on.
    const checks = [
      { minute: pending - 1, firing: false },
      { minute: pending + 2, firing: true },
      { minute: 50, firing: true },
    ];
    expect(testRule('above', uid, series(above), checks)).toBe('ok');
  });

  test.each([
    ['at', at],
    ['below', below],
  ])('does not fire %s its threshold', (name, value) => {
    expect(
      testRule(
        name,
        uid,
        series(value),
        [5, 15, 30, 55].map((minute) => ({ minute, firing: false })),
      ),
    ).toBe('ok');
  });

  test('does not fire without data', () => {
    expect(testRule('nothing', uid, [], [{ minute: 30, firing: false }])).toBe('ok');
  });
});

test.each(['warning', 'critical'])('does not fire for a slow model without traffic (%s)', (severity) => {
  const idle = inference(3, 0);
  expect(testRule('idle', `chatbot-inference-p95-${severity}`, idle, [{ minute: 30, firing: false }])).toBe('ok');
});

test('an alert is resolved after the end of the traffic', () => {
  const series = inference(3, 100).map(({ series: name, values }) => ({
    series: name,
    // Twenty minutes of traffic, then none.
    values: values.startsWith('0+100') ? '0+100x20 2000x40' : '0x60',
  }));
  const checks = [
    { minute: 18, firing: true },
    { minute: 45, firing: false },
  ];
  expect(testRule('ended', 'chatbot-inference-p95-critical', series, checks)).toBe('ok');
});

describe('organisations', () => {
  const uid = 'chatbot-organisations-warning';
  // Seconds of minute 10.
  const BOUND_AT = 600;
  const bound = { platform: 'dingtalk', what: 'bound to the tenant default' };
  const once = [
    { minute: 9, firing: false },
    { minute: 12, firing: true },
    { minute: 30, firing: false },
  ];

  test('fires for a new binding', () => {
    expect(testRule('one', uid, [{ series: BOUND, values: `0x9 ${BOUND_AT}x50` }], once, bound)).toBe('ok');
  });

  test('fires for a binding before the first scrape', () => {
    expect(testRule('early', uid, [{ series: BOUND, values: `_x9 ${BOUND_AT}x50` }], once, bound)).toBe('ok');
  });

  test('does not fire after a restart of the bot', () => {
    const values = `${BOUND_AT}x20 0x40`;
    expect(testRule('restart', uid, [{ series: BOUND, values }], [{ minute: 24, firing: false }])).toBe('ok');
  });

  test('fires for messages of an organisation without a tenant', () => {
    expect(testRule('ignored', uid, [{ series: IGNORED, values: '0x9 3x50' }], once)).toBe('ok');
  });
});

test('the Prometheus configuration is valid', () => {
  expect(promtool('check', 'config', CONFIG)).toBe('ok');
});

test('Prometheus requests the status pages of the log pipeline through the exporter', () => {
  const { stdout } = spawnMarkedSync('promtool', ['check', 'service-discovery', '--timeout=2s', CONFIG, 'elastic']);
  const targets: { labels: Record<string, string> }[] = JSON.parse(stdout);
  const requests = targets
    .map(({ labels }) => [labels.__address__, labels.__param_module, labels.__param_target])
    .sort();
  expect(requests).toEqual([
    ['json-exporter:7979', 'elasticsearch', 'http://elasticsearch:9200/_cluster/health'],
    ['json-exporter:7979', 'elasticsearch_nodes', 'http://elasticsearch:9200/_nodes/stats/fs,jvm'],
    ['json-exporter:7979', 'filebeat', 'http://filebeat:5066/stats'],
    ['json-exporter:7979', 'logstash', 'http://logstash:9600/_node/stats'],
  ]);
});

test('every expression of rules and dashboards is valid PromQL', () => {
  const records = expressions.map(({ expr }, index) => ({
    record: `check:${index}`,
    expr: expr.replaceAll('$__rate_interval', '5m'),
  }));
  writeFileSync(join(folder, 'expressions.yml'), stringify({ groups: [{ name: 'all', rules: records }] }));
  expect(records.length).toBeGreaterThan(30);
  expect(promtool('check', 'rules', 'expressions.yml')).toBe('ok');
});
