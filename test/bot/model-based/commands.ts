// Steps on the queues, in any order.
import fc from 'fast-check';
import { LEASE_MS } from '../../../bot/store/lease-times.ts';
import { fail, finish, settle } from './ending.ts';
import { claim, claimAtOnce, lease, leaseAtOnce, leaseExpiredAndRelease, release, renew } from './leasing.ts';
import { process, step } from './step.ts';

const times = fc.constantFrom(1, LEASE_MS, LEASE_MS + 1, LEASE_MS + 1, 72_000, 1_080_000);
const pass = step('time passes', times, async (world, ms) => {
  world.now += ms;
});

const crash = step('crash', process, async (world, which) => world.crash(which));

/** Sequences of steps. Leases and passing time occur more often, because other steps depend on them. */
export const steps = fc.commands(
  [
    ...[claim, claimAtOnce, lease, lease, lease, leaseAtOnce, renew, release, leaseExpiredAndRelease],
    ...[finish, finish, fail, settle, settle, pass, pass, pass, crash],
  ],
  { maxCommands: 60, size: 'max' },
);
