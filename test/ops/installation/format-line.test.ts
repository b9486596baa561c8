// Formats log lines for people.

import { expect, test } from '@jest/globals';
import { formatLine } from '../../../ops/installation/format-line.ts';

const entry = (fields: object) =>
  JSON.stringify({
    '@timestamp': '2026-11-22T09:00:00.123Z',
    'log.level': 'info',
    message: 'Push attempted',
    'ecs.version': '8.10.0',
    service: { name: 'clawdbot' },
    ...fields,
  });

/** The same time in the time zone of this machine, computed field by field. */
const time = (() => {
  const at = new Date('2026-11-22T09:00:00.123Z');
  const two = (n: number) => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:00.123`;
})();

test.each([
  ['time, level and message', {}, `${time} INFO  Push attempted`],
  [
    'our own fields under short names',
    { chatbot: { platform: 'feishu', attempt: 2 } },
    `${time} INFO  Push attempted  platform=feishu attempt=2`,
  ],
  [
    'dotted keys like nested ones',
    { 'event.action': 'push-attempted', event: { outcome: 'failure' } },
    `${time} INFO  Push attempted  action=push-attempted outcome=failure`,
  ],
  ['durations in milliseconds', { 'event.duration': 12_345_678 }, `${time} INFO  Push attempted  duration=12.3ms`],
  [
    'spaces and quotes stay one value',
    { error: { message: 'say "no"' } },
    `${time} INFO  Push attempted  error.message="say \\"no\\""`,
  ],
  [
    'without ids and without the stack trace',
    { event: { id: 'x', dataset: 'y' }, error: { stack_trace: 'at …' } },
    `${time} INFO  Push attempted`,
  ],
])('%s', (_, fields, line) => {
  expect(formatLine(entry(fields), { colour: false })).toBe(line);
});

test.each([
  ['a crash', 'TypeError: x is not a function', 'TypeError: x is not a function'],
  ['JSON of another kind', '{"a":1}', '{"a":1}'],
  ['broken JSON', '{"@timestamp":', '{"@timestamp":'],
  ['escape sequences', 'a\u001b[2Jb', 'a [2Jb'],
])('returns %s unchanged', (_, line, shown) => {
  expect(formatLine(line, { colour: false })).toBe(shown);
});

test('removes control characters from every field', () => {
  const line = formatLine(
    entry({
      message: 'a\u001b[2J',
      'x\u001b': 'b\u001b[2J',
      y: '\u009b2J',
      'log.level': '\u001b[8m',
      '@timestamp': '\u001b',
    }),
    { colour: false },
  );
  expect(line).not.toMatch(/\p{Cc}/u);
});

test('colours the level', () => {
  expect(formatLine(entry({ 'log.level': 'error' }), { colour: true })).toContain('\u001b[31mERROR\u001b[39m');
});
