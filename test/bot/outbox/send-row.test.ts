// One attempt to send a part: the checks before the request, and the handling of the result.
import { describe, expect, test } from '@jest/globals';
import type { Channel } from '../../../bot/domain/channel.ts';
import { type Fate, RenderError, type SendResult } from '../../../bot/domain/delivery.ts';
import type { Outbox, OutboxRow } from '../../../bot/outbox/outbox.ts';
import { createPacer } from '../../../bot/outbox/pacer.ts';
import { createRowSender, type PushNote } from '../../../bot/outbox/send-row.ts';
import { descriptors } from '../../../bot/platforms/registry.ts';
import type { LogFields, Logger } from '../../../bot/telemetry/logger.ts';
import { createMetrics } from '../../../bot/telemetry/metrics.ts';

const NOW = 1_800_000_000_000;

const row: OutboxRow = {
  id: 7,
  platform: 'dingtalk',
  app_id: 'dingA',
  chat_key: 'chat',
  trace_id: 'a'.repeat(32),
  target: '{"conversationId":"cid"}',
  content: 'hello',
  idempotency_key: 'key-0',
  replaces: null,
  last_class: null,
  last_code: null,
  expires_at: NOW + 1,
  attempts: 2,
  takenOver: false,
};

interface SenderOptions {
  /** False if another process leased the part before its turn. */
  isLeased?: boolean;
  settled?: Fate;
  idempotent?: boolean;
  send?: Channel['send'];
}

function createSender({
  isLeased = true,
  settled = 'sent',
  idempotent = false,
  send = async () => ({ outcome: 'sent', platformMessageId: 'm' }),
}: SenderOptions) {
  const seen = {
    results: [] as SendResult[],
    released: [] as number[],
    notes: [] as PushNote[],
    lines: [] as LogFields[],
  };
  const channel: Channel = {
    platform: 'dingtalk',
    appIds: ['dingA'],
    rates: { chat: { messages: 1000, perMs: 1000 }, app: [{ messages: 1000, perMs: 1000 }] },
    split: (markdown) => [markdown],
    idempotent,
    screen: () => ({ reason: 'missing_signature' }),
    receive: () => ({ kind: 'rejected', reason: 'malformed_json' }),
    send,
  };
  const outbox = {
    begin: async () => isLeased,
    settle: async (_row: OutboxRow, result: SendResult) => {
      seen.results.push(result);
      return settled;
    },
    release: async ({ id }: OutboxRow) => void seen.released.push(id),
  } as unknown as Outbox; // the sender uses only these members
  const write = (_message: string, fields: LogFields) => void seen.lines.push(fields);
  const metrics = createMetrics({
    platforms: descriptors(),
    version: '1',
    commit: 'c',
    sessionsLimit: 1,
    models: ['offline'],
  });
  const sender = createRowSender({
    outbox,
    channels: new Map([['dingtalk', channel]]),
    pacer: createPacer(() => NOW),
    metrics,
    log: { info: write, warn: write, error: write } as unknown as Logger, // the sender logs only at these levels
    hashChat: (key) => `hash of ${key}`,
    note: (_platform, note) => void seen.notes.push(note),
    clock: () => NOW,
  });
  return { sender, seen, metrics };
}

const never = new AbortController().signal;

test('settles, counts, reports and logs a sent part with its trace', async () => {
  const { sender, seen, metrics } = createSender({});
  await sender.send(row, never);
  expect(seen.results).toEqual([{ outcome: 'sent', platformMessageId: 'm' }]);
  expect(seen.notes).toEqual([{ at: new Date(NOW).toISOString(), outcome: 'sent', class: null, code: '0' }]);
  expect(seen.lines).toEqual([
    expect.objectContaining({
      'trace.id': row.trace_id,
      'event.action': 'push-attempted',
      'event.outcome': 'success',
      'chatbot.attempt': 2,
      'chatbot.chat_hash': 'hash of chat',
    }),
  ]);
  await expect(metrics.registry.getSingleMetricAsString('chatbot_pushes_total')).resolves.toContain(
    'chatbot_pushes_total{platform="dingtalk",outcome="sent"} 1',
  );
});

