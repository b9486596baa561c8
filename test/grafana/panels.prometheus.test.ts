// Every panel about the bot, asked of a real Prometheus that scrapes the bot's real registry: none is empty under traffic.
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

/** Panels that ask the bot and nobody else. */
const questions = dashboards
  .flatMap(({ panels }) => panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr }))))
  .filter(({ expr }) => expr.includes('job="chatbot"') && !/job="(node|elastic)"/.test(expr));

let folder: string;
let metrics: Metrics;
let bot: Server;
let traffic: NodeJS.Timeout;
let prometheus: ChildProcess;
let address: string;

/** One message a call, through everything the panels look at. */
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
  await waitUntil('a rate over several scrapes', async () => Number((await ask('count_over_time(up[1m])'))[0]) >= 4);
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

/** The bundle's own configuration with the bot where it is in this test, and scraped every second. */
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

/** Values of an instant query. */
async function ask(expr: string): Promise<string[]> {
  const answer = await fetch(`${address}/api/v1/query?query=${encodeURIComponent(expr)}`);
  const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } }; // Prometheus's own shape
  return data.result.map(({ value }) => value[1]);
}

test('there are panels to ask', () => {
  expect(questions.length).toBeGreaterThan(15);
});

test.each(questions)('$title: $expr', async ({ expr }) => {
  const values = await ask(expr.replaceAll('$__rate_interval', '30s'));
  expect(values.filter((value) => value !== 'NaN')).not.toEqual([]);
});

test('the guard of the latency hides a model nobody asks', async () => {
  const p95 = questions.find(({ expr }) => expr.includes('inference_duration_seconds_count'))?.expr ?? '';
  const value = Number((await ask(p95.replaceAll('$__rate_interval', '30s')))[0]);
  expect(value).toBeGreaterThan(0.25);
  expect(value).toBeLessThanOrEqual(0.5);
  expect(await ask(p95.replaceAll('$__rate_interval', '30s').replaceAll('> 0)', '> 1e9)'))).toEqual([]);
});
