// Building blocks of the steps on the queues.
import fc from 'fast-check';
import type { Hold, Process, QueueName } from './model.ts';
import { compare, type World } from './queues-world.ts';

/** Command of fast-check. The model and the real queues are in one world, so both of its arguments are the same. */
type QueueCommand = fc.AsyncCommand<World, World>;

export const process = fc.constantFrom<Process>(0, 1);
export const queue = fc.constantFrom<QueueName>('inbox', 'outbox');
/** Index into a list of any length, used modulo the length. */
export const index = fc.nat(100);

/** Creates a step with arguments from `arbitrary`. Each step ends with the comparison. */
export function step<Args>(
  name: string,
  arbitrary: fc.Arbitrary<Args>,
  run: (world: World, args: Args) => Promise<void>,
): fc.Arbitrary<QueueCommand> {
  return arbitrary.map((args) => ({
    check: () => true,
    toString: () => `${name} ${JSON.stringify(args)}`,
    async run(world) {
      await run(world, args);
      await compare(world);
    },
  }));
}

/** Removes and returns one of the holds of a process; undefined if it has none. */
export function removeHold<Real>(holds: Hold<Real>[], index: number): Hold<Real> | undefined {
  return holds.splice(index % Math.max(1, holds.length), 1)[0];
}
