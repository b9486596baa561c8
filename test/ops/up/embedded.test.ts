// Runs the embedded profile end to end with stand-in programs: starts, keeps, restarts, rejects and stops services.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadSettings } from '../../../bot/config/load-settings.ts';
import { downEmbedded } from '../../../ops/down/embedded.ts';
import { processIdentity } from '../../../ops/process/identity.ts';
import { findRunning, readRun, writeRun } from '../../../ops/process/run-file.ts';
import { upEmbedded } from '../../../ops/up/embedded.ts';
import { freePort } from '../../support/free-port.ts';
import { marked, spawnMarked } from '../../support/spawn-marked.ts';
import { temporaryFolder, writeStandIn } from '../process/stand-in.ts';

const CREDENTIALS = {
  FEISHU_APP_ID: 'cli_a1b2c3d4',
  FEISHU_APP_SECRET: 'planted-secret-1',
  FEISHU_ENCRYPT_KEY: 'planted-secret-2',
};

let dir: string;
let root: string;
let env: Record<string, string>;
let reported: string[];
const others: ChildProcess[] = [];

beforeEach(async () => {
  [dir, root, reported] = [temporaryFolder(), temporaryFolder(), []];
  for (const part of ['bot', 'ops']) {
    mkdirSync(join(root, 'dist', part), { recursive: true });
    writeStandIn(join(root, 'dist', part, 'main.js'));
  }
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  const first = await freePort(6);
  env = {
    HOST: '127.0.0.1',
    PORT: String(first),
    ADMIN_PORT: String(first + 1),
    LAB_PORT: String(first + 2),
    ORDER_FILE: join(dir, 'order'),
  };
});

afterEach(async () => {
  await downEmbedded(dir, () => undefined);
  for (const child of others.splice(0)) child.kill('SIGKILL');
});

async function up(change: Record<string, string> = {}, signal = new AbortController().signal): Promise<string> {
  const all = marked({ ...env, ...change });
  const settings = loadSettings({ env: all, dir });
  const begin = reported.length;
  await upEmbedded({ dir, root, env: all, settings, signal, report: (text) => reported.push(text) });
  return reported.slice(begin).join('\n');
}

const running = () => ['lab', 'bot'].filter((name) => findRunning(dir, name));
const pidOf = (name: string) => findRunning(dir, name)?.pid;

async function occupy(port: string): Promise<number | undefined> {
  const child = spawnMarked(process.execPath, [
    '-e',
    `require('net').createServer().listen(${port}, '127.0.0.1', () => console.log())`,
  ]);
  others.push(child);
  await once(child.stdout, 'data');
  return child.pid;
}

test('starts the bot and the lab without credentials, and prints the addresses', async () => {
  const text = await up();
  expect(running()).toEqual(['lab', 'bot']);
  expect(text).toContain('the lab stands in for the platforms');
  expect(text).toContain(`http://127.0.0.1:${env.LAB_PORT}/`);
  expect(text).toContain(`http://127.0.0.1:${env.PORT}/feishu/verify`);
  expect(text).toMatch(/Started the lab \(pid \d+\) and the bot \(pid \d+\); ready after/);
});

test('generates the credentials of the lab once, stores them privately, and passes them only to the bot', async () => {
  await up();
  const path = join(dir, 'data/lab/credentials.json');
  const before = readFileSync(path, 'utf8');
  const given = JSON.parse(readFileSync(join(dir, 'data/run/environment.json'), 'utf8'));
  expect(given).toMatchObject({ PORT: env.PORT, FEISHU_BASE_URL: `http://127.0.0.1:${Number(env.LAB_PORT) + 1}` });
  expect(Object.keys(given).filter((name) => name.startsWith('MODEL_'))).toEqual([]);
  await downEmbedded(dir, (text) => reported.push(text));
  await up();
  expect(readFileSync(path, 'utf8')).toBe(before);
  for (const file of [path, join(dir, 'data/run/environment.json'), join(dir, 'data/run/bot.json')]) {
    expect(statSync(file).mode & 0o777).toBe(0o600);
  }
  const secret = JSON.parse(before).feishu.appSecret;
  const records = ['bot', 'lab'].map((name) => readFileSync(join(dir, `data/run/${name}.json`), 'utf8'));
  expect([...reported, ...records].filter((text) => text.includes(secret))).toEqual([]);
});

test("uses the lab's model if LAB_MODEL is set", async () => {
  await up({ LAB_MODEL: '1' });
  const given = JSON.parse(readFileSync(join(dir, 'data/run/environment.json'), 'utf8'));
  expect(given.MODEL_BASE_URL).toBe(`http://127.0.0.1:${Number(env.LAB_PORT) + 3}/v1`);
});

test('starts no lab if there are credentials, and stops a running lab', async () => {
  await up(CREDENTIALS);
  expect(running()).toEqual(['bot']);
  await downEmbedded(dir, () => undefined);
  await up();
  const text = await up(CREDENTIALS);
  expect(running()).toEqual(['bot']);
  expect(text).toContain('it is no longer needed: stopping it');
});

