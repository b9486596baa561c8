// Makes both platforms throttle, fail, hang, fail behind a 200, lose the response to a message, and be unreachable.
import type { FaultName } from '../../../ops/lab/start-lab.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import type { DisturbanceContext, Scenario } from '../scenario.ts';
import { withFaults } from './with-faults.ts';

const FAULTS = [
  ['feishu-rate-limited', 'dingtalk-rate-limited'],
  ['feishu-500', 'dingtalk-500'],
  ['feishu-stall', 'dingtalk-stall'],
  ['feishu-200-with-error', 'dingtalk-200-with-error'],
  ['feishu-answer-lost', 'dingtalk-answer-lost'],
  ['feishu-down', 'dingtalk-down'],
] satisfies FaultName[][];

async function disturb({ lab, durationMs, startRecovery, log }: DisturbanceContext): Promise<void> {
  for (const faults of FAULTS) {
    log(faults.join(', '));
    await withFaults(lab, faults, (durationMs * 0.9) / FAULTS.length);
    startRecovery('feishu');
    startRecovery('dingtalk');
  }
}

export const platformFaults: Scenario = {
  name: 'platform-faults',
  title: 'both platforms throttle, fail, hang, fail behind a 200, lose their responses, and are unreachable',
  databases: ['sqlite'],
  full: { messages: 1300, perSecond: 10, times: 1, compress: 120, settleMs: 900_000 },
  short: { messages: 150, perSecond: 40, times: 1, compress: 600, settleMs: PATIENCE_MS },
  disturb,
  rejectsCallbacks: false,
  apologises: false,
};
