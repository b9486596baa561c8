// Starts a bot and the lab in a separate folder for one fault, and runs the diagnosis on them.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodeOf } from '../../../ops/diagnose/judge/outcome.ts';
import type { Ports } from '../../../ops/diagnose/ports/ports.ts';
import { createRealPorts } from '../../../ops/diagnose/ports/real-ports.ts';
import { type Report, reportSchema } from '../../../ops/diagnose/report.ts';
import { runDiagnosis } from '../../../ops/diagnose/run-diagnosis.ts';
import { type BotAndLab, startBotAndLab } from '../../support/bot-and-lab.ts';
import { type OpsRun, runOps } from '../../support/built-ops.ts';
import { freePort } from '../../support/free-port.ts';
import { waitUntil } from '../../support/wait-until.ts';

export { buildOps as build } from '../../support/built-ops.ts';

export interface World extends BotAndLab {
  /** Sends a text from the fake platform. Resolves after the first attempt of the bot to push an answer. */
  chat(platform: 'feishu' | 'dingtalk'): Promise<void>;
  /** Changes the settings that the diagnosis reads as the settings of the running bot. */
  changeSettings(change: Record<string, string>): Promise<void>;
  /** Registers a function that runs before the world stops. */
  onEnd(undo: () => Promise<void> | void): void;
}

export async function startWorld(): Promise<World> {
  const running = await startBotAndLab({ model: true, env: { ADMIN_PORT: String(await freePort()) } });
  const undo: (() => Promise<void> | void)[] = [];
  await mkdir(join(running.dir, 'data/run'), { recursive: true });
  const world: World = Object.assign(running, {
    async chat(platform: 'feishu' | 'dingtalk') {
      const before = (await pushes(running)).length;
      await running.lab[platform].sendText({ text: 'hello' });
      await waitUntil('a push attempt', async () => (await pushes(running)).length > before);
    },
    async changeSettings(change: Record<string, string>) {
      Object.assign(running.env, change);
      const path = join(running.dir, 'data/run/environment.json');
      await writeFile(path, JSON.stringify(running.env), { mode: 0o600 });
    },
    onEnd: (step: () => Promise<void> | void) => void undo.push(step),
  });
  const stop = running.stop;
  world.stop = async () => {
    for (const step of undo) await step();
    await stop();
  };
  await world.changeSettings({});
  return world;
}

async function pushes(running: BotAndLab): Promise<unknown[]> {
  const lines = await running.logLines('callback').catch(() => []);
  return lines.filter((line) => line['event.action'] === 'push-attempted');
}

/** Milliseconds; six times the standard budget, because the standard limits of the checks expect an idle machine. */
const BUDGET_MS = 60_000;

export interface Diagnosis {
  report: Report;
  exitCode: number;
}

/** Runs the diagnosis in this process, with fake ports for faults that cannot be caused. */
export async function diagnoseHere(
  dir: string,
  change: (ports: Ports) => Partial<Ports> = () => ({}),
): Promise<Diagnosis> {
  const real = createRealPorts({ dir });
  const ports = { ...real, ...change(real) };
  const report = await runDiagnosis({ env: {}, dir, ports, version: '0.0.0', sinceMs: 1_800_000, budgetMs: BUDGET_MS });
  return { report, exitCode: exitCodeOf(report, false) };
}

/** Runs the built command in a separate process, as an operator does. The process must end by itself. */
export function runCommand(dir: string, argv: string[], env: Record<string, string> = {}): Promise<OpsRun> {
  return runOps(['diagnose', '--budget-ms', String(BUDGET_MS), ...argv], { dir, env });
}

export async function diagnoseByCommand(dir: string): Promise<Diagnosis> {
  const { exitCode, stdout, stderr } = await runCommand(dir, ['--json']);
  if (stderr !== '') throw new Error(`the diagnosis wrote to stderr: ${stderr}`);
  return { report: reportSchema.parse(JSON.parse(stdout)), exitCode };
}
