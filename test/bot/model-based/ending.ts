// Steps that finish a row, or an attempt to process it.
import { expect } from '@jest/globals';
import fc from 'fast-check';
import type { SendResult } from '../../../bot/domain/delivery.ts';
import { RETRY_DELAYS_MS, retryDelayMs } from '../../../bot/store/retry-schedule.ts';
import { end, type ModelRow, newRow, ownsRow, type QueueName } from './model.ts';
import { realRows, type World } from './queues-world.ts';
import { index, process, removeHold, step } from './step.ts';

export const finish = step('finish', fc.record({ process, index, parts: fc.nat(2) }), async (world, args) => {
  const { inbox, outbox, holds, owner } = world.members[args.process];
  const hold = removeHold(holds.inbox, args.index);
  if (!hold) return;
  const { real, row } = hold;
  const parts = Array.from({ length: args.parts }, (_, i) => `part ${i}`);
  const reply = { inboxId: real.id, tenantId: 'default', userId: 'ou_1', platform: 'feishu' as const, appId: 'cli_a' };
  const finished = await world.store.knex.transaction(async (trx) => {
    if (!(await inbox.finish(trx, [real]))) return false;
    await outbox.add(trx, [{ ...reply, chatKey: real.chat_key, traceId: real.trace_id, target: {}, parts }]);
    return true;
  });
  expect(finished).toBe(ownsRow(hold, owner));
  if (!finished) return;
  end(row, { state: 'done' });
  world.rows.outbox.push(...parts.map((_, i) => newRow(`${row.key}-${i}`, row.chat, world.now)));
});

export const fail = step('fail', fc.record({ process, index }), async (world, args) => {
  const { inbox, holds, owner } = world.members[args.process];
  const hold = removeHold(holds.inbox, args.index);
  if (!hold) return;
  const dead = hold.attempts > RETRY_DELAYS_MS.length;
  await expect(inbox.fail(hold.real)).resolves.toBe(dead ? 'dead' : 'retrying');
  if (!ownsRow(hold, owner)) return;
  if (dead) end(hold.row, { state: 'dead' });
  else await retried(world, 'inbox', hold.row, retryDelayMs(hold.attempts));
});

const failure = { class: 'network', stage: 'send', code: 'ECONNRESET', message: 'reset' } as const;
const outcome = fc.constantFrom('sent', 'retrying', 'unknown', 'dead');

export const settle = step('settle', fc.record({ process, index, outcome }), async (world, args) => {
  const { outbox, holds, owner } = world.members[args.process];
  const hold = removeHold(holds.outbox, args.index);
  if (!hold) return;
  const { row, real } = hold;
  const result: SendResult =
    args.outcome === 'sent' ? { outcome: 'sent', platformMessageId: 'om' } : { outcome: args.outcome, failure };
  const settled = await outbox.settle(real, result);
  if (!ownsRow(hold, owner)) return;
  if (args.outcome === 'sent' && row.leaseUntil >= world.now) row.deliveries += 1;
  const delay = retryDelayMs(hold.attempts);
  const over = hold.attempts > RETRY_DELAYS_MS.length || world.now + delay > Number(real.expires_at);
  if (args.outcome === 'retrying' && !over) await retried(world, 'outbox', row, delay);
  else end(row, { state: args.outcome === 'sent' || args.outcome === 'unknown' ? args.outcome : 'dead' });
  expect(settled).toBe(row.state === 'pending' ? 'retrying' : row.state);
});

/** Copies the retry time from the table, because it is the scheduled delay plus a random part of up to a fifth. */
async function retried(world: World, name: QueueName, row: ModelRow, delay: number): Promise<void> {
  const real = (await realRows(world, name))[world.rows[name].indexOf(row)];
  const availableAt = Number(real?.available_at);
  expect(availableAt).toBeGreaterThanOrEqual(world.now + delay);
  expect(availableAt).toBeLessThanOrEqual(world.now + delay * 1.2);
  end(row, { state: 'pending', availableAt });
}
