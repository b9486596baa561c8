// Both platforms throttle, fail, hang, fail behind a 200, take a message and lose the answer, and are away.
import type { FaultName } from '../../../ops/lab/start-lab.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import type { Scenario, Stage } from '../scenario.ts';
import { withFaults } from './with-faults.ts';

const FAULTS = [
  ['feishu-rate-limited', 'dingtalk-rate-limited'],
  ['feishu-500', 'dingtalk-500'],
  ['feishu-stall', 'dingtalk-stall'],
  ['feishu-200-with-error', 'dingtalk-200-with-error'],
  ['feishu-answer-lost', 'dingtalk-answer-lost'],
  ['feishu-down', 'dingtalk-down'],
] satisfies FaultName[][];

async function disturb({ lab, durationMs, mark, say }: Stage): Promise<void> {
  for (const faults of FAULTS) {
    say(faults.join(', '));
    await withFaults(lab, faults, (durationMs * 0.9) / FAULTS.length);
    mark('feishu');
    mark('dingtalk');
  }
}

export const platformFaults: Scenario = {
  name: 'platform-faults',
  title: 'both platforms throttle, fail, hang, fail behind a 200, lose their answers, and are away',
  databases: ['sqlite'],
  full: { messages: 1300, perSecond: 10, times: 1, compress: 120, settleMs: 900_000 },
  short: { messages: 150, perSecond: 40, times: 1, compress: 600, settleMs: PATIENCE_MS },
  disturb,
  refuses: false,
  apologises: false,
};
