// The short form of a scenario as a test: no promise broken, and the disturbance really took place.
import { expect } from '@jest/globals';
import { PATIENCE_MS } from '../support/patience.ts';
import { runScenario } from './run-scenario.ts';
import type { Database, Scenario } from './scenario.ts';

export async function expectPromisesKept(scenario: Scenario, database: Database): Promise<void> {
  // On a busy machine an acknowledgement takes longer than the platforms wait.
  const size = { ...scenario.short, ackWithinMs: PATIENCE_MS };
  const result = await runScenario({ scenario, database, size, seed: Date.now() % 1_000_000, say: () => undefined });
  const { seed, broken, unanswered, messages, recoveries } = result;
  expect({ seed, broken, unanswered: broken.length > 0 ? unanswered : [] }).toEqual({
    seed,
    broken: [],
    unanswered: [],
  });
  expect(messages).toBe(size.messages);
  expect(recoveries).toBeGreaterThanOrEqual(size.times);
}