test.each([
  ['that has expired is not sent', { expires_at: NOW - 1 }, false, ['dead', 'timeout', 'EXPIRED']],
  [
    'of an app without credentials is retried',
    { app_id: 'dingB' },
    false,
    ['retrying', 'credentials', 'NOT_CONFIGURED'],
  ],
  [
    'that may have been delivered is not sent again',
    { takenOver: true, last_code: 'INTERRUPTED', expires_at: NOW - 1 },
    false,
    ['unknown', 'unknown', 'INTERRUPTED'],
  ],
])('a part %s', async (_what, over, idempotent, [outcome, errorClass, code]) => {
  const { sender, seen } = createSender({
    idempotent,
    send: async () => {
      throw new Error('must not be called');
    },
  });
  await sender.send({ ...row, ...over }, never);
  expect(seen.results).toEqual([
    { outcome, failure: { class: errorClass, stage: 'send', code, message: expect.any(String) } },
  ]);
});

test('resends a part that may have been delivered if the platform accepts its idempotency key', async () => {
  const { sender, seen } = createSender({ idempotent: true });
  await sender.send({ ...row, takenOver: true, last_code: 'INTERRUPTED' }, never);
  expect(seen.results).toEqual([{ outcome: 'sent', platformMessageId: 'm' }]);
});

test('sends a part whose holder died before it started to send', async () => {
  const { sender, seen } = createSender({});
  await sender.send({ ...row, takenOver: true }, never);
  expect(seen.results).toEqual([{ outcome: 'sent', platformMessageId: 'm' }]);
});

test('does not send a part that another process leased while it waited for its turn', async () => {
  const send = async () => {
    throw new Error('must not be called');
  };
  const { sender, seen } = createSender({ isLeased: false, send });
  await sender.send(row, never);
  expect(seen).toMatchObject({ results: [], notes: [], lines: [] });
});

describe('an internal error', () => {
  const bug = new TypeError('a bug');

  test.each([
    [true, bug, [undefined, true], 'dead'],
    [false, bug, [undefined], 'unknown'],
    [true, new RenderError(bug), [undefined, true], 'dead'],
    [false, new RenderError(bug), [undefined, true], 'unknown'],
  ])('is not retried on the schedule (idempotent: %s, %s)', async (idempotent, error, tries, outcome) => {
    const plain: unknown[] = [];
    const { sender, seen } = createSender({
      idempotent,
      send: async (part) => {
        plain.push(part.plain);
        throw error;
      },
    });
    await sender.send(row, never);
    expect(plain).toEqual(tries);
    expect(seen.results).toMatchObject([{ outcome, failure: { code: 'INTERNAL_ERROR' } }]);
    expect(seen.lines[0]).toMatchObject({ error, 'trace.id': row.trace_id });
  });

  test.each([
    [true, bug],
    [false, new RenderError(bug)],
  ])('is avoided by plain text (idempotent: %s, %s)', async (idempotent, error) => {
    const { sender, seen } = createSender({
      idempotent,
      send: async ({ plain }) => {
        if (!plain) throw error;
        return { outcome: 'sent', platformMessageId: 'm' };
      },
    });
    await sender.send(row, never);
    expect(seen.results).toEqual([{ outcome: 'sent', platformMessageId: 'm' }]);
  });

  test.each([
    ['that is no JSON', '{'],
    ['of a newer program', '{"version":9,"value":{}}'],
  ])('in a stored target %s fails the part without a send', async (_name, target) => {
    const { sender, seen } = createSender({ idempotent: true });
    await sender.send({ ...row, target }, never);
    expect(seen.results).toMatchObject([
      { outcome: 'dead', failure: { class: 'bad_request', code: 'UNREADABLE_ROW' } },
    ]);
  });
});

test('releases a part without reporting a failure if a stop aborts it before the platform has it', async () => {
  const failure = { class: 'network', stage: 'send', code: 'ABORT_ERR', message: 'given up' } as const;
  const { sender, seen } = createSender({ send: async () => ({ outcome: 'retrying', failure }) });
  await sender.send(row, never);
  expect(seen).toMatchObject({ released: [7], results: [], notes: [], lines: [] });
});

test.each(['retrying', 'unknown', 'dead'] as const)(
  'counts a result by its fate %s, with its class',
  async (settled) => {
    const failure = { class: 'rate_limited', stage: 'send', code: '130101', message: 'too fast' } as const;
    const { sender, seen, metrics } = createSender({ settled, send: async () => ({ outcome: 'retrying', failure }) });
    await sender.send(row, never);
    expect(seen.notes).toMatchObject([{ outcome: settled, class: 'rate_limited', code: '130101' }]);
    expect(seen.lines).toMatchObject([
      { 'event.outcome': 'failure', 'event.reason': 'rate_limited', 'error.code': '130101' },
    ]);
    await expect(metrics.registry.getSingleMetricAsString('chatbot_push_errors_total')).resolves.toContain(
      'chatbot_push_errors_total{platform="dingtalk",class="rate_limited"} 1',
    );
  },
);
