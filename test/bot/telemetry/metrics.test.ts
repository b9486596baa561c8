// The exposition format: every specified series is present at zero, and its name follows the rules.
import { afterEach, describe, expect, test } from '@jest/globals';
import { INFERENCE_ERROR_CLASSES } from '../../../bot/domain/inference.ts';
import { descriptors } from '../../../bot/platforms/registry.ts';
import { adminLabels, dbOperation } from '../../../bot/telemetry/labels.ts';
import { createMetrics, type Metrics, type MetricsOptions, type QueueFacts } from '../../../bot/telemetry/metrics.ts';

interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** Parses the text format. Throws on an unknown line. */
function parse(text: string): { samples: Sample[]; types: Record<string, string>; helps: Record<string, string> } {
  const samples: Sample[] = [];
  const types: Record<string, string> = {};
  const helps: Record<string, string> = {};
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const meta = /^# (TYPE|HELP) (\S+) (.+)$/.exec(line);
    const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (meta) (meta[1] === 'TYPE' ? types : helps)[meta[2] ?? ''] = meta[3] ?? '';
    else if (sample) {
      const pairs = [...(sample[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
      const labels = Object.fromEntries(pairs.map(([, name, value]) => [name, value]));
      samples.push({ name: sample[1] ?? '', labels, value: Number(sample[3]) });
    } else throw new Error(`cannot read: ${line}`);
  }
  return { samples, types, helps };
}

const made: Metrics[] = [];
afterEach(() => {
  for (const metrics of made.splice(0)) metrics.stop();
});

function create(options: Partial<MetricsOptions> = {}): Metrics {
  const metrics = createMetrics({
    platforms: descriptors(),
    version: '1.2.3',
    commit: 'abc',
    sessionsLimit: 200,
    models: ['qwen-plus', 'offline'],
    ...options,
  });
  made.push(metrics);
  return metrics;
}

const scrape = async (metrics: Metrics) => parse(await metrics.registry.metrics());
const valuesOf = ({ samples }: { samples: Sample[] }, name: string) =>
  samples.filter((sample) => sample.name === name).map(({ labels, value }) => ({ ...labels, value }));

/** Name, type, labels, and number of label combinations of each metric. */
const SPECIFIED: [string, string, string[], number][] = [
  ['http_request_duration_seconds', 'histogram', ['route', 'method', 'status_class'], (8 + 3) * 4],
  ['callbacks_total', 'counter', ['platform', 'outcome'], 12],
  ['callbacks_ignored_total', 'counter', ['platform', 'reason'], 14],
  ['organisation_bound_timestamp_seconds', 'gauge', ['platform'], 2],
  ['callback_ack_duration_seconds', 'histogram', ['platform'], 2],
  ['inbound_last_seen_timestamp_seconds', 'gauge', ['platform'], 2],
  ['connection_up', 'gauge', ['platform'], 2],
  ['connection_opens_total', 'counter', ['platform'], 2],
  ['connection_failures_total', 'counter', ['platform'], 2],
  ['connection_last_frame_timestamp_seconds', 'gauge', ['platform'], 2],
  ['inbox_depth', 'gauge', [], 1],
  ['inbox_oldest_age_seconds', 'gauge', [], 1],
  ['sessions_active', 'gauge', [], 1],
  ['inference_duration_seconds', 'histogram', ['model', 'outcome'], 4],
  ['inference_first_token_seconds', 'histogram', ['model'], 2],
  ['inference_tokens_total', 'counter', ['model', 'kind'], 4],
  ['inference_errors_total', 'counter', ['model', 'class'], 2 * INFERENCE_ERROR_CLASSES.length],
  ['model_circuit_open', 'gauge', ['endpoint'], 3],
  ['pushes_total', 'counter', ['platform', 'outcome'], 8],
  ['push_duration_seconds', 'histogram', ['platform'], 2],
  ['push_errors_total', 'counter', ['platform', 'class'], 32],
  ['outbox_depth', 'gauge', ['state'], 4],
  ['outbox_oldest_age_seconds', 'gauge', [], 1],
  ['rate_limited_total', 'counter', ['scope'], 3],
  ['alert_relay_total', 'counter', ['receiver', 'outcome'], 6],
  ['log_lines_total', 'counter', ['level'], 4],
  ['db_query_duration_seconds', 'histogram', ['operation'], 5],
  ['db_pool_connections', 'gauge', ['state'], 4],
];

describe('the first scrape', () => {
  test.each(SPECIFIED)('has %s at zero', async (short, type, labels, count) => {
    const exposition = await scrape(create());
    const name = `chatbot_${short}`;
    expect(exposition.types[name]).toBe(type);
    const series = valuesOf(exposition, type === 'histogram' ? `${name}_count` : name);
    expect(series).toHaveLength(count);
    for (const { value, ...given } of series) {
      expect(value).toBe(0);
      expect(Object.keys(given).sort()).toEqual([...labels].sort());
    }
  });

  test('has the limits of the process, the version and the commit', async () => {
    const exposition = await scrape(create());
    expect(valuesOf(exposition, 'chatbot_sessions_limit')).toEqual([{ value: 200 }]);
    expect(valuesOf(exposition, 'chatbot_build_info')).toEqual([{ version: '1.2.3', commit: 'abc', value: 1 }]);
    expect(valuesOf(exposition, 'chatbot_cpu_limit_cores')[0]?.value).toBeGreaterThan(0);
    expect(valuesOf(exposition, 'chatbot_memory_limit_bytes')[0]?.value).toBeGreaterThan(1e7);
    expect(valuesOf(exposition, 'process_resident_memory_bytes')[0]?.value).toBeGreaterThan(1e7);
    expect(exposition.types.nodejs_eventloop_lag_p99_seconds).toBe('gauge');
  });

  test('has no other metrics of the bot, and all names follow the rules', async () => {
    const { types, helps } = await scrape(create());
    const ownNames = Object.keys(types).filter((name) => name.startsWith('chatbot_'));
    const others = ['sessions_limit', 'build_info', 'cpu_limit_cores', 'memory_limit_bytes', 'state_read_errors_total'];
    expect(ownNames.sort()).toEqual(
      [...SPECIFIED.map(([name]) => name), ...others].map((name) => `chatbot_${name}`).sort(),
    );
    for (const name of ownNames) {
      expect(name).toMatch(/^[a-z][a-z_]*[a-z]$/);
      expect(name.endsWith('_total')).toBe(types[name] === 'counter');
      expect(name).not.toMatch(/_(milliseconds|ms|minutes|kilobytes|megabytes|counter|gauge|histogram)(_|$)/);
      if (types[name] === 'histogram') expect(name).toMatch(/_seconds$/);
      expect(helps[name]).toMatch(/^[A-Z].*\.$/);
    }
  });

  test('has fewer than 2000 series', async () => {
    expect((await scrape(create())).samples.length).toBeLessThan(2000);
  });

  test.each([
    'inference_duration_seconds',
    'inference_first_token_seconds',
    'callback_ack_duration_seconds',
    'http_request_duration_seconds',
    'push_duration_seconds',
  ])('has bounds of %s at and around the thresholds of the alerts', async (name) => {
    const buckets = valuesOf(await scrape(create()), `chatbot_${name}_bucket`) as { le?: string }[]; // labels are texts
    const bounds = new Set(buckets.map(({ le }) => le));
    for (const bound of ['0.25', '0.5', '0.8', '1', '1.25', '+Inf']) expect(bounds).toContain(bound);
  });
});

describe('a state', () => {
  const facts: QueueFacts = {
    inboxDepth: 1,
    inboxOldestAgeSeconds: 2,
    outboxDepth: { pending: 3, sending: 4, unknown: 5, dead: 6 },
    outboxOldestAgeSeconds: 7,
    sessionsActive: 8,
  };
  const state = async (metrics: Metrics) => {
    const exposition = await scrape(metrics);
    const names = [
      'inbox_depth',
      'inbox_oldest_age_seconds',
      'outbox_oldest_age_seconds',
      'sessions_active',
      'outbox_depth',
      'db_pool_connections',
    ];
    return names.map((name) => valuesOf(exposition, `chatbot_${name}`).map(({ value }) => value));
  };

  test('is read once per scrape', async () => {
    let reads = 0;
    const metrics = create({
      readQueues: async () => {
        reads += 1;
        return { ...facts, inboxDepth: reads };
      },
      readPool: () => ({ used: 1, free: 2, waiting: 3, max: 4 }),
    });
    expect(await state(metrics)).toEqual([[1], [2], [7], [8], [3, 4, 5, 6], [1, 2, 3, 4]]);
    expect(await state(metrics)).toEqual([[2], [2], [7], [8], [3, 4, 5, 6], [1, 2, 3, 4]]);
    expect(reads).toBe(2);
  });

  test.each<[string, () => Promise<QueueFacts>]>([
    ['fails', () => Promise.reject(new Error('no database'))],
    [
      'throws at once',
      () => {
        throw new Error('no database');
      },
    ],
    ['hangs', () => new Promise(() => undefined)],
  ])('whose read %s is omitted and counted, and returns after the next successful read', async (_name, broken) => {
    let read = broken;
    let pool = () => ({ used: 1, free: 0, waiting: 0, max: 1 });
    const goodPool = pool;
    pool = () => {
      throw new Error('no pool');
    };
    const metrics = create({ readQueues: () => read(), readPool: () => pool() });
    expect(await state(metrics)).toEqual([[], [], [], [], [], []]);
    read = async () => facts;
    pool = goodPool;
    expect(await state(metrics)).toEqual([[1], [2], [7], [8], [3, 4, 5, 6], [1, 0, 0, 1]]);
    expect(valuesOf(await scrape(metrics), 'chatbot_state_read_errors_total')).toEqual([
      { state: 'queues', value: 1 },
      { state: 'pool', value: 1 },
    ]);
  });
});

test('counted and timed values are exposed', async () => {
  const metrics = create();
  metrics.callbacks.inc({ platform: 'feishu', outcome: 'accepted' });
  metrics.inferenceDuration.observe({ model: 'offline', outcome: 'success' }, 0.9);
  const exposition = await scrape(metrics);
  expect(valuesOf(exposition, 'chatbot_callbacks_total').filter(({ value }) => value > 0)).toEqual([
    { platform: 'feishu', outcome: 'accepted', value: 1 },
  ]);
  const full = valuesOf(exposition, 'chatbot_inference_duration_seconds_bucket').filter(({ value }) => value > 0);
  expect(full.map((sample) => (sample as { le?: string }).le)).toEqual([
    '1',
    '1.25',
    '2',
    '4',
    '8',
    '16',
    '32',
    '64',
    '+Inf',
  ]); // labels are texts
});

test('two bots in one process have separate metrics', async () => {
  const [one, two] = [create(), create()];
  one.rateLimited.inc({ scope: 'tenant' });
  expect(valuesOf(await scrape(two), 'chatbot_rate_limited_total').map(({ value }) => value)).toEqual([0, 0, 0]);
});

test.each([
  ['/alerts/grafana', 'POST', 200, { route: '/alerts/grafana', method: 'POST', status_class: '2xx' }],
  ['/metrics', 'GET', 304, { route: '/metrics', method: 'GET', status_class: '3xx' }],
  ['/alerts/grafana', 'GET', 404, { route: 'unmatched', method: 'GET', status_class: '4xx' }],
  ['/alerts/grafana/', 'POST', 404, { route: 'unmatched', method: 'POST', status_class: '4xx' }],
  ['', 'PROPFIND', 500, { route: 'unmatched', method: 'other', status_class: '5xx' }],
  ['toString', 'GET', 101, { route: 'unmatched', method: 'GET', status_class: '5xx' }],
])('labels of %s %s %s', (path, method, status, expected) =>
  expect(adminLabels(path, method, status)).toEqual(expected),
);

test.each([
  ['first', 'select'],
  ['pluck', 'select'],
  ['del', 'delete'],
  ['insert', 'insert'],
  ['raw', 'other'],
  [undefined, 'other'],
])('database operation %s is %s', (method, expected) => expect(dbOperation(method)).toBe(expected));
