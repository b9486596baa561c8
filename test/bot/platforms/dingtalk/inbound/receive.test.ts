// All types of requests to the DingTalk endpoint, with their complete results.
import { describe, expect, test } from '@jest/globals';
import type { CallbackRequest } from '../../../../../bot/domain/callback.ts';
import { receiveDingtalk } from '../../../../../bot/platforms/dingtalk/inbound/receive.ts';
import { contents } from '../../../../../ops/lab/dingtalk/contents.ts';
import { problemWithAnswer } from '../../../../../ops/lab/dingtalk/events.ts';
import { createRandom } from '../../random.ts';
import { NOW, requestOf } from '../../request.ts';
import { app, event, otherApp, robotApp, robotMessage, signed } from '../callbacks.ts';

const apps = [otherApp, app, robotApp];
const receive = (request: CallbackRequest) => receiveDingtalk(apps, request);

const webhook = { url: 'https://oapi.dingtalk.com/robot/sendBySession?session=s1', expiresAt: NOW + 5_400_000 };
const target = { robotCode: 'robot-a', conversationId: 'cid-1', group: false, staffId: 'staff-1', webhook };
const message = {
  platform: 'dingtalk',
  appId: 'ding-a',
  messageId: 'msg-1',
  eventId: 'msg-1',
  externalTenantId: 'corp-1',
  chatId: 'cid-1',
  chatType: 'p2p',
  userId: 'staff-1',
  addressed: 'yes',
  text: 'hello',
  target,
};
const accepted = (given: object = {}) => ({ kind: 'message', message: { ...message, ...given }, body: {} });
const ignored = (reason: string) => ({ kind: 'ignored', reason, appId: 'ding-a', messageId: 'msg-1', body: {} });
const rejected = (reason: string) => ({ kind: 'rejected', reason });
const { staffId: _staff, ...targetWithoutStaff } = target;
const { webhook: _webhook, ...targetWithoutWebhook } = target;
const senderId: string = robotMessage().senderId;

describe('messages', () => {
  test.each([
    ['in a private chat', robotMessage(), accepted()],
    ['in a group', robotMessage({ type: '2' }), accepted({ chatType: 'group', target: { ...target, group: true } })],
    ['without robotCode', robotMessage({}, { robotCode: undefined }), accepted()],
    [
      'of a user outside the company',
      robotMessage({}, { senderStaffId: undefined }),
      accepted({ userId: senderId, target: targetWithoutStaff }),
    ],
    [
      'with an empty senderStaffId',
      robotMessage({}, { senderStaffId: '' }),
      accepted({ userId: senderId, target: targetWithoutStaff }),
    ],
    [
      'without a session webhook',
      robotMessage({}, { sessionWebhook: undefined, sessionWebhookExpiredTime: undefined }),
      accepted({ target: targetWithoutWebhook }),
    ],
    [
      'with a session webhook without an expiry, which counts as expired',
      robotMessage({}, { sessionWebhookExpiredTime: undefined }),
      accepted({ target: { ...target, webhook: { ...webhook, expiresAt: 0 } } }),
    ],
    ['with its text in content', robotMessage({}, { text: undefined, content: 'hello' }), accepted()],
    [
      'of rich text with a picture between',
      robotMessage(
        {},
        {
          msgtype: 'richText',
          text: undefined,
          content: { richText: [{ text: 'see' }, { downloadCode: 'x', type: 'picture' }, { text: 'and this' }] },
        },
      ),
      accepted({ text: 'see [picture] and this' }),
    ],
    [
      'in a group with `isInAtList` true',
      robotMessage({ type: '2' }, { isInAtList: true }),
      accepted({ chatType: 'group', target: { ...target, group: true } }),
    ],
    [
      'in a group without `isInAtList`',
      robotMessage({ type: '2' }, { isInAtList: undefined }),
      accepted({ chatType: 'group', target: { ...target, group: true } }),
    ],
    ['in a private chat without a mention', robotMessage({ type: '1' }, { isInAtList: false }), accepted()],
    [
      'by voice, with the recognised text',
      robotMessage({}, { msgtype: 'audio', text: undefined, content: { downloadCode: 'x', recognition: ' hello ' } }),
      accepted(),
    ],
    ['with unknown members', robotMessage({}, { novelty: { deep: [1] } }), accepted()],
  ])('accepts a message %s', (_name, body, result) => {
    expect(receive(signed(body))).toEqual(result);
  });

  test('accepts a message of another app on the same address', () => {
    const body = robotMessage({}, {}, robotApp);
    expect(receive(signed(body, { secret: robotApp.appSecret }))).toEqual(
      accepted({ appId: 'ding-c', target: { ...target, robotCode: 'robot-c' } }),
    );
  });
});

