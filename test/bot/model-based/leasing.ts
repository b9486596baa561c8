// Steps that insert, lease, renew and release rows.
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { LEASE_MS } from '../../../bot/store/lease-times.ts';
import {
  due,
  end,
  type Hold,
  type ModelRow,
  newRow,
  ownsRow,
  type Process,
  type QueueName,
  startLease,
} from './model.ts';
import { messageOf, realRows, type World } from './queues-world.ts';
import { index, process, queue, removeHold, step } from './step.ts';

/** Only two chats, so that rows wait for each other. */
const chat = fc.nat(1);

export const claim = step('claim', fc.record({ process, chat, again: fc.boolean(), index }), async (world, args) => {
  const rows = world.rows.inbox;
  const earlier = args.again ? rows[args.index % Math.max(1, rows.length)] : undefined;
  const traceId = `trace ${rows.length} ${world.now}`;
  const key = earlier?.key ?? traceId;
  const entry = { message: messageOf(key, earlier?.chat ?? args.chat), tenantId: 'default', traceId };
  await expect(world.members[args.process].inbox.claim(entry)).resolves.toBe(earlier === undefined);
  if (earlier === undefined) rows.push(newRow(key, args.chat, world.now));
});

export const claimAtOnce = step('claim the same at once', chat, async (world, chatNumber) => {
  const key = `trace ${world.rows.inbox.length} ${world.now}`;
  const claims = world.members.flatMap(({ inbox }, process) =>
    [0, 1].map((n) => {
      const traceId = `${key}/${process}${n}`;
      return inbox
        .claim({ message: messageOf(key, chatNumber), tenantId: 'default', traceId })
        .then((ours) => [traceId, ours]);
    }),
  );
  const winners = (await Promise.all(claims)).filter(([, ours]) => ours);
  expect(winners).toHaveLength(1);
  world.rows.inbox.push(newRow(String(winners[0]?.[0]), chatNumber, world.now));
});

interface MemberQueue {
  process: Process;
  queue: QueueName;
}

async function leaseSome(world: World, at: MemberQueue & { limit: number }): Promise<void> {
  const rows = due(world.rows[at.queue], world.now).slice(0, at.limit);
  const expected = rows.map(({ attempts, state }) => ({ attempts: attempts + 1, takenOver: state === 'busy' }));
  const leased = await world.members[at.process][at.queue].lease(at.limit);
  expect(leased.map(({ attempts, takenOver }) => ({ attempts, takenOver }))).toEqual(expected);
  for (const [i, row] of rows.entries()) addHold(world, at, { row, real: leased[i] });
}

export const lease = step('lease', fc.record({ process, queue, limit: fc.integer({ min: 1, max: 4 }) }), leaseSome);

/** Leases from both processes at once. Expects only due rows, and no row twice. The distribution is not defined. */
export const leaseAtOnce = step('lease at once', queue, async (world, name) => {
  const possible = due(world.rows[name], world.now);
  const ids = (await realRows(world, name)).map((row) => Number(row.id));
  const both = await Promise.all(world.members.map((member) => member[name].lease(3)));
  const leasedRows = both.flatMap((leased, process) => leased.map((real) => ({ real, process: process as Process })));
  expect(new Set(leasedRows.map(({ real }) => real.id)).size).toBe(leasedRows.length);
  for (const { real, process } of leasedRows) {
    const row = world.rows[name][ids.indexOf(real.id)];
    expect(possible).toContain(row);
    if (row) addHold(world, { process, queue: name }, { row, real });
  }
});

function addHold(world: World, at: MemberQueue, leased: { row: ModelRow; real: unknown }): void {
  const member = world.members[at.process];
  startLease(leased.row, member.owner, world.now);
  const holds = member.holds[at.queue] as Hold<unknown>[]; // the row is one of this queue's
  holds.push({ ...leased, attempts: leased.row.attempts });
}

export const renew = step('renew', fc.record({ process, queue }), async (world, args) => {
  const { [args.queue]: real, holds, owner } = world.members[args.process];
  const own = holds[args.queue] as Hold<never>[]; // rows of this queue
  await real.renew(own.map((one) => one.real));
  for (const one of own) if (ownsRow(one, owner)) one.row.leaseUntil = world.now + LEASE_MS;
});

async function releaseHold(world: World, at: MemberQueue & { index: number }): Promise<void> {
  const { [at.queue]: real, holds, owner } = world.members[at.process];
  const hold = removeHold(holds[at.queue] as Hold<never>[], at.index); // rows of this queue
  if (!hold) return;
  await real.release(hold.real);
  if (!ownsRow(hold, owner)) return;
  end(hold.row, { state: 'pending', attempts: hold.attempts - 1, availableAt: world.now });
}

export const release = step('release', fc.record({ process, queue, index }), releaseHold);

/** The former owners of the rows still have their holds. */
export const leaseExpiredAndRelease = step(
  'lease expired rows and release them',
  fc.record({ process, queue }),
  async (world, at) => {
    world.now += LEASE_MS + 1;
    await leaseSome(world, { ...at, limit: 4 });
    while (world.members[at.process].holds[at.queue].length > 0) await releaseHold(world, { ...at, index: 0 });
  },
);
