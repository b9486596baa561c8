// Steps by which rows come in, are taken, kept and given back.
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { LEASE_MS } from '../../../bot/store/lease-times.ts';
import { due, end, type Hold, isHeld, type ModelRow, newRow, type Process, type QueueName, take } from './model.ts';
import { messageOf, realRows, type World } from './queues-world.ts';
import { any, letGo, process, queue, step } from './step.ts';

/** Few, so that rows wait for each other. */
const chat = fc.nat(1);

export const claim = step('claim', fc.record({ process, chat, again: fc.boolean(), any }), async (world, args) => {
  const rows = world.rows.inbox;
  const earlier = args.again ? rows[args.any % Math.max(1, rows.length)] : undefined;
  const traceId = `trace ${rows.length} ${world.now}`;
  const key = earlier?.key ?? traceId;
  const entry = { message: messageOf(key, earlier?.chat ?? args.chat), tenantId: 'default', traceId };
  await expect(world.members[args.process].inbox.claim(entry)).resolves.toBe(earlier === undefined);
  if (earlier === undefined) rows.push(newRow(key, args.chat, world.now));
});

export const claimAtOnce = step('claim the same at once', chat, async (world, where) => {
  const key = `trace ${world.rows.inbox.length} ${world.now}`;
  const claims = world.members.flatMap(({ inbox }, process) =>
    [0, 1].map((n) => {
      const traceId = `${key}/${process}${n}`;
      return inbox
        .claim({ message: messageOf(key, where), tenantId: 'default', traceId })
        .then((ours) => [traceId, ours]);
    }),
  );
  const winners = (await Promise.all(claims)).filter(([, ours]) => ours);
  expect(winners).toHaveLength(1);
  world.rows.inbox.push(newRow(String(winners[0]?.[0]), where, world.now));
});

interface At {
  process: Process;
  queue: QueueName;
}

async function leaseSome(world: World, at: At & { limit: number }): Promise<void> {
  const rows = due(world.rows[at.queue], world.now).slice(0, at.limit);
  const expected = rows.map(({ attempts, state }) => ({ attempts: attempts + 1, takenOver: state === 'busy' }));
  const leased = await world.members[at.process][at.queue].lease(at.limit);
  expect(leased.map(({ attempts, takenOver }) => ({ attempts, takenOver }))).toEqual(expected);
  for (const [i, row] of rows.entries()) hold(world, at, { row, real: leased[i] });
}

export const lease = step('lease', fc.record({ process, queue, limit: fc.integer({ min: 1, max: 4 }) }), leaseSome);

/** Who gets which row is open; that nobody gets what is not due, and no two the same, is not. */
export const leaseAtOnce = step('lease at once', queue, async (world, name) => {
  const possible = due(world.rows[name], world.now);
  const ids = (await realRows(world, name)).map((row) => Number(row.id));
  const both = await Promise.all(world.members.map((member) => member[name].lease(3)));
  const taken = both.flatMap((leased, process) => leased.map((real) => ({ real, process: process as Process })));
  expect(new Set(taken.map(({ real }) => real.id)).size).toBe(taken.length);
  for (const { real, process } of taken) {
    const row = world.rows[name][ids.indexOf(real.id)];
    expect(possible).toContain(row);
    if (row) hold(world, { process, queue: name }, { row, real });
  }
});

function hold(world: World, at: At, taken: { row: ModelRow; real: unknown }): void {
  const member = world.members[at.process];
  take(taken.row, member.owner, world.now);
  const holds = member.holds[at.queue] as Hold<unknown>[]; // the row is one of this queue's
  holds.push({ ...taken, attempts: taken.row.attempts });
}

export const renew = step('renew', fc.record({ process, queue }), async (world, args) => {
  const { [args.queue]: real, holds, owner } = world.members[args.process];
  const held = holds[args.queue] as Hold<never>[]; // rows of this queue
  await real.renew(held.map((one) => one.real));
  for (const one of held) if (isHeld(one, owner)) one.row.leaseUntil = world.now + LEASE_MS;
});

async function giveBack(world: World, at: At & { any: number }): Promise<void> {
  const { [at.queue]: real, holds, owner } = world.members[at.process];
  const held = letGo(holds[at.queue] as Hold<never>[], at.any); // rows of this queue
  if (!held) return;
  await real.release(held.real);
  if (!isHeld(held, owner)) return;
  end(held.row, { state: 'pending', attempts: held.attempts - 1, availableAt: world.now });
}

export const release = step('release', fc.record({ process, queue, any }), giveBack);

/** Whoever held the rows before does not know of it. */
export const takenAndGivenBack = step('taken over and given back', fc.record({ process, queue }), async (world, at) => {
  world.now += LEASE_MS + 1;
  await leaseSome(world, { ...at, limit: 4 });
  while (world.members[at.process].holds[at.queue].length > 0) await giveBack(world, { ...at, any: 0 });
});
