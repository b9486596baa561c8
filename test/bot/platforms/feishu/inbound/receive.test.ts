// All types of requests to the Feishu endpoint, with their complete results.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CallbackRequest } from '../../../../../bot/domain/callback.ts';
import { eventSignature } from '../../../../../bot/platforms/feishu/crypto.ts';
import { receiveFeishu } from '../../../../../bot/platforms/feishu/inbound/receive.ts';
import { createRandom } from '../../random.ts';
import { NOW, requestOf } from '../../request.ts';
import { app, changed, eventV1, eventV2, otherApp, plainApp, sealed, unsigned } from '../callbacks.ts';

const apps = [otherApp, app, plainApp];
const receive = (request: CallbackRequest) => receiveFeishu(apps, request, () => app.botOpenId);

const message = {
  platform: 'feishu',
  appId: 'cli_a',
  messageId: 'om_1',
  eventId: 'ev_1',
  externalTenantId: 'tenant-1',
  chatId: 'oc_1',
  chatType: 'p2p',
  userId: 'ou_1',
  addressed: 'yes',
  text: 'hello',
};
const accepted = ({ target, ...given }: { messageId?: string; chatType?: string; [member: string]: unknown } = {}) => {
  const merged = { ...message, ...given };
  const { chatId, chatType, messageId } = merged;
  return { kind: 'message', message: { ...merged, target: target ?? { chatId, chatType, messageId } }, body: {} };
};
const ignored = (reason: string, messageId?: string) => ({
  kind: 'ignored',
  reason,
  appId: 'cli_a',
  body: {},
  ...(messageId ? { messageId } : {}),
});
const rejected = (reason: string) => ({ kind: 'rejected', reason });

/** Returns a plain body signed with the Encrypt Key. */
function signedPlain(payload: unknown): CallbackRequest {
  const request = requestOf({ body: payload });
  const parts = { timestamp: '1700000000', nonce: 'n1', rawBody: request.rawBody };
  return {
    ...request,
    headers: {
      'x-lark-request-timestamp': parts.timestamp,
      'x-lark-request-nonce': parts.nonce,
      'x-lark-signature': eventSignature(app.encryptKey, parts),
    },
  };
}

describe('messages', () => {
  const plainEvent = eventV2({}, plainApp);
  test.each([
    ['of schema 2.0, encrypted', sealed(eventV2()), accepted()],
    ['of schema 1.0, encrypted', sealed(eventV1()), accepted()],
    ['of schema 2.0, plain but signed', signedPlain(eventV2()), accepted()],
    ['of schema 1.0, plain but signed', signedPlain(eventV1()), accepted()],
    [
      'of schema 2.0, plain, of an app without Encrypt Key',
      requestOf({ body: plainEvent }),
      accepted({ appId: 'cli_plain' }),
    ],
    [
      'of schema 1.0, plain, of an app without Encrypt Key',
      requestOf({ body: eventV1({}, plainApp) }),
      accepted({ appId: 'cli_plain' }),
    ],
    [
      'of the other app on the same address',
      sealed(eventV2({}, otherApp), otherApp.encryptKey),
      accepted({ appId: 'cli_b' }),
    ],
    [
      'of schema 2.0 in a group, without the mention',
      sealed(eventV2({ chatType: 'group', mentionsBot: true })),
      accepted({ chatType: 'group' }),
    ],
    [
      'of schema 1.0 in a group, without the mention',
      sealed(eventV1({ chatType: 'group', mentionsBot: true })),
      accepted({ chatType: 'group' }),
    ],
    [
      'of schema 1.0 without text_without_at_bot',
      sealed(changed(eventV1(), 'event.text_without_at_bot', undefined)),
      accepted(),
    ],
    ['without user_id', sealed(changed(eventV2(), 'event.sender.sender_id.user_id', null)), accepted()],
    [
      'with an empty thread and null mentions',
      sealed(changed(changed(eventV2(), 'event.message.thread_id', ''), 'event.message.mentions', null)),
      accepted(),
    ],
    ['with unknown members', sealed(changed(eventV2(), 'event.message.novelty', { deep: [1] })), accepted()],
    [
      'with the members of an address check',
      sealed({ ...eventV2(), type: 'url_verification', challenge: 'abc', token: app.verificationToken }),
      accepted(),
    ],
  ])('accepts a message %s', (_name, request, result) => {
    expect(receive(request)).toEqual(result);
  });

  test('keeps the names of twelve other mentioned users', () => {
    const mentions = Array.from({ length: 12 }, (_, index) => ({ openId: `ou_${index}`, name: `P${index}` }));
    const text = `/ask ${mentions.map(({ name }) => `@${name}.`).join(' ')} @all and @_user_99`;
    const event = eventV2({ text, chatType: 'group', mentionsBot: true, mentions });
    expect(receive(sealed(event))).toEqual(accepted({ chatType: 'group', text }));
  });

  test('distinguishes two apps with the same Encrypt Key by the app id', () => {
    const twin = { ...otherApp, encryptKey: app.encryptKey };
    expect(receiveFeishu([twin, app], sealed(eventV2()))).toEqual(accepted());
    expect(receiveFeishu([twin, app], sealed(eventV2({}, twin)))).toEqual(accepted({ appId: 'cli_b' }));
  });
});