describe('texts', () => {
  test.each([
    ['the space in place of a mention', ' hello', 'hello'],
    ['Chinese and emoji', '你好 👩‍💻🚀', '你好 👩‍💻🚀'],
    ['a lone surrogate', 'a\ud83d b', 'a\ufffd b'],
    ['NUL', 'a\u0000b', 'ab'],
    ['right-to-left', '\u202eمرحبا\u202c', '\u202eمرحبا\u202c'],
    ['100 kB', '你好吗\n'.repeat(10_000), '你好吗\n'.repeat(10_000).trim()],
  ])('cleans %s', (_name, text, clean) => {
    expect(receive(signed(robotMessage({ text })))).toEqual(accepted({ text: clean }));
  });

  test.each([
    ['an empty text', { text: { content: '' } }, 'empty_text'],
    ['a space', { text: { content: ' ' } }, 'empty_text'],
    ['zero-width only', { text: { content: '\u200b\ufeff' } }, 'empty_text'],
    ['no text', { text: undefined }, 'not_text'],
    ['an object as content', { text: undefined, content: { downloadCode: 'x' } }, 'not_text'],
    ['a notice that the monthly quota is used up', { text: undefined, errorCode: 20001 }, 'not_text'],
    [
      'a notice for a picture that the monthly quota is used up',
      { msgtype: 'picture', text: undefined, errorCode: 20001 },
      'not_text',
    ],
    ['rich text without a list', { msgtype: 'richText', content: {} }, 'not_text'],
    ['rich text that is a string', { msgtype: 'richText', content: 'hello' }, 'not_text'],
    ['rich text without content', { msgtype: 'richText', content: { richText: [{ text: ' ' }, {}] } }, 'empty_text'],
  ])('ignores %s', (_name, changes, reason) => {
    expect(receive(signed(robotMessage({}, changes)))).toEqual(ignored(reason));
  });

  test('ignores a group message that mentions another user', () => {
    const body = robotMessage({ type: '2', mentioned: false });
    expect(receive(signed(body))).toEqual(ignored('not_mentioned'));
  });
});

describe('names the attachment of', () => {
  const file = { downloadCode: 'x' };
  test.each([
    ['a picture', { msgtype: 'picture', content: file }, 'image'],
    [
      'a voice message without a recognised text',
      { msgtype: 'audio', content: { ...file, recognition: ' ' } },
      'audio',
    ],
    ['a voice message of an old client', { msgtype: 'audio', content: file }, 'audio'],
    ['a video', { msgtype: 'video', content: { ...file, videoType: 'mp4' } }, 'video'],
    ['a file', { msgtype: 'file', content: { ...file, fileName: 'a.pdf' } }, 'file'],
    ['rich text of pictures', { msgtype: 'richText', content: { richText: [file, { text: ' ' }] } }, 'image'],
    ['an unknown type', { msgtype: 'constructor', content: {} }, 'other'],
  ])('%s', (_name, changes, attachment) => {
    expect(receive(signed(robotMessage({}, { text: undefined, ...changes })))).toEqual(
      accepted({ text: '', attachment }),
    );
  });
});

test.each([
  ['text', contents.text(' hello '), { text: 'hello' }],
  ['rich text', contents.richText('see ', null, ' this'), { text: 'see  [picture]  this' }],
  ['a picture', contents.picture(), { text: '', attachment: 'image' }],
  ['a voice message', contents.audio('hello'), { text: 'hello' }],
  ['a video', contents.video(), { text: '', attachment: 'video' }],
  ['a file', contents.file('a.pdf'), { text: '', attachment: 'file' }],
  ['something else', contents.unknown(), { text: '', attachment: 'other' }],
])('reads %s of the lab', (_name, content, read) => {
  expect(receive(signed(robotMessage({ content })))).toEqual(accepted(read));
});

describe('forged robot messages', () => {
  const genuine = signed(robotMessage());
  const withHeaders = (headers: object) => ({ ...genuine, headers: { ...genuine.headers, ...headers } });
  const at = (timestamp: string) => signed(robotMessage(), { timestamp });
  test.each([
    ['without headers', withHeaders({ timestamp: undefined, sign: undefined }), 'missing_signature'],
    ['without timestamp', withHeaders({ timestamp: undefined }), 'missing_signature'],
    ['without sign', withHeaders({ sign: undefined }), 'missing_signature'],
    ['with an empty sign', withHeaders({ sign: '' }), 'missing_signature'],
    ['with another time', withHeaders({ timestamp: String(NOW + 1) }), 'signature_mismatch'],
    [
      'with a sign that is encoded for a URL',
      withHeaders({ sign: `${genuine.headers.sign?.replace('=', '%3D')}` }),
      'signature_mismatch',
    ],
    ['signed with an unknown secret', signed(robotMessage(), { secret: 'unknown' }), 'signature_mismatch'],
    ['one hour and a millisecond old', at(String(NOW - 3_600_001)), 'stale_timestamp'],
    ['one hour and a millisecond ahead', at(String(NOW + 3_600_001)), 'stale_timestamp'],
    ['with a timestamp in seconds', at(String(NOW / 1000)), 'stale_timestamp'],
    ['with a timestamp that is not a number', at('yesterday'), 'stale_timestamp'],
    ['with an infinite timestamp', at('Infinity'), 'stale_timestamp'],
    ['for the robot of another app', signed(robotMessage({}, { robotCode: 'robot-b' })), 'unknown_app'],
  ])('are rejected: %s', (_name, request, reason) => {
    expect(receive(request)).toEqual(rejected(reason));
  });

  test.each([-3_600_000, 3_600_000])('a message with an offset of %d ms is accepted', (offset) => {
    expect(receive(at(String(NOW + offset)))).toEqual(accepted());
  });
});

