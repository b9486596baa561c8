// Live answer: one message, updated at a limited rate, that never delays or breaks the final answer.
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { type LiveAnswerDeps, startLiveAnswer } from '../../../bot/conversation/live-answer.ts';
import type { Progress } from '../../../bot/domain/channel.ts';
import type { OutboundPart } from '../../../bot/domain/delivery.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { waitUntil } from '../../support/wait-until.ts';

const part: OutboundPart = { appId: 'cli_a', target: {}, text: 'Thinking…', idempotencyKey: 'k', now: 0 };

/** Milliseconds, longer than any test waits. */
const LONG = 10 * PATIENCE_MS;

interface ProgressCall {
  kind: 'start' | 'update';
  text: string;
  at: number;
}

/** Creates a platform that records its calls. Each call takes `callMs` milliseconds; if `shows` is false, it fails. */
function platform({ callMs = 0, shows = true } = {}) {
  const calls: ProgressCall[] = [];
  let running = 0;
  let maxRunning = 0;
  const call = async (kind: 'start' | 'update', text: string, signal: AbortSignal) => {
    calls.push({ kind, text, at: performance.now() });
    running += 1;
    maxRunning = Math.max(maxRunning, running);
    await wait(callMs, undefined, { signal }).catch(() => {});
    running -= 1;
    return shows && !signal.aborted ? 'om_1' : undefined;
  };
  const progress: Progress = {
    start: ({ text }, signal) => call('start', text, signal),
    update: async ({ text, replaces }, signal) => void (await call('update', `${replaces}: ${text}`, signal)),
  };
  return { calls, progress, texts: () => calls.map(({ kind, text }) => `${kind} ${text}`), atOnce: () => maxRunning };
}

function live(given: Partial<LiveAnswerDeps> = {}) {
  const storedIds: string[] = [];
  const answer = startLiveAnswer({
    part,
    afterMs: 30,
    everyMs: 60,
    onShown: async (id) => void storedIds.push(id),
    signal: new AbortController().signal,
    ...given,
  });
  return { ...answer, storedIds };
}

test('a quick answer is not shown before it is complete', async () => {
  const { progress, texts } = platform();
  const { update, end, storedIds } = live({ progress });
  update('Hel');
  expect(await end()).toBeUndefined();
  await wait(60);
  expect({ texts: texts(), storedIds }).toEqual({ texts: [], storedIds: [] });
});

test('a slow answer is shown in one message, its id is stored, and the message is updated', async () => {
  const { progress, texts, calls } = platform();
  const started = performance.now();
  const { update, end, storedIds } = live({ progress });
  await waitUntil('the message is sent', () => storedIds.length === 1);
  expect((calls[0]?.at ?? 0) - started).toBeGreaterThanOrEqual(28);
  update('Hel');
  await waitUntil('the message is updated', () => calls.length === 2);
  update('Hello');
  await waitUntil('the message is updated again', () => calls.length === 3);
  expect(await end()).toBe('om_1');
  expect(texts()).toEqual(['start Thinking…', 'update om_1: Hel', 'update om_1: Hello']);
  expect(storedIds).toEqual(['om_1']);
});

test('updates keep the interval, run one at a time and send the newest text', async () => {
  const { progress, calls, texts, atOnce } = platform({ callMs: 50 });
  const { update, end } = live({ progress, afterMs: 1, everyMs: 100 });
  for (let count = 1; count <= 40; count += 1) {
    update(`text ${count}`);
    // Nine of ten texts are replaced by the next one before an update can be sent.
    if (count % 10 === 0) await wait(150);
  }
  await end();
  const updates = calls.filter(({ kind }) => kind === 'update');
  const gaps = updates.slice(1).map(({ at }, index) => at - (updates[index]?.at ?? 0));
  expect(updates.length).toBeGreaterThanOrEqual(2);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(98);
  expect(atOnce()).toBe(1);
  expect(texts().filter((text) => /text \d*[1-9]$/.test(text))).toEqual([]);
});

test('an unchanged text is not sent again', async () => {
  const { progress, calls, texts } = platform();
  const { update, end } = live({ progress, everyMs: 10 });
  update('Hello');
  await waitUntil('the text is shown', () => calls.length === 2);
  await wait(120);
  await end();
  expect(texts()).toEqual(['start Thinking…', 'update om_1: Hello']);
});

test('the message of an earlier attempt is updated at once', async () => {
  const { progress, calls, texts } = platform();
  const { update, end, storedIds } = live({ progress, shownId: 'om_0', afterMs: LONG, everyMs: 10 });
  update('Again');
  await waitUntil('the message is updated', () => calls.length === 1);
  expect(await end()).toBe('om_0');
  expect({ texts: texts(), storedIds }).toEqual({ texts: ['update om_0: Again'], storedIds: [] });
});

test('end waits for a message that is being sent, so that it can be replaced', async () => {
  const { progress, calls } = platform({ callMs: 150 });
  const { end, storedIds } = live({ progress, afterMs: 1 });
  await waitUntil('the message is being sent', () => calls.length === 1);
  expect(await end()).toBe('om_1');
  expect(storedIds).toEqual(['om_1']);
});

test('end stops waiting for a platform that hangs', async () => {
  const { progress, calls } = platform({ callMs: LONG });
  const { end } = live({ progress, afterMs: 1 });
  await waitUntil('the message is being sent', () => calls.length === 1);
  expect(await end()).toBeUndefined();
});

test.each<{ name: string; given: Partial<LiveAnswerDeps>; id: string | undefined }>([
  { name: 'a platform that cannot update messages', given: {}, id: undefined },
  { name: 'a platform that cannot update messages, after an earlier attempt', given: { shownId: 'om_0' }, id: 'om_0' },
  { name: 'a disabled live answer', given: { progress: platform().progress, afterMs: 0 }, id: undefined },
  {
    name: 'a message that could not be sent',
    given: { progress: platform({ shows: false }).progress, afterMs: 1 },
    id: undefined,
  },
  {
    name: 'an id that cannot be stored',
    given: { progress: platform().progress, afterMs: 1, onShown: () => Promise.reject(new Error('database')) },
    id: 'om_1',
  },
])('$name does not fail the answer', async ({ given, id }) => {
  const { update, end } = live(given);
  update('Hello');
  await wait(50);
  expect(await end()).toBe(id);
});

test('an abort ends the calls and leaves no timer', async () => {
  const stop = new AbortController();
  const { progress, calls, texts } = platform({ callMs: LONG });
  const { update, end } = live({ progress, afterMs: 1, signal: stop.signal });
  await waitUntil('the message is being sent', () => calls.length === 1);
  stop.abort();
  update('Hello');
  expect(await end()).toBeUndefined();
  await wait(100);
  expect(texts()).toEqual(['start Thinking…']);
  expect(await live({ progress, shownId: 'om_0', signal: stop.signal }).end()).toBe('om_0');
});