test('leaves running services alone on a second up, and reports them', async () => {
  await up();
  const pids = [pidOf('lab'), pidOf('bot')];
  const text = await up();
  expect([pidOf('lab'), pidOf('bot')]).toEqual(pids);
  expect(text).toContain(`The bot is already running (pid ${pids[1]}).`);
  expect(text).toContain('make diagnose');
  expect(text).not.toContain('Started');
});

test('restarts the service whose setting has changed, and names the setting', async () => {
  await up();
  const [lab, bot] = [pidOf('lab'), pidOf('bot')];
  const text = await up({ SESSIONS_MAX: '7' });
  expect(text).toContain(
    `The bot was running (pid ${bot}), but changed since it was started: SESSIONS_MAX. Restarting it.`,
  );
  expect(pidOf('lab')).toBe(lab);
  expect(pidOf('bot')).not.toBe(bot);
});

test('stops the bot before the lab, keeps the data, and accepts a second down', async () => {
  await up();
  const pids = [pidOf('lab'), pidOf('bot')];
  await downEmbedded(dir, (text) => reported.push(text));
  expect(readFileSync(join(dir, 'order'), 'utf8')).toBe('bot\nlab\n');
  expect(pids.map((pid) => processIdentity(pid ?? 0))).toEqual([undefined, undefined]);
  expect(readdirSync(join(dir, 'data/run'))).toEqual(['profile.json']);
  expect(existsSync(join(dir, 'data/lab/credentials.json'))).toBe(true);
  await downEmbedded(dir, (text) => reported.push(text));
  expect(reported.at(-1)).toBe('Nothing that up started is running.');
});

describe('ports in use', () => {
  test('names each port with owner and setting before a service is started', async () => {
    const [botPid, labPid] = [await occupy(env.PORT ?? ''), await occupy(String(Number(env.LAB_PORT) + 2))];
    const failure = await up().catch((error: Error) => error.message);
    expect(failure).toContain('Nothing was started.');
    expect(failure).toContain(`Port ${env.PORT} is taken by pid ${botPid}: ${process.execPath} -e require`);
    expect(failure).toContain('change PORT in .env');
    expect(failure).toContain(`Port ${Number(env.LAB_PORT) + 2} is taken by pid ${labPid}:`);
    expect(failure).toContain('change LAB_PORT in .env');
    expect(existsSync(join(dir, 'data/log'))).toBe(false);
  });

  test('does not stop a running bot if its new port is in use', async () => {
    await up(CREDENTIALS);
    const [pid, port] = [pidOf('bot'), String(await freePort())];
    await occupy(port);
    await expect(up({ ...CREDENTIALS, PORT: port })).rejects.toThrow(`Port ${port} is taken`);
    expect(pidOf('bot')).toBe(pid);
  });

  test('rejects two settings with the same port', async () => {
    await expect(up({ PORT: env.LAB_PORT ?? '' })).rejects.toThrow(`LAB_PORT and PORT both use port ${env.LAB_PORT}`);
  });
});

describe('outdated records', () => {
  test('reports a process that has died, and starts it again', async () => {
    await up(CREDENTIALS);
    const pid = pidOf('bot') ?? 0;
    process.kill(pid, 'SIGKILL');
    while (processIdentity(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await up(CREDENTIALS)).toContain(`The bot (pid ${pid}) had ended without being stopped`);
    expect(running()).toEqual(['bot']);
  });

  test('ignores another process with the same pid', async () => {
    const foreign = await occupy(String(await freePort()));
    await up(CREDENTIALS);
    const run = readRun(dir, 'bot');
    await downEmbedded(dir, () => undefined);
    if (run && foreign) writeRun(dir, { ...run, pid: foreign });
    await up(CREDENTIALS);
    expect(pidOf('bot')).not.toBe(foreign);
    expect(processIdentity(foreign ?? 0)).toBeDefined();
  });
});

describe('a failed start', () => {
  test('shows the last output and stops the started services', async () => {
    await expect(up({ STAND_IN: 'dies' })).rejects.toThrow('ended while it was starting.');
    expect(reported.join('\n')).toMatch(
      /Last lines of the (bot|lab) \(data\/log\/\1\.out\):\n {2}cannot open the database/,
    );
    expect(running()).toEqual([]);
    expect(existsSync(join(dir, 'data/run/environment.json'))).toBe(false);
  });

  test('leaves services alone that ran before', async () => {
    await up();
    const lab = pidOf('lab');
    writeFileSync(join(root, 'dist/bot/main.js'), 'console.log("broken"); process.exit(1)');
    await expect(up({ SESSIONS_MAX: '7' })).rejects.toThrow('The bot ended while it was starting.');
    expect(pidOf('lab')).toBe(lab);
  });

  test('stops the started services after an interrupt', async () => {
    const waiting = up({ STAND_IN: 'never ready' }, AbortSignal.timeout(700));
    await expect(waiting).rejects.toThrow('Interrupted');
    expect(running()).toEqual([]);
  });
});