describe('event callbacks', () => {
  const genuine = event({ EventType: 'check_url' });
  const withQuery = (query: object) => ({ ...genuine, query: { ...genuine.query, ...query } });

  test.each([
    ['the address check', event({ EventType: 'check_url' }), { kind: 'challenge', reason: 'check_url' }],
    [
      'an unused event',
      event({ EventType: 'chat_update_title', Title: '生产告警群 🚨' }),
      { kind: 'ignored', reason: 'unused_event_type' },
    ],
    ['an unknown event', event({ EventType: 'novelty' }), { kind: 'ignored', reason: 'unknown_event_type' }],
    [
      'a disbanded group without its id',
      event({ EventType: 'chat_disband', CorpId: 'corp-1' }),
      { kind: 'ignored', reason: 'unused_event_type' },
    ],
    [
      'an address check with the other names in the query',
      withQuery({ signature: undefined, timestamp: undefined }),
      { kind: 'challenge', reason: 'check_url' },
    ],
  ])('%s gets the encrypted success', (_name, request, result) => {
    const { body, ...rest } = { body: {}, ...receive(request) };
    expect(rest).toEqual({ ...result, appId: 'ding-a' });
    expect(problemWithAnswer(JSON.stringify(body), app)).toBeNull();
    expect(Object.keys(body).sort()).toEqual(['encrypt', 'msg_signature', 'nonce', 'timeStamp']);
  });

  test.each([
    ['/', '\\/'],
    ['/', '\\u002f'],
    ['+', '\\u002B'],
    ['=', '\\u003d'],
  ])('the character %s may be escaped as %s', (sign, written) => {
    // Length and random bytes of the text decide whether the base64 text contains the character.
    const all = Array.from({ length: 200 }, (_, length) =>
      event({ EventType: 'check_url', Title: 'x'.repeat(length) }),
    );
    const requests = all.filter(({ rawBody }) => rawBody.toString().includes(sign));
    expect(requests.length).toBeGreaterThan(0);
    for (const request of requests) {
      const rawBody = Buffer.from(request.rawBody.toString().replaceAll(sign, written));
      expect(receive({ ...request, rawBody })).toMatchObject({ kind: 'challenge', reason: 'check_url' });
    }
  });

  test.each([
    [
      'a disbanded group',
      { eventId: 'event-1', openConversationId: 'cid-1', operator: 'staff-1' },
      'event-1',
      'staff-1',
    ],
    [
      'a disbanded group in the older shape without an id',
      { OpenConversationId: 'cid-1', Operator: 'staff-1' },
      'disband:cid-1',
      '',
    ],
  ])('%s becomes a message about the chat', (_name, fields, messageId, userId) => {
    const result = receive(event({ EventType: 'chat_disband', CorpId: 'corp-1', ...fields }));
    const { body, ...rest } = { body: {}, ...result };
    const ids = { platform: 'dingtalk', appId: 'ding-a', messageId, eventId: messageId, externalTenantId: 'corp-1' };
    const chat = { chatId: 'cid-1', chatType: 'group', userId, addressed: 'yes', text: '', event: 'chat_disbanded' };
    const answersTo = { robotCode: 'robot-a', conversationId: 'cid-1', group: true };
    expect(rest).toEqual({ kind: 'message', message: { ...ids, ...chat, target: answersTo } });
    expect(problemWithAnswer(JSON.stringify(body), app)).toBeNull();
  });

  test('the response for another app uses the keys of that app', () => {
    const result = receive(event({ EventType: 'check_url' }, otherApp));
    const { body, ...rest } = { body: {}, ...result };
    expect(rest).toEqual({ kind: 'challenge', reason: 'check_url', appId: 'ding-b' });
    expect(problemWithAnswer(JSON.stringify(body), otherApp)).toBeNull();
  });

  test.each([
    ['the same token', { token: app.token }],
    ['the same token and key', { token: app.token, aesKey: app.aesKey }],
  ])('two apps with %s are distinguished', (_name, same) => {
    const twin = { ...otherApp, ...same };
    const results = [app, twin].map((owner) => receiveDingtalk([twin, app], event({ EventType: 'check_url' }, owner)));
    expect(results.map((result) => ('appId' in result ? result.appId : result.kind))).toEqual(['ding-a', 'ding-b']);
  });

  test.each([
    ['no signature', withQuery({ signature: undefined, msg_signature: undefined }), 'missing_signature'],
    ['no timestamp', withQuery({ timestamp: undefined, timeStamp: undefined }), 'missing_signature'],
    ['no nonce', withQuery({ nonce: undefined }), 'missing_signature'],
    ['a wrong signature', withQuery({ signature: '0'.repeat(40) }), 'signature_mismatch'],
    ['another nonce', withQuery({ nonce: 'other' }), 'signature_mismatch'],
    ['another body', { ...genuine, rawBody: event({ EventType: 'x' }).rawBody }, 'signature_mismatch'],
    ['a wrong owner key', event({ EventType: 'check_url' }, { ...app, appKey: 'corp-1' }), 'decrypt_failed'],
    ['a wrong AES key', event({ EventType: 'check_url' }, { ...app, aesKey: 'z'.repeat(43) }), 'decrypt_failed'],
    ['no EventType', event({}), 'malformed_event'],
    ['an array', event([]), 'malformed_event'],
  ])('are rejected with %s', (_name, request, reason) => {
    expect(receive(request)).toEqual(rejected(reason));
  });

  test('are rejected for an app without event keys', () => {
    expect(receiveDingtalk([robotApp], genuine)).toEqual(rejected('signature_mismatch'));
  });
});