describe('texts', () => {
  test.each([
    ['Chinese and emoji', '你好 👩‍💻🚀', '你好 👩‍💻🚀'],
    ['a lone surrogate', 'a\ud83d b', 'a\ufffd b'],
    ['NUL', 'a\u0000b', 'ab'],
    ['right-to-left', '\u202eمرحبا\u202c', '\u202eمرحبا\u202c'],
    ['a zero-width space inside', 'a\u200bb', 'a\u200bb'],
    ['100 kB', '你好吗\n'.repeat(10_000), '你好吗\n'.repeat(10_000).trim()],
    ['a text that looks like JSON', '{"text":"x"}', '{"text":"x"}'],
    ['a text that looks like a mention', 'mail @_user_9', 'mail @_user_9'],
  ])('cleans %s', (_name, text, clean) => {
    expect(receive(sealed(eventV2({ text })))).toEqual(accepted({ text: clean }));
    expect(receive(sealed(eventV1({ text })))).toEqual(accepted({ text: clean }));
  });

  const empty = ignored('empty_text', 'om_1');
  test.each([
    ['an empty text', eventV2({ text: '' }), empty],
    ['spaces', eventV2({ text: ' \n\t' }), empty],
    ['zero-width only', eventV2({ text: '\u200b\u200d\ufeff\u2060' }), empty],
    ['NUL only', eventV2({ text: '\u0000' }), empty],
    ['a message recalled before its delivery', changed(eventV2(), 'event.message.content', ''), empty],
    ['content that is not JSON', changed(eventV2(), 'event.message.content', 'hello'), empty],
    ['content without text', changed(eventV2(), 'event.message.content', '{}'), empty],
    ['content with null', changed(eventV2(), 'event.message.content', 'null'), empty],
    ['content with a number as text', changed(eventV2(), 'event.message.content', '{"text":1}'), empty],
    [
      'schema 1.0 without any text',
      changed(changed(eventV1(), 'event.text', undefined), 'event.text_without_at_bot', undefined),
      empty,
    ],
    ['a system notice', changed(eventV2(), 'event.message.message_type', 'system'), ignored('not_text', 'om_1')],
    ['a system notice, 1.0', changed(eventV1(), 'event.msg_type', 'system'), ignored('not_text', 'om_1')],
    [
      'an image recalled before its delivery',
      changed(changed(eventV2(), 'event.message.message_type', 'image'), 'event.message.content', ''),
      empty,
    ],
  ])('ignores %s', (_name, event, result) => {
    expect(receive(sealed(event))).toEqual(result);
  });
});

describe('events that are not messages of a person', () => {
  const ofBot = changed(eventV2(), 'event.sender.sender_type', 'app');
  test.each([
    ['a bot', ofBot, 'bot_sender'],
    ['a bot without open_id', changed(ofBot, 'event.sender.sender_id', null), 'bot_sender'],
    ['an unknown type, 2.0', changed(eventV2(), 'header.event_type', 'im.novelty_v1'), 'unknown_event_type'],
    ['an unknown type, 1.0', changed(eventV1(), 'event.type', 'novelty'), 'unknown_event_type'],
    ['a read receipt', changed(eventV2(), 'header.event_type', 'im.message.message_read_v1'), 'unused_event_type'],
    ['a recall', changed(eventV2(), 'header.event_type', 'im.message.recalled_v1'), 'unused_event_type'],
    [
      'the first opening of a private chat, 1.0',
      changed(eventV1(), 'event.type', 'p2p_chat_create'),
      'unused_event_type',
    ],
    [
      'a type with the name of an object member',
      changed(eventV2(), 'header.event_type', 'constructor'),
      'unknown_event_type',
    ],
  ])('ignores %s', (_name, event, reason) => {
    expect(receive(sealed(event))).toEqual(ignored(reason));
  });
});

