// The compiled log thread: lines are complete and in order, excess lines are dropped, a thread that exits is replaced.
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { createLogger } from '../../../bot/telemetry/logger.ts';
import { projectRoot } from '../../../ops/installation/project-root.ts';
import { parseCompleteLines } from '../../support/complete-lines.ts';
import { spawnMarked } from '../../support/spawn-marked.ts';
import { waitUntil } from '../../support/wait-until.ts';

const program = pathToFileURL(join(projectRoot(), 'dist/bot/telemetry/log-thread-main.js'));

function start(thread = program) {
  const dir = mkdtempSync(join(tmpdir(), 'log-thread-'));
  const service = { name: 'clawdbot', version: '1.2.3' };
  const log = createLogger({ level: 'info', dir, secrets: ['plainly known'], service, stdout: false, thread });
  const lines = (file: 'app' | 'callback' = 'app') => {
    const path = join(dir, `${file}.log`);
    return existsSync(path) ? parseCompleteLines(readFileSync(path, 'utf8')) : [];
  };
  return { log, lines };
}

test('close resolves after all lines are written, in order, redacted, with the time of the log call', async () => {
  const { log, lines } = start();
  const before = Date.now();
  const action = { 'event.action': 'callback-received' };
  for (let i = 0; i < 500; i++) log.info(`line ${i} plainly known`, { ...action, 'chatbot.attempt': i });
  const after = Date.now();
  log.error('a cause', {
    error: Object.assign(new Error('plainly known'), { code: 'E1' }),
    'chatbot.size': Number.NaN,
  });
  await log.close();
  log.info('too late');
  expect(lines('callback').map((line) => line['chatbot.attempt'])).toEqual([...Array(500).keys()]);
  const last = lines().at(-1);
  expect(lines()).toHaveLength(501);
  expect(last).toMatchObject({ message: 'a cause', 'error.code': 'E1', 'error.message': '[redacted]' });
  expect(last?.['chatbot.size']).toBe('NaN');
  expect(JSON.stringify(lines())).not.toContain('plainly known');
  const time = Date.parse(String(lines()[0]?.['@timestamp']));
  expect(time >= before && time <= after).toBe(true);
});

test('a field that cannot be read only affects its own line', async () => {
  const { log, lines } = start();
  const broken = {
    get part(): string {
      throw new Error('no');
    },
  };
  log.info('kept');
  log.info('read in part', { error: { broken } });
  log.info('kept, too');
  await log.close();
  expect(lines().map(({ message }) => message)).toEqual(['kept', 'read in part', 'kept, too']);
});

test('drops lines beyond the limit, and logs their number', async () => {
  const { log, lines } = start();
  for (let i = 0; i < 30_000; i++) log.info('storm');
  await waitUntil('the loss is logged', async () => lines().some((line) => 'chatbot.lost_lines' in line));
  await log.close();
  expect(lines().at(-1)).toMatchObject({ 'log.level': 'warn', 'chatbot.lost_lines': 10_000 });
  expect(lines()).toHaveLength(20_001);
});

test('close logs the number of dropped lines', async () => {
  const { log, lines } = start();
  for (let i = 0; i < 20_010; i++) log.info('storm');
  await log.close();
  expect(lines().at(-1)).toMatchObject({ 'log.level': 'warn', 'chatbot.lost_lines': 10 });
});

test('a reader of standard output that stops reading does not affect the files', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'log-thread-'));
  writeFileSync(join(dir, 'program.mjs'), logToStdout(dir));
  const child = spawnMarked(process.execPath, [join(dir, 'program.mjs')]);
  const inFile = () =>
    parseCompleteLines(existsSync(join(dir, 'app.log')) ? readFileSync(join(dir, 'app.log'), 'utf8') : '');
  await waitUntil('the file has all lines', async () => inFile().length === LOGGED);
  const output = { read: '', complaints: '' };
  child.stderr.on('data', (text: Buffer) => {
    output.complaints += text;
  });
  child.stdout.on('data', (text: Buffer) => {
    output.read += text;
  });
  await waitUntil('the content of the pipe is read', async () => output.read.length > 60_000);
  child.stdin.end();
  expect((await once(child, 'close'))[0]).toBe(0);
  expect(output.complaints).toBe('');
  const shown = parseCompleteLines(output.read);
  const lost = Number(shown.at(-1)?.['chatbot.lost_lines']);
  expect(shown.slice(-2)).toMatchObject([{ message: 'read again' }, { 'log.level': 'warn' }]);
  expect(lost).toBeGreaterThan(0);
  expect(shown).toHaveLength(LOGGED - lost + 2);
  expect(inFile()).toHaveLength(LOGGED + 2);
});

const LOGGED = 2_000;

/** Returns a program that logs more than a pipe can hold, and one more line when its standard input ends. */
const logToStdout = (dir: string) => `
  import { once } from 'node:events';
  import { createLogThread } from ${JSON.stringify(new URL('./log-thread.js', program).href)};
  process.stdout.on('error', () => {});
  const service = { name: 'clawdbot', version: '1.2.3' };
  const options = { level: 'info', dir: ${JSON.stringify(dir)}, secrets: [], service };
  const log = createLogThread(new URL(${JSON.stringify(program.href)}), options);
  const write = (message) => log.write({ level: 'info', message, fields: {}, at: Date.now() });
  for (let line = 0; line < ${LOGGED}; line += 1) write('a line');
  await once(process.stdin.resume(), 'end');
  write('read again');
  await log.close();
`;

test('replaces a thread that exits unexpectedly', async () => {
  const { log, lines } = start(new URL('data:text/javascript,throw new Error("out of memory")'));
  log.info('lost with the thread');
  await waitUntil('its exit is logged', async () => lines().length > 0);
  log.info('written here');
  await log.close();
  expect(lines()).toMatchObject([{ 'log.level': 'error', 'chatbot.lost_lines': 1 }, { message: 'written here' }]);
});

/** Returns a log thread that writes no lines, and runs `onClose` when it is asked to close. */
const threadThat = (onClose: string) =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { writeFileSync } from 'node:fs';
      import { setTimeout as sleep } from 'node:timers/promises';
      import { parentPort, workerData } from 'node:worker_threads';
      parentPort.on('message', async (message) => {
        if (!('close' in message)) return;
        ${onClose}
        writeFileSync(workerData.dir + '/app.log', JSON.stringify({ message: 'ended by itself' }) + '\\n');
        parentPort.close();
      });
    `)}`,
  );

test('close waits for a slow thread as long as it reports progress', async () => {
  const slow = 'for (let i = 0; i < 4; i++) { await sleep(2_000); parentPort.postMessage({ written: 0 }); }';
  const { log, lines } = start(threadThat(slow));
  log.info('a line');
  await log.close();
  expect(lines()).toEqual([{ message: 'ended by itself' }]);
});

test('close terminates a thread without progress', async () => {
  const { log, lines } = start(threadThat('await new Promise((resolve) => setTimeout(resolve, 600_000));'));
  log.info('a line');
  await log.close();
  expect(lines()).toEqual([]);
});
