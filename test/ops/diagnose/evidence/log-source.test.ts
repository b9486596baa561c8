// Tests reading a time window of the log without reading the complete file.
import { link, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createRotatingFile } from '../../../../bot/telemetry/rotating-file.ts';
import { createLogSource, type LogLine } from '../../../../ops/diagnose/evidence/log-source.ts';

const TO = Date.parse('2026-11-22T10:00:00.000Z');
const FROM = TO - 1_800_000;
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chatbot-log-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const fail = (error: unknown) => {
  throw error;
};
const at = (ms: number) => new Date(ms).toISOString();
const line = (ms: number, extra: object = {}) => `${JSON.stringify({ '@timestamp': at(ms), ...extra })}\n`;

async function read(options: { maxBytes?: number; abortAfter?: number } = {}) {
  const lines: LogLine[] = [];
  const stop = new AbortController();
  if (options.abortAfter === 0) stop.abort();
  const window = await createLogSource(options).read({
    dir,
    name: 'callback',
    from: new Date(FROM),
    to: new Date(TO),
    signal: stop.signal,
    onLine(entry) {
      if (lines.push(entry) === options.abortAfter) stop.abort();
    },
  });
  return { lines, window };
}

test('reads the lines of the window, including both ends', async () => {
  const times = [FROM - 1, FROM, FROM + 5, TO, TO + 1];
  await writeFile(join(dir, 'callback.log'), times.map((time) => line(time)).join(''));
  const { lines, window } = await read();
  expect(lines.map((entry) => entry['@timestamp'])).toEqual([FROM, FROM + 5, TO].map(at));
  expect(window).toEqual({ files: 1, lines: 3, broken: 0, lastLineAt: at(TO + 1), truncated: false, complete: true });
});

test('finds the window in a large file without reading the rest', async () => {
  // 40,000 lines before the window and 500 in it. The first line is not JSON, so reading it would count as broken.
  const old = Array.from({ length: 40_000 }, (_, index) =>
    line(FROM - 40_000_000 + index * 999, { index, fill: 'x'.repeat(100) }),
  );
  const recent = Array.from({ length: 500 }, (_, index) => line(FROM + index, { index }));
  await writeFile(join(dir, 'callback.log'), `no json\n${old.join('')}${recent.join('')}`);
  const { lines, window } = await read();
  expect(lines.map((entry) => entry.index)).toEqual(Array.from({ length: 500 }, (_, index) => index));
  expect(window.broken).toBe(0);
});

test('finds lines that are slightly out of order at the start of the window', async () => {
  const old = Array.from({ length: 5000 }, (_, index) => line(FROM - 10_000 + index, { fill: 'x'.repeat(60) }));
  old.splice(4900, 0, line(FROM + 1, { early: true }));
  await writeFile(join(dir, 'callback.log'), old.join('') + line(FROM + 2));
  const { lines } = await read();
  expect(lines.length).toBe(2);
});

test('counts invalid lines and ignores a line that is still being written', async () => {
  await writeFile(
    join(dir, 'callback.log'),
    `plain text\n[1]\n{"no":"time"}\n${line(FROM + 1)}{"@timestamp":"2026-11-22T09:59`,
  );
  const { window } = await read();
  expect([window.lines, window.broken]).toEqual([1, 3]);
});

test('reads the files that the bot rotated', async () => {
  const path = join(dir, 'callback.log');
  const file = createRotatingFile({ path, maxBytes: 1000, maxFiles: 5, onFailure: fail, onRecovery: fail });
  const times = Array.from({ length: 60 }, (_, index) => FROM + index);
  for (const time of times) file.write(line(time));
  file.end();
  await finished(file);
  const { lines, window } = await read();
  expect(window.files).toBe(3);
  expect(lines.map((entry) => entry['@timestamp']).sort()).toEqual(times.map(at));
});

test('ignores rotated files before the window, and files of other logs', async () => {
  await writeFile(join(dir, 'callback.log'), line(FROM + 30));
  await writeFile(join(dir, 'callback.1.log'), line(FROM + 20));
  await writeFile(join(dir, 'callback.2.log'), line(FROM - 20));
  await utimes(join(dir, 'callback.2.log'), FROM / 1000 - 10, FROM / 1000 - 10);
  for (const name of [
    'app.log',
    'app.1.log',
    'callback.01.log',
    'callback.x.log',
    'callback.1.log.gz',
    'callback..log',
    'callback.-1.log',
    'callback.1.5.log',
    'callback.Infinity.log',
  ])
    await writeFile(join(dir, name), line(FROM + 10));
  const { lines, window } = await read();
  expect(lines.map((entry) => entry['@timestamp'])).toEqual([at(FROM + 30), at(FROM + 20)]);
  expect(window.files).toBe(2);
});

