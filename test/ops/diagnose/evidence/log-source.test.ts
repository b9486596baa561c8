// Reading a window of the log: all of it, nothing else, and not the whole file.
import { appendFile, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createLogSource, type LogLine } from '../../../../ops/diagnose/evidence/log-source.ts';

const TO = Date.parse('2026-11-22T10:00:00.000Z');
const FROM = TO - 1_800_000;
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chatbot-log-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const at = (ms: number) => new Date(ms).toISOString();
const line = (ms: number, extra: object = {}) => `${JSON.stringify({ '@timestamp': at(ms), ...extra })}\n`;

async function read(options: { maxBytes?: number; giveUpAfter?: number } = {}) {
  const lines: LogLine[] = [];
  const stop = new AbortController();
  if (options.giveUpAfter === 0) stop.abort();
  const window = await createLogSource(options).read({
    dir,
    name: 'callback',
    from: new Date(FROM),
    to: new Date(TO),
    signal: stop.signal,
    onLine(entry) {
      if (lines.push(entry) === options.giveUpAfter) stop.abort();
    },
  });
  return { lines, window };
}

test('the lines of the window, both ends included', async () => {
  const times = [FROM - 1, FROM, FROM + 5, TO, TO + 1];
  await writeFile(join(dir, 'callback.log'), times.map((time) => line(time)).join(''));
  const { lines, window } = await read();
  expect(lines.map((entry) => entry['@timestamp'])).toEqual([FROM, FROM + 5, TO].map(at));
  expect(window).toEqual({ files: 1, lines: 3, broken: 0, lastLineAt: at(TO + 1), truncated: false, complete: true });
});

test('finds the window in a large file without reading the rest', async () => {
  // 40,000 lines before the window, 500 in it; a line that is no JSON in the old part is never seen.
  const old = Array.from({ length: 40_000 }, (_, index) =>
    line(FROM - 40_000_000 + index * 999, { index, fill: 'x'.repeat(100) }),
  );
  const recent = Array.from({ length: 500 }, (_, index) => line(FROM + index, { index }));
  await writeFile(join(dir, 'callback.log'), `no json\n${old.join('')}${recent.join('')}`);
  const { lines, window } = await read();
  expect(lines.map((entry) => entry.index)).toEqual(Array.from({ length: 500 }, (_, index) => index));
  expect(window.broken).toBe(0);
});

test('lines slightly out of order around the start are found', async () => {
  const old = Array.from({ length: 5000 }, (_, index) => line(FROM - 10_000 + index, { fill: 'x'.repeat(60) }));
  old.splice(4900, 0, line(FROM + 1, { early: true }));
  await writeFile(join(dir, 'callback.log'), old.join('') + line(FROM + 2));
  const { lines } = await read();
  expect(lines.length).toBe(2);
});

test('what is no log line is counted, and a line still being written is left alone', async () => {
  await writeFile(
    join(dir, 'callback.log'),
    `plain text\n[1]\n{"no":"time"}\n${line(FROM + 1)}{"@timestamp":"2026-11-22T09:59`,
  );
  const { window } = await read();
  expect([window.lines, window.broken]).toEqual([1, 3]);
});

test('rotated files count while they reach into the window; other files never do', async () => {
  await writeFile(join(dir, 'callback.log'), line(FROM + 30));
  await writeFile(join(dir, 'callback1.log'), line(FROM + 20));
  await writeFile(join(dir, 'callback2.log'), line(FROM - 20));
  await utimes(join(dir, 'callback2.log'), FROM / 1000 - 10, FROM / 1000 - 10);
  await writeFile(join(dir, 'app.log'), line(FROM + 10));
  const { lines, window } = await read();
  expect(lines.map((entry) => entry['@timestamp'])).toEqual([at(FROM + 30), at(FROM + 20)]);
  expect(window.files).toBe(2);
});

test('a window larger than what may be read keeps its newest part and says so', async () => {
  const path = join(dir, 'callback.log');
  for (let part = 0; part < 10; part += 1) {
    await appendFile(path, Array.from({ length: 100 }, (_, index) => line(FROM + part * 100 + index)).join(''));
  }
  const { lines, window } = await read({ maxBytes: 4000 });
  expect(window.truncated).toBe(true);
  expect(lines.length).toBeGreaterThan(50);
  expect(lines.at(-1)?.['@timestamp']).toBe(at(FROM + 999));
});

test('nested and dotted names are the same', async () => {
  await writeFile(join(dir, 'callback.log'), line(FROM, { event: { action: 'a' }, 'event.outcome': 'b', tags: ['c'] }));
  const { lines } = await read();
  expect(lines).toEqual([{ '@timestamp': at(FROM), 'event.action': 'a', 'event.outcome': 'b', tags: ['c'] }]);
});

test('no log is not an error, no folder is', async () => {
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

test('given up before it began: nothing is read, and nothing breaks later', async () => {
  await writeFile(join(dir, 'callback.log'), line(FROM));
  const { lines, window } = await read({ giveUpAfter: 0 });
  expect([lines.length, window.complete]).toEqual([0, false]);
  await new Promise((resolve) => setTimeout(resolve, 50)); // an error of a stream without a listener would fail this file
});

test('given up in the middle: what was read by then is kept', async () => {
  const many = Array.from({ length: 20_000 }, (_, index) => line(FROM + index, { fill: 'x'.repeat(100) }));
  await writeFile(join(dir, 'callback.log'), many.join(''));
  const { lines, window } = await read({ giveUpAfter: 10 });
  expect(window.complete).toBe(false);
  expect(window.lines).toBe(lines.length);
  expect(lines.length).toBeGreaterThanOrEqual(10);
  expect(lines.length).toBeLessThan(20_000);
});

test('a file that is rotated away between listing and reading is no error', async () => {
  await writeFile(join(dir, 'callback.log'), line(FROM));
  await symlink(join(dir, 'gone'), join(dir, 'callback1.log'));
  expect((await read()).window).toMatchObject({ files: 1, lines: 1, complete: true });
});
