// Steps that end a row or an attempt at it.
import { expect } from '@jest/globals';
import fc from 'fast-check';
import type { SendResult } from '../../../bot/domain/delivery.ts';
import { RETRY_DELAYS_MS, retryDelayMs } from '../../../bot/store/retry-schedule.ts';
import { end, isHeld, type ModelRow, newRow, type QueueName } from './model.ts';
import { realRows, type World } from './queues-world.ts';
import { any, letGo, process, step } from './step.ts';

export const finish = step('finish', fc.record({ process, any, parts: fc.nat(2) }), async (world, args) => {
  const { inbox, outbox, holds, owner } = world.members[args.process];
  const held = letGo(holds.inbox, args.any);
  if (!held) return;
  const { real, row } = held;
  const parts = Array.from({ length: args.parts }, (_, i) => `part ${i}`);
  const reply = { inboxId: real.id, tenantId: 'default', userId: 'ou_1', platform: 'feishu' as const, appId: 'cli_a' };
  const finished = await world.store.knex.transaction(async (trx) => {
    if (!(await inbox.finish(trx, [real]))) return false;
    await outbox.add(trx, [{ ...reply, chatKey: real.chat_key, traceId: real.trace_id, target: {}, parts }]);
    return true;
  });
  expect(finished).toBe(isHeld(held, owner));
  if (!finished) return;
  end(row, { state: 'done' });
  world.rows.outbox.push(...parts.map((_, i) => newRow(`${row.key}-${i}`, row.chat, world.now)));
});

export const fail = step('fail', fc.record({ process, any }), async (world, args) => {
  const { inbox, holds, owner } = world.members[args.process];
  const held = letGo(holds.inbox, args.any);
  if (!held) return;
  const dead = held.attempts > RETRY_DELAYS_MS.length;
  await expect(inbox.fail(held.real)).resolves.toBe(dead ? 'dead' : 'retried');
  if (!isHeld(held, owner)) return;
  if (dead) end(held.row, { state: 'dead' });
  else await retried(world, 'inbox', held.row, retryDelayMs(held.attempts));
});

const failure = { class: 'network', stage: 'send', code: 'ECONNRESET', message: 'reset' } as const;
const outcome = fc.constantFrom('sent', 'retry', 'unknown', 'failed');

export const settle = step('settle', fc.record({ process, any, outcome }), async (world, args) => {
  const { outbox, holds, owner } = world.members[args.process];
  const held = letGo(holds.outbox, args.any);
  if (!held) return;
  const { row, real } = held;
  const result: SendResult =
    args.outcome === 'sent' ? { outcome: 'sent', platformMessageId: 'om' } : { outcome: args.outcome, failure };
  const settled = await outbox.settle(real, result);
  if (!isHeld(held, owner)) return;
  if (args.outcome === 'sent' && row.leaseUntil >= world.now) row.deliveries += 1;
  const delay = retryDelayMs(held.attempts);
  const over = held.attempts > RETRY_DELAYS_MS.length || world.now + delay > Number(real.expires_at);
  if (args.outcome === 'retry' && !over) await retried(world, 'outbox', row, delay);
  else end(row, { state: args.outcome === 'sent' || args.outcome === 'unknown' ? args.outcome : 'dead' });
  expect(settled).toBe(row.state === 'pending' ? 'retried' : row.state);
});

/** The pause is the schedule's and up to a fifth more; how much more only the table knows. */
async function retried(world: World, name: QueueName, row: ModelRow, delay: number): Promise<void> {
  const real = (await realRows(world, name))[world.rows[name].indexOf(row)];
  const availableAt = Number(real?.available_at);
  expect(availableAt).toBeGreaterThanOrEqual(world.now + delay);
  expect(availableAt).toBeLessThanOrEqual(world.now + delay * 1.2);
  end(row, { state: 'pending', availableAt });
}