describe('the address check', () => {
  const check = { challenge: 'abc', token: app.verificationToken, type: 'url_verification' };
  const answered = (appId: string) => ({
    kind: 'challenge',
    reason: 'url_verification',
    appId,
    body: { challenge: 'abc' },
  });
  const { verificationToken: _, ...tokenless } = app;
  test.each([
    ['plain', apps, requestOf({ body: check }), answered('cli_a')],
    [
      'plain, of the other app',
      apps,
      requestOf({ body: { ...check, token: otherApp.verificationToken } }),
      answered('cli_b'),
    ],
    ['encrypted and unsigned', apps, unsigned(check), answered('cli_a')],
    ['encrypted, for an app without a token', [tokenless], unsigned({ ...check, token: 'any' }), answered('cli_a')],
    [
      'plain, for an app with a key and no token',
      [tokenless],
      requestOf({ body: check }),
      rejected('missing_signature'),
    ],
    [
      'plain, if only one of the apps has a token',
      [tokenless, otherApp],
      requestOf({ body: check }),
      rejected('token_mismatch'),
    ],
    ['with a wrong token', apps, requestOf({ body: { ...check, token: 'wrong' } }), rejected('token_mismatch')],
    ['encrypted with a wrong token', apps, unsigned({ ...check, token: 'wrong' }), rejected('token_mismatch')],
    [
      'with the token of the other app under our key',
      apps,
      unsigned({ ...check, token: otherApp.verificationToken }),
      rejected('token_mismatch'),
    ],
    ['encrypted with an unknown key', apps, unsigned(check, 'unknown key'), rejected('decrypt_failed')],
    ['encrypted, but no app has a key', [plainApp], unsigned(check), rejected('decrypt_failed')],
    ['without a token', apps, requestOf({ body: { ...check, token: undefined } }), rejected('malformed_event')],
    ['without a challenge', apps, requestOf({ body: { ...check, challenge: undefined } }), rejected('malformed_event')],
    ['with a number as challenge', apps, requestOf({ body: { ...check, challenge: 1 } }), rejected('malformed_event')],
    ['when no app is configured', [], requestOf({ body: check }), rejected('missing_signature')],
  ])('is classified: %s', (_name, configured, request, result) => {
    expect(receiveFeishu(configured, request)).toEqual(result);
  });
});

describe('forged requests', () => {
  const genuine = sealed(eventV2());
  const without = (name: string) => ({ ...genuine, headers: { ...genuine.headers, [name]: undefined } });
  const plainEvent = eventV2({}, plainApp);
  test.each([
    ['encrypted and unsigned', unsigned(eventV2()), 'missing_signature'],
    ['signed without timestamp', without('x-lark-request-timestamp'), 'missing_signature'],
    ['signed without nonce', without('x-lark-request-nonce'), 'missing_signature'],
    [
      'an empty signature',
      { ...genuine, headers: { ...genuine.headers, 'x-lark-signature': '' } },
      'signature_mismatch',
    ],
    [
      'a body with one byte more',
      { ...genuine, rawBody: Buffer.concat([genuine.rawBody, Buffer.from(' ')]) },
      'signature_mismatch',
    ],
    [
      'the signature of another body',
      { ...sealed(eventV2({ text: 'transfer' })), headers: genuine.headers },
      'signature_mismatch',
    ],
    ['signed with an unknown key', sealed(eventV2(), 'unknown key'), 'signature_mismatch'],
    ['a wrong token under the right signature', sealed(changed(eventV2(), 'header.token', 'wrong')), 'token_mismatch'],
    ['a wrong token, 1.0', sealed(changed(eventV1(), 'token', 'wrong')), 'token_mismatch'],
    ['the app id of another app', sealed(changed(eventV2(), 'header.app_id', 'cli_b')), 'unknown_app'],
    ['the app id of another app, 1.0', sealed(changed(eventV1(), 'event.app_id', 'cli_b')), 'unknown_app'],
    ['plain with a wrong token', requestOf({ body: changed(plainEvent, 'header.token', 'wrong') }), 'token_mismatch'],
    ['plain with the token of an app that has an Encrypt Key', requestOf({ body: eventV2() }), 'token_mismatch'],
    [
      'plain with the app id of another app',
      requestOf({ body: changed(plainEvent, 'header.app_id', 'cli_a') }),
      'unknown_app',
    ],
    ['plain beside an empty encrypt', requestOf({ body: { ...plainEvent, encrypt: '' } }), 'decrypt_failed'],
  ])('are rejected: %s', (_name, request, reason) => {
    expect(receive(request)).toEqual(rejected(reason));
  });

  test('are rejected: an unsigned plain event, if all apps have an Encrypt Key', () => {
    expect(receiveFeishu([app], requestOf({ body: eventV2() }))).toEqual(rejected('missing_signature'));
  });
});

