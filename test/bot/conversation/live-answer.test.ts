// A slow answer is shown once, grows at a bounded pace, and never gets in the way of the answer itself.
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { type LiveAnswerDeps, startLiveAnswer } from '../../../bot/conversation/live-answer.ts';
import type { Progress } from '../../../bot/domain/channel.ts';
import type { OutboundPart } from '../../../bot/domain/delivery.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { waitUntil } from '../../support/wait-until.ts';

const part: OutboundPart = { appId: 'cli_a', target: {}, text: 'Thinking…', idempotencyKey: 'k', now: 0 };

/** Longer than any test waits. */
const LONG = 10 * PATIENCE_MS;

interface Shown {
  what: 'start' | 'update' | 'kept';
  text: string;
  at: number;
}

/** A platform that notes what it is asked to show; each call takes `callMs`. */
function platform({ callMs = 0, shows = true } = {}) {
  const shown: Shown[] = [];
  let underWay = 0;
  let most = 0;
  const call = async (what: 'start' | 'update', text: string, signal: AbortSignal) => {
    shown.push({ what, text, at: performance.now() });
    underWay += 1;
    most = Math.max(most, underWay);
    await wait(callMs, undefined, { signal }).catch(() => {});
    underWay -= 1;
    return shows && !signal.aborted ? 'om_1' : undefined;
  };
  const progress: Progress = {
    start: ({ text }, signal) => call('start', text, signal),
    update: async ({ text, replaces }, signal) => void (await call('update', `${replaces}: ${text}`, signal)),
  };
  return { shown, progress, texts: () => shown.map(({ what, text }) => `${what} ${text}`), atOnce: () => most };
}

function live(given: Partial<LiveAnswerDeps> = {}) {
  const kept: string[] = [];
  const answer = startLiveAnswer({
    part,
    afterMs: 30,
    everyMs: 60,
    onShown: async (id) => void kept.push(id),
    signal: new AbortController().signal,
    ...given,
  });
  return { ...answer, kept };
}

test('a quick answer is not shown early', async () => {
  const { progress, texts } = platform();
  const { grow, end, kept } = live({ progress });
  grow('Hel');
  expect(await end()).toBeUndefined();
  await wait(60);
  expect({ texts: texts(), kept }).toEqual({ texts: [], kept: [] });
});

test('a slow answer is started once, kept, and grows', async () => {
  const { progress, texts, shown } = platform();
  const started = performance.now();
  const { grow, end, kept } = live({ progress });
  await waitUntil('it is started', () => kept.length === 1);
  expect((shown[0]?.at ?? 0) - started).toBeGreaterThanOrEqual(28);
  grow('Hel');
  await waitUntil('it grows', () => shown.length === 2);
  grow('Hello');
  await waitUntil('it grows again', () => shown.length === 3);
  expect(await end()).toBe('om_1');
  expect(texts()).toEqual(['start Thinking…', 'update om_1: Hel', 'update om_1: Hello']);
  expect(kept).toEqual(['om_1']);
});

test('the pace is bounded, one change is under way at a time, and the newest text wins', async () => {
  const { progress, shown, texts, atOnce } = platform({ callMs: 50 });
  const { grow, end } = live({ progress, afterMs: 1, everyMs: 100 });
  for (let count = 1; count <= 40; count += 1) {
    grow(`text ${count}`);
    // Nine of ten texts are followed by the next one before anything can be sent.
    if (count % 10 === 0) await wait(150);
  }
  await end();
  const updates = shown.filter(({ what }) => what === 'update');
  const gaps = updates.slice(1).map(({ at }, index) => at - (updates[index]?.at ?? 0));
  expect(updates.length).toBeGreaterThanOrEqual(2);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(98);
  expect(atOnce()).toBe(1);
  expect(texts().filter((text) => /text \d*[1-9]$/.test(text))).toEqual([]);
});

test('what did not grow is not sent again', async () => {
  const { progress, shown, texts } = platform();
  const { grow, end } = live({ progress, everyMs: 10 });
  grow('Hello');
  await waitUntil('it is shown', () => shown.length === 2);
  await wait(120);
  await end();
  expect(texts()).toEqual(['start Thinking…', 'update om_1: Hello']);
});

test('what an earlier attempt showed is gone on with, at once', async () => {
  const { progress, shown, texts } = platform();
  const { grow, end, kept } = live({ progress, shownId: 'om_0', afterMs: LONG, everyMs: 10 });
  grow('Again');
  await waitUntil('it grows', () => shown.length === 1);
  expect(await end()).toBe('om_0');
  expect({ texts: texts(), kept }).toEqual({ texts: ['update om_0: Again'], kept: [] });
});

test('the end waits for a start under way, so that its message is replaced', async () => {
  const { progress, shown } = platform({ callMs: 150 });
  const { end, kept } = live({ progress, afterMs: 1 });
  await waitUntil('the start is under way', () => shown.length === 1);
  expect(await end()).toBe('om_1');
  expect(kept).toEqual(['om_1']);
});

test('the end does not wait for ever for a platform that hangs', async () => {
  const { progress, shown } = platform({ callMs: LONG });
  const { end } = live({ progress, afterMs: 1 });
  await waitUntil('the start is under way', () => shown.length === 1);
  expect(await end()).toBeUndefined();
});

test.each<{ name: string; given: Partial<LiveAnswerDeps>; is: string | undefined }>([
  { name: 'no way to show progress', given: {}, is: undefined },
  { name: 'no way to show it, though it was shown once', given: { shownId: 'om_0' }, is: 'om_0' },
  { name: 'showing is switched off', given: { progress: platform().progress, afterMs: 0 }, is: undefined },
  {
    name: 'it could not be shown',
    given: { progress: platform({ shows: false }).progress, afterMs: 1 },
    is: undefined,
  },
  {
    name: 'the id cannot be kept',
    given: { progress: platform().progress, afterMs: 1, onShown: () => Promise.reject(new Error('database')) },
    is: 'om_1',
  },
])('$name: nothing fails', async ({ given, is }) => {
  const { grow, end } = live(given);
  grow('Hello');
  await wait(50);
  expect(await end()).toBe(is);
});

test('a stop in the middle ends the calls, and no timer is left', async () => {
  const stop = new AbortController();
  const { progress, shown, texts } = platform({ callMs: LONG });
  const { grow, end } = live({ progress, afterMs: 1, signal: stop.signal });
  await waitUntil('the start is under way', () => shown.length === 1);
  stop.abort();
  grow('Hello');
  expect(await end()).toBeUndefined();
  await wait(100);
  expect(texts()).toEqual(['start Thinking…']);
  expect(await live({ progress, shownId: 'om_0', signal: stop.signal }).end()).toBe('om_0');
});
