// Runs the short form of a scenario as a test: all guarantees are met, and the disturbance happened.
import { expect } from '@jest/globals';
import { PATIENCE_MS } from '../support/patience.ts';
import { runScenario } from './run-scenario.ts';
import type { Database, Scenario } from './scenario.ts';

export async function expectGuaranteesMet(scenario: Scenario, database: Database): Promise<void> {
  // On a busy machine an acknowledgement may take longer than the platforms' deadline.
  const size = { ...scenario.short, ackWithinMs: PATIENCE_MS };
  const result = await runScenario({ scenario, database, size, seed: Date.now() % 1_000_000, log: () => undefined });
  const { seed, broken, unanswered, messages, recoveries } = result;
  expect({ seed, broken, unanswered: broken.length > 0 ? unanswered : [] }).toEqual({
    seed,
    broken: [],
    unanswered: [],
  });
  expect(messages).toBe(size.messages);
  expect(recoveries).toBeGreaterThanOrEqual(size.times);
}