describe('bodies that are not events', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const longId = JSON.stringify(eventV2({}, plainApp)).replace(/"event_id":"[^"]+"/, `"event_id":{"length":${deep}}`);
  test.each([
    ['an empty body', '', 'malformed_json'],
    ['text', 'hello', 'malformed_json'],
    ['half an object', '{"schema":"2.0"', 'malformed_json'],
    ['null', 'null', 'malformed_json'],
    ['a number', '1', 'malformed_json'],
    ['a string', '"encrypt"', 'malformed_json'],
    ['an array', '[]', 'malformed_event'],
    ['an empty object', '{}', 'malformed_event'],
    ['arrays 100,000 deep', `{"a":${deep}}`, 'malformed_event'],
    ['an id whose length is 100,000 deep', longId, 'malformed_event'],
    ['encrypt that is a number', '{"encrypt":1}', 'malformed_event'],
    ['encrypt that is not base64', '{"encrypt":"!"}', 'decrypt_failed'],
  ])('are rejected: %s', (_name, body, reason) => {
    expect(receive(requestOf({ body }))).toEqual(rejected(reason));
  });

  test.each([
    ['no header', 'header', undefined],
    ['an array as header', 'header', []],
    ['another schema', 'schema', '3.0'],
    ['no event', 'event', undefined],
    ['null as event', 'event', null],
    ['no event id', 'header.event_id', undefined],
    ['an empty event id', 'header.event_id', ''],
    ['a message id of 129 characters', 'event.message.message_id', 'm'.repeat(129)],
    ['a chat id of 129 characters', 'event.message.chat_id', 'c'.repeat(129)],
    ['a tenant key of 129 characters', 'header.tenant_key', 't'.repeat(129)],
    ['an event id of 129 characters', 'header.event_id', 'e'.repeat(129)],
    ['no open_id', 'event.sender.sender_id.open_id', undefined],
    ['no sender type', 'event.sender.sender_type', undefined],
    ['a number as content', 'event.message.content', 1],
    ['mentions that are not a list', 'event.message.mentions', { key: '@_user_1' }],
    ['no token', 'header.token', undefined],
  ])('are rejected: a genuine event with %s', (_name, path, value) => {
    expect(receive(sealed(changed(eventV2(), path, value)))).toEqual(rejected('malformed_event'));
  });

  test('does not reject ids of 128 characters', () => {
    const messageId = 'm'.repeat(128);
    expect(receive(sealed(eventV2({ messageId })))).toEqual(accepted({ messageId }));
  });

  test('are rejected: an array or null as encrypted content', () => {
    expect(receive(sealed([]))).toEqual(rejected('malformed_event'));
    expect(receive(sealed(null))).toEqual(rejected('malformed_event'));
  });

  test('keys of the prototype change nothing', () => {
    const text = JSON.stringify(eventV2({}, plainApp));
    const body = text.replace('{', '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},');
    expect(receive(requestOf({ body }))).toEqual(accepted({ appId: 'cli_plain' }));
    expect('polluted' in {}).toBe(false);
  });
});

test('classifies random bytes and damaged callbacks without an error', () => {
  const random = createRandom(3);
  const genuine = sealed(eventV2());
  const plain = requestOf({ body: eventV2({}, plainApp) });
  for (let round = 0; round < 500; round += 1) {
    const rawBody = Buffer.from(round % 2 ? genuine.rawBody : plain.rawBody);
    rawBody[random.int(rawBody.length)] = random.int(256);
    const cut = rawBody.subarray(0, random.int(rawBody.length));
    const noise = random.bytes(random.int(200));
    for (const body of [rawBody, cut, noise]) {
      const result = receive({ ...genuine, rawBody: body, headers: round % 2 ? genuine.headers : {}, now: NOW });
      expect(['rejected', 'message', 'ignored']).toContain(result.kind);
      if (round % 2 && !body.equals(genuine.rawBody)) expect(result.kind).toBe('rejected');
    }
  }
});

test('classifies genuine events with any content', () => {
  const type = fc.constantFrom(
    'im.message.receive_v1',
    'card.action.trigger',
    'im.chat.member.bot.added_v1',
    'im.chat.disbanded_v1',
  );
  const path = fc.constantFrom(
    'event',
    'event.message',
    'event.message.mentions',
    'event.message.thread_id',
    'event.message.message_type',
    'event.message.content',
    'event.sender.sender_id',
  );
  const content = fc.jsonValue().map((value) => JSON.stringify(value));
  fc.assert(
    fc.property(type, path, fc.oneof(fc.jsonValue(), content), (eventType, where, value) => {
      const event = changed(changed(eventV2(), 'header.event_type', eventType), where, value);
      expect(['message', 'ignored', 'rejected']).toContain(receive(sealed(event)).kind);
    }),
  );
});

test('classifies a post with any elements', () => {
  const posts = fc.array(
    fc.array(fc.oneof(fc.jsonValue(), fc.record({ tag: fc.constantFrom('text', 'a', 'at', 'img') }))),
  );
  fc.assert(
    fc.property(posts, (content) => {
      const result = receive(sealed(eventV2({ other: { type: 'post', content: { title: '', content } } })));
      expect(['message', 'ignored']).toContain(result.kind);
    }),
  );
});
