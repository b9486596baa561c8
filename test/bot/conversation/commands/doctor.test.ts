// The doctor of `/diagnose`: as a real process, and as the built program with a bot and the lab.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDiagnose } from '../../../../bot/conversation/commands/diagnose.ts';
import { createDoctor } from '../../../../bot/conversation/commands/doctor.ts';
import { phrasesIn } from '../../../../bot/conversation/phrases.ts';
import { projectRoot } from '../../../../ops/installation/project-root.ts';
import { type BotAndLab, startBotAndLab } from '../../../support/bot-and-lab.ts';
import { freePort } from '../../../support/free-port.ts';
import { waitUntil } from '../../../support/wait-until.ts';

const never = new AbortController().signal;

describe('the process', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'chatbot-doctor-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  /** Writes a program that replaces the command line. Returns its path. */
  async function program(code: string): Promise<string> {
    const path = join(dir, `${Math.random()}.mjs`);
    await writeFile(path, `import { writeFileSync } from 'node:fs';\n${code}`);
    return path;
  }

  test('receives arguments, environment and working directory, and returns report and exit code', async () => {
    const code = 'console.log([...process.argv.slice(2), process.env.WHO, process.cwd()].join(" ")); process.exit(3);';
    const doctor = createDoctor({ program: await program(code), env: { WHO: 'me' }, cwd: dir });
    const report = `diagnose --markdown --budget-ms 30000 me ${dir}\n`;
    await expect(doctor.run(never)).resolves.toEqual({ outcome: 'ended', exitCode: 3, report });
  });

  test('inherits the environment of the bot by default', async () => {
    const doctor = createDoctor({ program: await program('console.log(process.env.PATH)') });
    const report = `${process.env.PATH}\n`;
    await expect(doctor.run(never)).resolves.toEqual({ outcome: 'ended', exitCode: 0, report });
  });

  test.each([
    ['a crash', 'throw new Error("secret")', 1],
    ['a killed process', 'process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000);', -1],
  ])('%s adds nothing from stderr to the report', async (_name, code, exitCode) => {
    const doctor = createDoctor({ program: await program(code) });
    await expect(doctor.run(never)).resolves.toEqual({ outcome: 'ended', exitCode, report: '' });
  });

  test('is killed at the time limit, even if it ignores SIGTERM', async () => {
    const ignoring = await program('process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);');
    const doctor = createDoctor({ program: ignoring, timeLimitMs: 500 });
    await expect(doctor.run(never)).resolves.toEqual({ outcome: 'timed_out' });
  });

  test('is killed when the signal aborts', async () => {
    const pidFile = join(dir, 'pid');
    const code = `writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => {}, 1000);`;
    const stop = new AbortController();
    const run = createDoctor({ program: await program(code) }).run(stop.signal);
    const pid = await waitUntil('the process runs', async () => Number(await readOr(pidFile)) || undefined);
    stop.abort(new Error('the bot stops'));
    await expect(run).rejects.toThrow('the bot stops');
    await waitUntil('the process is gone', async () => !alive(pid));
  });

  test('is reported as missing if the program does not exist', async () => {
    await expect(createDoctor({ program: join(dir, 'none.js') }).run(never)).resolves.toEqual({ outcome: 'missing' });
  });
});

describe('the built doctor', () => {
  let running: BotAndLab;
  beforeAll(async () => {
    running = await startBotAndLab({ model: true, env: { ADMIN_PORT: String(await freePort()) } });
  });
  afterAll(() => running.stop());

  /** Returns the reply that an operator receives if the bot runs with these settings. */
  async function diagnosis(env: Record<string, string> = {}): Promise<string> {
    const doctor = createDoctor({
      program: join(projectRoot(), 'dist/ops/main.js'),
      env: { ...running.env, ...env },
      cwd: running.dir,
    });
    const { run } = createDiagnose(doctor);
    const call = {
      text: '/diagnose',
      platform: 'feishu',
      externalTenantId: 't',
      tenantId: 'default',
      userId: 'ou_boss',
    } as const;
    return (await run({ phrases: phrasesIn('en'), operator: true, call, signal: never })).text;
  }

  test('reports a healthy bot', async () => {
    await expect(diagnosis()).resolves.toMatch(/^Exit code 0: no fault was found\.\n\n\*\*(Healthy|Degraded)\*\*/);
  });

  test('names the cause of a fault, without secrets', async () => {
    const wrong = { FEISHU_APP_SECRET: 'a-secret-that-is-not-theirs' };
    const text = await diagnosis(wrong);
    expect(text).toMatch(/^Exit code 1: a cause was found\.\n\n\*\*Root cause \(\w+\): \S+\*\*/);
    const secrets = Object.entries({ ...running.env, ...wrong }).filter(([name]) => /SECRET|KEY|TOKEN/.test(name));
    expect(secrets.length).toBeGreaterThan(5);
    expect(secrets.filter(([, value]) => text.includes(value))).toEqual([]);
  });
});

function readOr(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