test('reads a file once if it was rotated while the files were opened', async () => {
  await writeFile(join(dir, 'callback.log'), line(FROM + 30));
  await link(join(dir, 'callback.log'), join(dir, 'callback.1.log'));
  expect((await read()).window).toMatchObject({ files: 1, lines: 1 });
});

test('reads only the newest part of a window above the size limit, and reports it', async () => {
  const fill = 'x'.repeat(1000);
  const lines = (from: number) => Array.from({ length: 2000 }, (_, index) => line(from + index, { fill })).join('');
  await writeFile(join(dir, 'callback.log'), lines(FROM + 2000));
  await writeFile(join(dir, 'callback.1.log'), lines(FROM));
  const most = await read({ maxBytes: 3 * 1024 * 1024 });
  expect(most.window).toMatchObject({ truncated: true, complete: true });
  const times = most.lines.map((entry) => String(entry['@timestamp'])).sort();
  expect(times.at(-1)).toBe(at(FROM + 3999));
  expect(times.length).toBeGreaterThan(2500);
  expect(times.length).toBeLessThan(4000);
  expect(times).toEqual(Array.from({ length: times.length }, (_, index) => at(FROM + 4000 - times.length + index)));
});

test('reads lines across the blocks, and skips what is too long for a line', async () => {
  const inside = [
    line(FROM, { fill: 'x'.repeat(1_500_000) }),
    line(FROM + 1),
    line(FROM + 2, { text: '中'.repeat(700_000) }),
  ];
  await writeFile(join(dir, 'callback.log'), [...inside, 'x'.repeat(9_000_000), '\n', line(FROM + 3)].join(''));
  const { lines, window } = await read();
  expect(lines.map((entry) => entry['@timestamp']).sort()).toEqual([0, 1, 2, 3].map((each) => at(FROM + each)));
  expect(lines.find((entry) => entry.text)?.text).toBe('中'.repeat(700_000));
  expect(window.broken).toBeGreaterThan(0);
});

test('ignores a long line that is still being written', async () => {
  await writeFile(join(dir, 'callback.log'), line(FROM) + 'x'.repeat(3_000_000));
  expect((await read()).window).toMatchObject({ lines: 1, broken: 0 });
});

test('treats nested and dotted names alike', async () => {
  await writeFile(join(dir, 'callback.log'), line(FROM, { event: { action: 'a' }, 'event.outcome': 'b', tags: ['c'] }));
  const { lines } = await read();
  expect(lines).toEqual([{ '@timestamp': at(FROM), 'event.action': 'a', 'event.outcome': 'b', tags: ['c'] }]);
});

test('accepts a missing log and rejects if the folder is missing', async () => {
  expect((await read()).window).toEqual({
    files: 0,
    lines: 0,
    broken: 0,
    lastLineAt: undefined,
    truncated: false,
    complete: true,
  });
  await rm(dir, { recursive: true });
  await expect(read()).rejects.toMatchObject({ code: 'ENOENT' });
});

test('reads nothing and has no later error if the signal is already aborted', async () => {
  await writeFile(join(dir, 'callback.log'), line(FROM));
  const { lines, window } = await read({ abortAfter: 0 });
  expect([lines.length, window.complete]).toEqual([0, false]);
  await new Promise((resolve) => setTimeout(resolve, 50)); // an unhandled stream error would fail this file
});

test('keeps the newest lines if the signal aborts', async () => {
  const many = Array.from({ length: 20_000 }, (_, index) => line(FROM + index, { fill: 'x'.repeat(100) }));
  await writeFile(join(dir, 'callback.log'), many.join(''));
  const { lines, window } = await read({ abortAfter: 10 });
  expect(window.complete).toBe(false);
  expect(window.lines).toBe(lines.length);
  expect(lines.length).toBeGreaterThanOrEqual(10);
  expect(lines.length).toBeLessThan(20_000);
  expect(lines.at(-1)?.['@timestamp']).toBe(at(FROM + 19_999));
});

test('ignores a file that was rotated away between listing and reading', async () => {
  await writeFile(join(dir, 'callback.log'), line(FROM));
  await symlink(join(dir, 'gone'), join(dir, 'callback.1.log'));
  expect((await read()).window).toMatchObject({ files: 1, lines: 1, complete: true });
});
