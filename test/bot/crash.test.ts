// Uncaught errors, closed outputs and early or repeated signals, in real processes with injected faults.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'libsql';
import { steering } from '../ops/terminal/hostile.ts';
import { type BotProcess, LONG_SHUTDOWN, ready, startBotProcess } from '../support/bot-process.ts';
import { parseCompleteLines } from '../support/complete-lines.ts';
import { freePort } from '../support/free-port.ts';
import { waitUntil } from '../support/wait-until.ts';

const SECRET = 'planted-password-9';
let dir: string;
let bot: BotProcess | undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chatbot-crash-'));
});
afterEach(async () => {
  if (bot && bot.child.exitCode === null && bot.child.signalCode === null) await bot.end('SIGKILL');
  bot = undefined;
  await rm(dir, { recursive: true, force: true });
});

/** Starts a bot that first loads the module `fault` by `node --import`. Resolves with the admin address. */
async function launch(fault = '', env: Record<string, string> = {}): Promise<string> {
  await writeFile(join(dir, 'fault.mjs'), fault);
  const [port, admin] = [await freePort(), await freePort()];
  bot = startBotProcess(dir, {
    HOST: '127.0.0.1',
    PORT: String(port),
    ADMIN_PORT: String(admin),
    ALERT_RELAY_SECRET: SECRET,
    NODE_OPTIONS: `--import=${pathToFileURL(join(dir, 'fault.mjs')).href}`,
    ...env,
  });
  return `http://127.0.0.1:${admin}`;
}

const isUp = (url: string) => ready(url, bot?.child);

async function ended(process: BotProcess): Promise<number | null> {
  await waitUntil('the process ends', () => process.child.exitCode !== null || process.child.signalCode !== null);
  return process.child.exitCode;
}

async function logged(): Promise<Record<string, unknown>[]> {
  return parseCompleteLines(await readFile(join(dir, 'data/log/app.log'), 'utf8'));
}

const actions = async () => (await logged()).map((line) => line['event.action']).filter(Boolean);
const on = (code: string) => `process.on('SIGUSR2', () => { ${code} });`;
const later = (code: string) => on(`setImmediate(() => { ${code} });`);
const error = `Object.assign(new TypeError('planted fault with ${SECRET}'), { code: 'EPLANTED' })`;

describe('an uncaught error', () => {
  test.each<[string, string, string]>([
    ['a throw', later(`throw ${error}`), 'uncaughtException'],
    ['a rejection', on(`Promise.reject(${error})`), 'unhandledRejection'],
    [
      'an emitter without a listener',
      `import { EventEmitter } from 'node:events'; ${later(`new EventEmitter().emit('error', ${error})`)}`,
      'uncaughtException',
    ],
    [
      'a stream without a listener',
      `import { Readable } from 'node:stream'; ${on(`new Readable({ read() {} }).destroy(${error})`)}`,
      'uncaughtException',
    ],
    [
      'a file that cannot be read',
      `import { createReadStream } from 'node:fs'; ${on(`createReadStream('/nonexistent/${SECRET}')`)}`,
      'uncaughtException',
    ],
    [
      'a message with terminal control characters',
      later(`throw new Error('\\u001b[2J\\u009b planted fault with ${SECRET}')`),
      'uncaughtException',
    ],
    ['a value that is not an error', later(`throw 'planted fault with ${SECRET}'`), 'uncaughtException'],
    [
      'two errors at once',
      later(`setImmediate(() => { throw new Error('planted second fault') }); throw ${error}`),
      'uncaughtException',
    ],
  ])('%s shuts the bot down in order, with a line in the log and on stderr', async (_name, fault, origin) => {
    await isUp(await launch(fault));
    bot?.child.kill('SIGUSR2');
    expect(await ended(bot as BotProcess)).toBe(1);
    const [first = '', ...more] = bot?.stderr().trim().split('\n') ?? [];
    expect(first).toMatch(new RegExp(`^The bot crashed \\(${origin}\\): .*\\[redacted\\]`));
    expect(steering(bot?.stderr() ?? '')).toEqual([]);
    expect(more.filter((line) => !line.includes('planted second fault'))).toEqual([]);
    const crashes = (await logged()).filter((line) => line['event.action'] === 'bot-crashed');
    expect(crashes).toMatchObject([
      { 'log.level': 'error', 'event.reason': origin, 'error.message': expect.stringContaining('[redacted]') },
    ]);
    expect((await actions()).slice(-3)).toEqual(['bot-crashed', 'bot-stopping', 'bot-stopped']);
    expect(bot?.stderr() + JSON.stringify(await logged())).not.toContain(SECRET);
  });

  test('releases the database for the next bot', async () => {
    await isUp(await launch(later(`throw ${error}`)));
    bot?.child.kill('SIGUSR2');
    expect(await ended(bot as BotProcess)).toBe(1);
    await isUp(await launch());
    expect((await (bot as BotProcess).end('SIGTERM')).code).toBe(0);
  });

  test('ends the process also during a stop', async () => {
    await isUp(await launch(`process.on('SIGTERM', () => setImmediate(() => { throw ${error} }));`));
    expect((await (bot as BotProcess).end('SIGTERM')).code).toBe(1);
    expect(await actions()).toContain('bot-crashed');
  });

  test('ends the process immediately if the bot does not exist yet', async () => {
    await launch(`setTimeout(() => { throw ${error} }, 0); const end = Date.now() + 50; while (Date.now() < end);`);
    expect(await ended(bot as BotProcess)).toBe(1);
    expect(bot?.stderr()).toContain('planted fault');
  });
});

