// Checks that every metric of a rule or panel is exported with the labels that the expression uses.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { descriptors } from '../../bot/platforms/registry.ts';
import { createMetrics, type Metrics } from '../../bot/telemetry/metrics.ts';
import { composeFile } from '../compose/compose-file.ts';
import { expressions, ROOT } from './provisioning.ts';

interface ExporterConfig {
  modules: Record<string, { metrics: { name: string; type?: string; values?: Record<string, string> }[] }>;
}

/** Collectors of the node exporter, by metric. */
const NODE_COLLECTORS: Record<string, string> = {
  node_cpu_seconds_total: 'cpu',
  node_memory_MemAvailable_bytes: 'meminfo',
  node_memory_MemTotal_bytes: 'meminfo',
};

const exporterConfig: ExporterConfig = parse(readFileSync(`${ROOT}grafana/json-exporter/config.yml`, 'utf8'));

const fromExporter = Object.values(exporterConfig.modules).flatMap(({ metrics }) =>
  metrics.flatMap(({ name, type, values }) =>
    type === 'object' ? Object.keys(values ?? {}).map((key) => `${name}_${key}`) : [name],
  ),
);

let metrics: Metrics;
/** Series of the bot at its first scrape: name → texts of its labels. */
let fromBot: Map<string, string[]>;

beforeAll(async () => {
  metrics = createMetrics({
    platforms: descriptors(),
    version: '0',
    commit: '0',
    sessionsLimit: 200,
    models: ['offline'],
  });
  const lines = (await metrics.registry.metrics()).split('\n').filter((line) => /^[a-z]/.test(line));
  fromBot = new Map();
  for (const line of lines) {
    const [, name = '', labels = ''] = /^([\w:]+)(?:\{(.*)\})? /.exec(line) ?? [];
    fromBot.set(name, [...(fromBot.get(name) ?? []), labels]);
  }
});

afterAll(() => metrics.stop());

/** Returns the selectors of an expression: name, job, and matchers without `job`, which Prometheus adds. */
function selectors(expr: string): { name: string; job: string; matchers: string[] }[] {
  return [...expr.matchAll(/([a-zA-Z_:][\w:]*)\{([^}]*)\}/g)].map(([, name = '', labels = '']) => {
    const all = labels.split(',');
    const job = all.find((matcher) => matcher.startsWith('job=')) ?? '';
    return { name, job, matchers: all.filter((matcher) => matcher !== job) };
  });
}

const used = expressions.flatMap(({ where, expr }) => selectors(expr).map((selector) => ({ where, ...selector })));
const ofJob = (job: string) => used.filter((selector) => selector.job === `job="${job}"` && selector.name !== 'up');

test('every selector has a job that Prometheus scrapes', () => {
  const config: { scrape_configs: { job_name: string }[] } = parse(
    readFileSync(`${ROOT}grafana/prometheus/prometheus.yml`, 'utf8'),
  );
  const jobs = config.scrape_configs.map(({ job_name }) => `job="${job_name}"`);
  expect(used.filter(({ job }) => !jobs.includes(job))).toEqual([]);
  expect(used.length).toBeGreaterThan(30);
});

describe('the bot', () => {
  test.each(ofJob('chatbot'))('$where: $name', ({ name, matchers }) => {
    const series = fromBot.get(name) ?? [];
    expect(series.filter((labels) => matchers.every((matcher) => labels.includes(matcher)))).not.toEqual([]);
  });

  test('every label in a `by` clause exists', () => {
    const splits = expressions.flatMap(({ where, expr }) =>
      [...expr.matchAll(/by \(([^)]+)\) \((?:rate\()?(chatbot_\w+)\{/g)].map(([, labels = '', name = '']) => ({
        where,
        labels,
        name,
      })),
    );
    const missing = splits.flatMap(({ where, labels, name }) =>
      labels
        .split(/,\s*/)
        .filter((label) => !(fromBot.get(name)?.[0] ?? '').includes(`${label}="`))
        .map((label) => `${where}: ${label} of ${name}`),
    );
    expect(missing).toEqual([]);
    expect(splits.length).toBeGreaterThan(5);
  });
});

describe('the log pipeline', () => {
  test.each(ofJob('elastic'))('$where: $name', ({ name }) => {
    expect(fromExporter).toContain(name);
  });

  test('Prometheus scrapes every module', () => {
    const text = readFileSync(`${ROOT}grafana/prometheus/prometheus.yml`, 'utf8');
    const scraped = [...text.matchAll(/module: (\w+)/g)].map(([, name]) => name);
    expect(scraped).toEqual(Object.keys(exporterConfig.modules));
  });
});

describe('the server', () => {
  test.each(ofJob('node'))('$where: $name', ({ name }) => {
    expect(composeFile.services['node-exporter']?.command).toContain(`--collector.${NODE_COLLECTORS[name]}`);
  });
});
