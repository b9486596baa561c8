// Messages in the inbox: rows of this version, of version 0.1, of a newer program, and damaged ones.
import { expect, test } from '@jest/globals';
import type { InboundMessage } from '../../../bot/domain/message.ts';
import { PayloadError } from '../../../bot/domain/payload.ts';
import { decodeMessage, encodeMessage, textOfMessage } from '../../../bot/inbox/stored-message.ts';
import { describeError } from '../../../bot/telemetry/describe-error.ts';

const message: InboundMessage = {
  platform: 'feishu',
  appId: 'cli_a',
  messageId: 'om_1',
  eventId: 'ev_1',
  externalTenantId: 'org_1',
  chatId: 'oc_1',
  chatType: 'group',
  userId: 'ou_1',
  text: 'hello',
  addressed: 'unknown',
  mentions: ['ou_2'],
  target: { chatId: 'oc_1', messageId: 'om_1' },
};

test('a message is read as it was stored', () => {
  expect(decodeMessage(encodeMessage(message))).toEqual(message);
  expect(JSON.parse(encodeMessage(message))).toMatchObject({ version: 1 });
});

test.each([
  [encodeMessage(message), 'hello'],
  [JSON.stringify({ text: 'of 0.1' }), 'of 0.1'],
  ['{}', ''],
  ['{"version":1', ''],
  [JSON.stringify({ version: 2, value: message }), ''],
])('the text of %s is shown as far as it can be read', (payload, text) => {
  expect(textOfMessage(payload)).toBe(text);
});

test.each([
  [['ou_2'], 'unknown'],
  [undefined, 'yes'],
])('a row of version 0.1 with the mentions %j is read: addressed is %s', (mentions, addressed) => {
  const { addressed: _, mentions: __, ...old } = message;
  const row = { ...old, ...(mentions ? { mentions } : {}) };
  expect(decodeMessage(JSON.stringify(row))).toEqual({ ...row, addressed });
});

test.each([
  ['of a newer program', JSON.stringify({ version: 2, value: message }), /version 2 .* reads version 1/],
  ['that is no JSON', '{"version":1', /not JSON/],
  ['without a chat', JSON.stringify({ version: 1, value: { ...message, chatId: undefined } }), /chatId/],
  ['with another kind of chat', JSON.stringify({ ...message, chatType: 'channel' }), /chatType/],
  ['with a mention that is no text', JSON.stringify({ ...message, mentions: [7] }), /unreadable: mentions\.0: Invalid/],
  ['that was emptied', '{}', /^The stored message is unreadable: platform: .*\.$/],
  ['that holds a text', '"hello"', /^The stored message is unreadable: Invalid input: .*\.$/],
])('a row %s is named, not used', (_name, payload, reason) => {
  const read = () => decodeMessage(payload);
  expect(read).toThrow(PayloadError);
  expect(read).toThrow(reason);
});

test.each([
  'my secret words',
  '{"text":"my secret words',
  '{"text": my secret words}',
  '"my secret words"',
  JSON.stringify({ ...message, chatType: 'my secret words' }),
  JSON.stringify({ version: 2, value: 'my secret words' }),
])('the error of the row %s quotes nothing of it', (payload) => {
  let error: unknown;
  try {
    decodeMessage(payload);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(PayloadError);
  expect(JSON.stringify(describeError(error))).not.toContain('secret');
});
