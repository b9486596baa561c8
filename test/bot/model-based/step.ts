// What every step on the queues is made of.
import fc from 'fast-check';
import type { Hold, Process, QueueName } from './model.ts';
import { compare, type World } from './queues-world.ts';

/** The model and the real queues live in one world, so fast-check's two arguments are the same. */
type Command = fc.AsyncCommand<World, World>;

export const process = fc.constantFrom<Process>(0, 1);
export const queue = fc.constantFrom<QueueName>('inbox', 'outbox');
/** Which one of some, whatever their number. */
export const any = fc.nat(100);

/** Steps with arguments from `arbitrary`; every one ends with the comparison. */
export function step<Args>(
  name: string,
  arbitrary: fc.Arbitrary<Args>,
  run: (world: World, args: Args) => Promise<void>,
): fc.Arbitrary<Command> {
  return arbitrary.map((args) => ({
    check: () => true,
    toString: () => `${name} ${JSON.stringify(args)}`,
    async run(world) {
      await run(world, args);
      await compare(world);
    },
  }));
}

/** One of the holds of a process leaves its hand; nothing happens when it has none. */
export function letGo<Real>(holds: Hold<Real>[], which: number): Hold<Real> | undefined {
  return holds.splice(which % Math.max(1, holds.length), 1)[0];
}
