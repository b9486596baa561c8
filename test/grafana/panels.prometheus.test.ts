// Runs the queries of the bot's panels on a real Prometheus with traffic. Every query must return a value.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { descriptors } from '../../bot/platforms/registry.ts';
import { createMetrics, type Metrics } from '../../bot/telemetry/metrics.ts';
import { freePort } from '../support/free-port.ts';
import { spawnMarked } from '../support/spawn-marked.ts';
import { waitUntil } from '../support/wait-until.ts';
import { dashboards, ROOT } from './provisioning.ts';

/** Queries of the panels that use metrics of the bot only. */
const queries = dashboards
  .flatMap(({ panels }) => panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr }))))
  .filter(({ expr }) => expr.includes('job="chatbot"') && !/job="(node|elastic)"/.test(expr));

let folder: string;
let metrics: Metrics;
let bot: Server;
let traffic: NodeJS.Timeout;
let prometheus: ChildProcess;
let address: string;

/** Records the metrics of one message. */
function oneMessage(): void {
  metrics.callbacks.inc({ platform: 'feishu', outcome: 'accepted' });
  metrics.callbackAckDuration.observe({ platform: 'feishu' }, 0.02);
  metrics.inferenceDuration.observe({ model: 'm', outcome: 'success' }, 0.3);
  metrics.inferenceFirstToken.observe({ model: 'm' }, 0.1);
  metrics.pushes.inc({ platform: 'feishu', outcome: 'sent' });
  metrics.logLines.inc({ level: 'info' });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chatbot-prometheus-'));
  metrics = createMetrics({ platforms: descriptors(), version: '0', commit: '0', sessionsLimit: 200, models: ['m'] });
  bot = createServer(async (_request, response) => {
    const text = await metrics.registry.metrics();
    response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text);
  });
  const port = await freePort();
  bot.listen(port, '127.0.0.1');
  traffic = setInterval(oneMessage, 50);
  address = await startPrometheus(port);
  await waitUntil(
    'a rate over several scrapes',
    async () => Number((await runQuery('count_over_time(up[1m])'))[0]) >= 4,
  );
});

afterAll(async () => {
  clearInterval(traffic);
  if (prometheus?.exitCode === null) {
    prometheus.kill('SIGTERM');
    await once(prometheus, 'exit');
  }
  bot?.closeAllConnections();
  bot?.close();
  metrics?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Starts Prometheus with the bundle's configuration, changed to the bot's port and a scrape every second. */
async function startPrometheus(botPort: number): Promise<string> {
  const config = parse(await readFile(`${ROOT}grafana/prometheus/prometheus.yml`, 'utf8'));
  const job = config.scrape_configs.find(({ job_name }: { job_name: string }) => job_name === 'chatbot');
  job.static_configs = [{ targets: [`127.0.0.1:${botPort}`] }];
  config.global = { ...config.global, scrape_interval: '1s', scrape_timeout: '1s' };
  await writeFile(join(folder, 'prometheus.yml'), stringify({ ...config, scrape_configs: [job] }));
  const listen = `127.0.0.1:${await freePort()}`;
  const files = [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`];
  prometheus = spawnMarked('prometheus', [...files, `--web.listen-address=${listen}`], { stdio: 'ignore' });
  const url = `http://${listen}`;
  await waitUntil('Prometheus is ready', async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok);
  return url;
}

/** Returns the values of an instant query. */
async function runQuery(expr: string): Promise<string[]> {
  const response = await fetch(`${address}/api/v1/query?query=${encodeURIComponent(expr)}`);
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } }; // Prometheus's own shape
  return data.result.map(({ value }) => value[1]);
}

test('there are panels to test', () => {
  expect(queries.length).toBeGreaterThan(15);
});

test.each(queries)('$title: $expr', async ({ expr }) => {
  const values = await runQuery(expr.replaceAll('$__rate_interval', '30s'));
  expect(values.filter((value) => value !== 'NaN')).not.toEqual([]);
});

test('the latency query returns no value for a model without traffic', async () => {
  const p95 = queries.find(({ expr }) => expr.includes('inference_duration_seconds_count'))?.expr ?? '';
  const value = Number((await runQuery(p95.replaceAll('$__rate_interval', '30s')))[0]);
  expect(value).toBeGreaterThan(0.25);
  expect(value).toBeLessThanOrEqual(0.5);
  expect(await runQuery(p95.replaceAll('$__rate_interval', '30s').replaceAll('> 0)', '> 1e9)'))).toEqual([]);
});
