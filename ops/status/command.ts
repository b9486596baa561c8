// `ops status`: shows the running services, their ports and start times, and the bot's health.

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Command } from '../command.ts';
import { readOnlyComposeEnv } from '../installation/compose-secrets.ts';
import { readContainers } from '../installation/containers.ts';
import { EMBEDDED_SERVICES, runningProfile } from '../installation/profile-file.ts';
import { columns } from '../process/columns.ts';
import { getJson } from '../process/get-json.ts';
import { isRunning, type Run, readRun } from '../process/run-file.ts';
import { print } from '../process/terminal.ts';
import { COMPOSE_STATUS_URL, readBotReport } from './bot-report.ts';

export const command: Command = {
  name: 'status',
  summary: "show the running services, their ports, their start times, and the bot's health",
  usage: () => `Usage: ./chatbot status

Exit code 0 when everything is up and the bot is ready, 1 when not.`,
  run,
};

async function run(argv: string[]): Promise<number> {
  parseArgs({ args: argv, options: {} });
  const dir = process.cwd();
  const profile = runningProfile(dir);
  const compose = profile === 'lite' || profile === 'full';
  const healthy = compose ? await composeStatus(dir, profile) : await embeddedStatus(dir);
  return healthy ? 0 : 1;
}

async function embeddedStatus(dir: string): Promise<boolean> {
  const runs = EMBEDDED_SERVICES.flatMap((name) => readRun(dir, name) ?? []);
  if (runs.length === 0) {
    print('Nothing is running here. Start with: make up');
    return false;
  }
  const states = await Promise.all(runs.map(stateOf));
  const rows = runs.map((run, i) => [
    run.name,
    states[i] ?? '',
    String(run.pid),
    run.listens.map(({ port }) => port).join(' '),
    `${run.startedAt.slice(0, 19).replace('T', ' ')} UTC`,
  ]);
  print(`Profile embedded\n\n${columns([['component', 'state', 'pid', 'ports', 'since'], ...rows])}`);
  const bot = runs.find(({ name }) => name === 'bot');
  const reported = bot !== undefined && (await printBotReport(bot.readyUrl.replace(/readyz$/, 'status')));
  const ended = states.includes('ended');
  if (ended) print('\nA component has ended without being stopped. The cause: make logs. Start it again: make up');
  return reported && states.every((state) => state === 'ready');
}

async function stateOf(run: Run): Promise<string> {
  if (!isRunning(run)) return 'ended';
  const answer = await getJson(run.readyUrl, 5000);
  if (!answer) return 'not answering';
  return answer.status === 200 ? 'ready' : 'not ready';
}

async function composeStatus(dir: string, profile: string): Promise<boolean> {
  const containers = await readContainers(dir, readOnlyComposeEnv(join(dir, '.env'), process.env));
  if (containers.length === 0) {
    print(`The ${profile} profile was started here, but its containers no longer exist. Start it again with: make up`);
    return false;
  }
  const rows = containers.map(({ service, status, ports }) => [service, status, ports]);
  print(`Profile ${profile}\n\n${columns([['component', 'state', 'ports'], ...rows])}`);
  const reported = await printBotReport(COMPOSE_STATUS_URL);
  return reported && containers.every(({ healthy }) => healthy);
}

async function printBotReport(statusUrl: string): Promise<boolean> {
  const report = await readBotReport(statusUrl);
  if (report) print(`\n${report.text}`);
  else print(`\nThe bot does not answer at ${statusUrl}. The cause: make diagnose`);
  return report?.ready ?? false;
}
