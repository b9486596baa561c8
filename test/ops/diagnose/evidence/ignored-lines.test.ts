// Counts of ignored callbacks.
import { expect, test } from '@jest/globals';
import { createIgnoredTally } from '../../../../ops/diagnose/evidence/ignored-lines.ts';

const lines = ['not_text', 'unknown_tenant', 'not_mentioned', 'not_text'].map((reason, index) => ({
  'event.action': 'callback-received',
  'event.reason': reason,
  'chatbot.platform': index < 3 ? 'feishu' : 'dingtalk',
  'chatbot.app_id': 'app',
  'chatbot.organisation': `org-${index}`,
}));
const at = '2026-11-22T10:00:00.000Z';

test('does not depend on the order of the lines, because the log is read in blocks', () => {
  const counted = [lines, [...lines].reverse()].map((given) => {
    const tally = createIgnoredTally();
    for (const line of given) tally.add(line, at);
    return [tally.reasons(), tally.strangers()];
  });
  expect(counted[0]).toEqual(counted[1]);
  expect(counted[0]?.map((each) => each.length)).toEqual([4, 1]);
});