describe('bodies that are not messages', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const longId = JSON.stringify(robotMessage()).replace(/"msgId":"[^"]+"/, `"msgId":{"length":${deep}}`);
  test.each([
    ['an empty body', '', 'malformed_json'],
    ['half an object', '{"msgId":', 'malformed_json'],
    ['null', 'null', 'malformed_json'],
    ['a number', '1', 'malformed_json'],
    ['an array', '[]', 'malformed_event'],
    ['an empty object', '{}', 'malformed_event'],
    ['encrypt that is a number', '{"encrypt":1}', 'malformed_event'],
    ['arrays 100,000 deep', `{"a":${deep}}`, 'malformed_event'],
    ['an id whose length is 100,000 deep', longId, 'malformed_event'],
  ])('are rejected: %s', (_name, body, reason) => {
    expect(receive(signed(body))).toEqual(rejected(reason));
  });

  test.each([
    ['no message id', { msgId: undefined }],
    ['an empty message id', { msgId: '' }],
    ['a message id of 129 characters', { msgId: 'm'.repeat(129) }],
    ['a conversation id of 129 characters', { conversationId: 'c'.repeat(129) }],
    ['a staff id of 129 characters', { senderStaffId: 's'.repeat(129) }],
    ['a corp id of 129 characters', { chatbotCorpId: 'c'.repeat(129) }],
    ['another conversation type', { conversationType: '3' }],
    ['a number as conversation type', { conversationType: 1 }],
    ['text that is a string', { text: 'hello' }],
    ['a number as content of the text', { text: { content: 1 } }],
    ['a webhook that is not a string', { sessionWebhook: 1 }],
  ])('are rejected: a genuine message with %s', (_name, changes) => {
    expect(receive(signed(robotMessage({}, changes)))).toEqual(rejected('malformed_event'));
  });

  test('keys of the prototype change nothing', () => {
    const text = JSON.stringify(robotMessage());
    const body = text.replace('{', '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},');
    expect(receive(signed(body))).toEqual(accepted());
    expect('polluted' in {}).toBe(false);
  });
});

test('classifies random bytes and damaged callbacks without an error', () => {
  const random = createRandom(5);
  const robot = signed(robotMessage());
  const check = event({ EventType: 'check_url' });
  for (let round = 0; round < 500; round += 1) {
    const genuine = round % 2 ? robot : check;
    const flipped = Buffer.from(genuine.rawBody);
    flipped[random.int(flipped.length)] = random.int(256);
    const cut = genuine.rawBody.subarray(0, random.int(genuine.rawBody.length));
    const noise = requestOf({ rawBody: random.bytes(random.int(200)) });
    for (const rawBody of [flipped, cut, noise.rawBody]) {
      const { kind } = receive({ ...genuine, rawBody });
      // The signature of an event covers its body; the signature of a robot message does not.
      if (genuine === check && !rawBody.equals(check.rawBody)) expect(kind).toBe('rejected');
      else expect(['rejected', 'message', 'ignored', 'challenge']).toContain(kind);
    }
  }
});
