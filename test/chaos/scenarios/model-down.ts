// Makes the model refuse connections, fail, and hang.
import type { FaultName } from '../../../ops/lab/start-lab.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import type { DisturbanceContext, Scenario } from '../scenario.ts';
import { withFaults } from './with-faults.ts';

const FAULTS = ['model-down', 'model-500', 'model-stall'] satisfies FaultName[];

async function disturb({ lab, durationMs, startRecovery, log }: DisturbanceContext): Promise<void> {
  for (const fault of FAULTS) {
    log(fault);
    await withFaults(lab, [fault], (durationMs * 0.75) / FAULTS.length);
  }
  startRecovery();
}

export const modelDown: Scenario = {
  name: 'model-down',
  title: 'the model refuses connections, answers 500, and hangs',
  databases: ['sqlite'],
  full: { messages: 1600, perSecond: 10, times: 1, compress: 120, settleMs: 120_000 },
  short: { messages: 150, perSecond: 25, times: 1, compress: 600, settleMs: PATIENCE_MS },
  env: () => ({ MODEL_TIMEOUT_MS: '5000', MODEL_FIRST_TOKEN_TIMEOUT_MS: '5000' }),
  disturb,
  rejectsCallbacks: false,
  apologises: true,
};