describe('the log thread', () => {
  const withWorker = (body: string) => `
    import threads from 'node:worker_threads';
    import { syncBuiltinESMExports } from 'node:module';
    const { Worker } = threads;
    threads.Worker = class extends Worker { ${body} };
    syncBuiltinESMExports();`;
  const keep = withWorker('constructor(...args) { super(...args); globalThis.logThread = this; }');

  test('is replaced after it terminates: stderr reports it, and every later line is written', async () => {
    const url = await launch(keep + on('globalThis.logThread.terminate()'));
    await isUp(url);
    bot?.child.kill('SIGUSR2');
    await waitUntil('stderr reports its end', () => bot?.stderr().includes('The log thread ended'));
    expect((await (bot as BotProcess).end('SIGTERM')).code).toBe(0);
    expect((await actions()).slice(-2)).toEqual(['bot-stopping', 'bot-stopped']);
    expect((await logged()).filter((line) => 'chatbot.lost_lines' in line)).toMatchObject([{ 'log.level': 'error' }]);
  });

  test('writes a crash that happens while it terminates', async () => {
    await isUp(await launch(keep + on(`globalThis.logThread.terminate().then(() => { throw ${error} })`)));
    bot?.child.kill('SIGUSR2');
    expect(await ended(bot as BotProcess)).toBe(1);
    expect((await actions()).slice(-3)).toEqual(['bot-crashed', 'bot-stopping', 'bot-stopped']);
  });

  test('does not block a stop while it hangs', async () => {
    const program = `data:text/javascript,import { parentPort } from "node:worker_threads"; parentPort.on("message", () => { for (;;); });`;
    const url = await launch(
      withWorker(`constructor(_program, options) { super(new URL('${program}'), options); }`),
      LONG_SHUTDOWN,
    );
    await isUp(url);
    expect((await (bot as BotProcess).end('SIGTERM')).code).toBe(0);
  });
});

describe('closed outputs', () => {
  test('do not end the bot, and a later crash is in the log', async () => {
    const fault = `process.on('SIGWINCH', () => { for (let i = 0; i < 50; i++) { process.stderr.write('x\\n'); process.stdout.write('x\\n'); } });`;
    const url = await launch(fault + later(`throw ${error}`));
    await isUp(url);
    bot?.child.stdout?.destroy();
    bot?.child.stderr?.destroy();
    bot?.child.kill('SIGWINCH');
    for (let i = 0; i < 5; i++) {
      await sleep(50);
      expect((await fetch(`${url}/livez`)).status).toBe(200);
    }
    bot?.child.kill('SIGUSR2');
    expect(await ended(bot as BotProcess)).toBe(1);
    expect((await actions()).slice(-3)).toEqual(['bot-crashed', 'bot-stopping', 'bot-stopped']);
  });
});

describe('signals', () => {
  /** Starts a bot that waits, because another process holds the lock of the migrations. */
  async function launchWaiting(env: Record<string, string> = {}) {
    const lock = new Database(join(dir, 'bot.db.migrate-lock'));
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    await launch('', { DATABASE_URL: `sqlite:${dir}/bot.db`, ...env });
    await waitUntil('the start has begun', () =>
      readFile(join(dir, 'data/log/app.log')).then(
        () => true,
        () => false,
      ),
    );
    await sleep(200);
    return lock;
  }

  test('abort a start, which shuts down in order', async () => {
    const lock = await launchWaiting({ SHUTDOWN_TIMEOUT_MS: '60000' });
    bot?.child.kill('SIGTERM');
    await waitUntil('the stop begins', async () => (await actions()).includes('bot-stopping'));
    lock.exec('ROLLBACK');
    lock.close();
    expect(await ended(bot as BotProcess)).toBe(0);
    expect(await actions()).toEqual(['bot-stopping', 'bot-stopped']);
    expect(bot?.stderr()).toBe('');
  });

  test('end a start that hangs after the time limit of a stop', async () => {
    const lock = await launchWaiting({ SHUTDOWN_TIMEOUT_MS: '500' });
    bot?.child.kill('SIGINT');
    expect(await ended(bot as BotProcess)).toBe(1);
    lock.close();
    expect(bot?.stderr()).toMatch(/^The stop took longer than 500 ms \(SHUTDOWN_TIMEOUT_MS\)/);
  });

  test('end the process immediately on the second one', async () => {
    const lock = await launchWaiting({ SHUTDOWN_TIMEOUT_MS: '600000' });
    bot?.child.kill('SIGTERM');
    await waitUntil('the stop begins', async () => (await actions()).includes('bot-stopping'));
    bot?.child.kill('SIGINT');
    expect(await ended(bot as BotProcess)).toBe(1);
    lock.close();
    expect(bot?.stderr()).toBe('Second SIGINT: exiting immediately.\n');
  });
});
