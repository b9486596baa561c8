// In every body from Feishu and DingTalk, null equals a missing member, and unknown members are ignored.
import { describe, expect, test } from '@jest/globals';
import type { HttpClient, HttpResponse } from '../../../bot/http-client/http-client.ts';
import { receiveDingtalk } from '../../../bot/platforms/dingtalk/inbound/receive.ts';
import { classifyApiAnswer, classifyWebhookAnswer } from '../../../bot/platforms/dingtalk/outbound/answers.ts';
import { createDingtalkApi } from '../../../bot/platforms/dingtalk/outbound/api.ts';
import { receiveFeishu } from '../../../bot/platforms/feishu/inbound/receive.ts';
import { createFeishuApi } from '../../../bot/platforms/feishu/outbound/api.ts';
import { contents } from '../../../ops/lab/dingtalk/contents.ts';
import { variantsOf, withUnknownMembers } from './absent.ts';
import * as dingtalk from './dingtalk/callbacks.ts';
import * as feishu from './feishu/callbacks.ts';

/** Parses a body. Bodies with the same meaning must give the same result or the same error. */
type ReadBody = (body: unknown) => unknown;

const group = { chatType: 'group', mentionsBot: true, mentions: [{ openId: 'ou_tom', name: 'Tom' }] } as const;
const eventOf = (event_type: string, event: object) => {
  const { header } = feishu.eventV2();
  return { schema: '2.0', header: { ...header, event_type }, event };
};
const oldEventOf = (event: object) => ({ ...feishu.eventV1(), event: { ...feishu.eventV1().event, ...event } });
const operator = { tenant_key: 't', open_id: 'ou_1', user_id: 'u', union_id: 'on_1' };
const context = { open_message_id: 'om_1', open_chat_id: 'oc_1', url: '', preview_token: '' };
const pressed = { operator, token: 'c-1', host: 'im_message', context };

const feishuBodies: [string, unknown][] = [
  ['a private message', feishu.eventV2()],
  ['a group message', feishu.eventV2({ ...group, text: '@Bot @Tom hi', threadId: 'omt_1', parentId: 'om_0' })],
  ['a message of schema 1.0', feishu.eventV1()],
  ['a group message of schema 1.0', feishu.eventV1({ ...group, parentId: 'om_0' })],
  ['an image', feishu.eventV2({ other: { type: 'image', content: { image_key: 'img_1' } } })],
  ['a button', eventOf('card.action.trigger', { ...pressed, action: { tag: 'button', value: { say: '/help' } } })],
  [
    'a form',
    eventOf('card.action.trigger', {
      ...pressed,
      action: { tag: 'button', name: 'b', form_value: { a: 'x' }, value: {} },
    }),
  ],
  [
    'a bot that is added',
    eventOf('im.chat.member.bot.added_v1', {
      chat_id: 'oc_1',
      operator_id: operator,
      external: false,
      name: 'ops',
      i18n_names: { zh_cn: '运维' },
    }),
  ],
  ['a chat that ends', eventOf('im.chat.disbanded_v1', { chat_id: 'oc_1', operator_id: operator })],
  [
    'a bot that is removed, schema 1.0',
    oldEventOf({ type: 'remove_bot', open_chat_id: 'oc_1', operator_open_id: 'ou_1' }),
  ],
  [
    'a chat that ends, schema 1.0',
    oldEventOf({ type: 'chat_disband', chat_id: 'oc_1', operator: { open_id: 'ou_1' } }),
  ],
];

/** Contents of rich texts, which Feishu sends as JSON in a string. */
const posts: [string, unknown][] = [
  [
    'a rich text',
    {
      title: 'T',
      content: [
        [
          { tag: 'text', text: 'see ', style: [] },
          { tag: 'a', href: 'https://a.example', text: 'this' },
          { tag: 'at', user_id: '@_user_1', user_name: 'Tom' },
        ],
        [
          { tag: 'img', image_key: 'img_1' },
          { tag: 'emotion', emoji_type: 'SMILE' },
        ],
        [{ tag: 'code_block', language: 'GO', text: 'a' }],
      ],
    },
  ],
  [
    'a rich text by language',
    { zh_cn: { title: 'T', content: [[{ tag: 'text', text: 'a' }]] }, en_us: { title: 'E', content: [] } },
  ],
];

const atUsers = [
  { dingtalkId: dingtalk.robotMessage().chatbotUserId, staffId: '' },
  { dingtalkId: 'x', staffId: 's' },
];
const rich = { type: '2', content: contents.richText('@Bot', null, 'see') } as const;
const dingtalkBodies: [string, unknown][] = [
  ['a private message', dingtalk.robotMessage()],
  ['a group message', dingtalk.robotMessage({ type: '2', text: '@Bot @Tom hi' }, { atUsers, senderPlatform: 'Mac' })],
  ['a rich text', dingtalk.robotMessage(rich, { atUsers })],
  ['a picture', dingtalk.robotMessage({ content: contents.picture() })],
  ['a voice message', dingtalk.robotMessage({ content: contents.audio('hello') })],
  ['a file', dingtalk.robotMessage({ content: contents.file('a.pdf') })],
  [
    'a reply',
    dingtalk.robotMessage({ content: contents.reply('why?', { msgType: 'text', content: { text: 'quoted' } }) }),
  ],
  [
    'a reply to a rich text',
    dingtalk.robotMessage({
      content: contents.reply('why?', {
        msgType: 'richText',
        content: {
          richText: [
            { msgType: 'text', content: 'see' },
            { msgType: 'picture', downloadCode: 'x' },
          ],
        },
      }),
    }),
  ],
  [
    'a reply to a card',
    dingtalk.robotMessage({
      content: contents.reply('why?', {
        msgType: 'interactiveCard',
        content: {
          cardContent: { elementType: 'ROOT', children: [{ elementType: 'TEXT', value: 'a', children: [] }] },
        },
      }),
    }),
  ],
  ['an older reply', dingtalk.robotMessage({}, { quoteMessage: { msgtype: 'text', text: { content: 'quoted' } } })],
];
const dingtalkEvents: [string, unknown][] = [
  [
    'the end of a group',
    {
      EventType: 'chat_disband',
      CorpId: 'corp-1',
      eventId: 'e',
      openConversationId: 'cid-1',
      operator: 'staff-1',
      Title: '',
    },
  ],
  ['another event', { EventType: 'chat_update_title', CorpId: 'corp-1', Title: 'a' }],
];

const response = (json: unknown, status = 200): HttpResponse => {
  return { status, headers: new Headers(), text: '', json, phases: {} };
};

/** Returns an HTTP client that answers every request with one body. */
function answering(json: unknown, status = 200): HttpClient {
  const stream = () => Promise.reject(new Error('This client does not stream.'));
  return { request: async () => response(json, status), stream, close: () => {} };
}
const call = { token: 't', signal: new AbortController().signal };
const feishuApp = { appId: 'cli_a', appSecret: 's' };
const dingtalkApp = { appKey: 'ding-a', appSecret: 's', robotCode: 'r' };
const settled = async (promise: Promise<unknown>) => {
  const [outcome] = await Promise.allSettled([promise]);
  return outcome.status === 'fulfilled'
    ? outcome.value
    : { ...(outcome.reason as object), name: String(outcome.reason) };
};
const answers: [string, unknown, ReadBody][] = [
  [
    'Feishu’s token',
    { code: 0, msg: 'ok', tenant_access_token: 't-1', expire: 7200 },
    (json) => settled(createFeishuApi(answering(json), '').fetchToken(feishuApp)),
  ],
  [
    'Feishu’s rejection',
    { code: 10014, msg: 'app secret invalid' },
    (json) => settled(createFeishuApi(answering(json, 400), '').fetchToken(feishuApp)),
  ],
  [
    'Feishu’s information about the bot',
    { code: 0, msg: 'ok', bot: { open_id: 'ou_bot', app_name: 'a', activate_status: 2 } },
    (json) => settled(createFeishuApi(answering(json), '').fetchBotId(call)),
  ],
  [
    'Feishu’s answer to a sent message',
    { code: 0, msg: 'success', data: { message_id: 'om_1', chat_id: 'oc_1', thread_id: 'omt_1' } },
    (json) =>
      settled(
        createFeishuApi(answering(json), '').post(
          { chatId: 'oc_1' },
          { msg_type: 'text', content: '', uuid: 'u' },
          call,
        ),
      ),
  ],
  [
    'Feishu’s answer with a fetched message',
    {
      code: 0,
      msg: 'success',
      data: {
        items: [
          {
            message_id: 'om_1',
            chat_id: 'oc_1',
            msg_type: 'text',
            deleted: false,
            body: { content: '{"text":"a"}' },
            mentions: [{ key: '@_user_1', id: 'ou_1', id_type: 'open_id', name: 'Tom' }],
            sender: { id: 'ou_1' },
          },
        ],
      },
    },
    (json) => settled(createFeishuApi(answering(json), '').fetchMessage('om_1', call)),
  ],
  [
    'DingTalk’s token',
    { accessToken: 'a', expireIn: 7200 },
    (json) => settled(createDingtalkApi(answering(json), '').fetchToken(dingtalkApp)),
  ],
  [
    'DingTalk’s answer to a sent message',
    { processQueryKey: 'k', invalidStaffIdList: [], flowControlledStaffIdList: [] },
    (json) => classifyApiAnswer(response(json)),
  ],
  [
    'DingTalk’s answer to a message that was not sent',
    { processQueryKey: 'k', invalidStaffIdList: ['a'], flowControlledStaffIdList: ['b'] },
    (json) => classifyApiAnswer(response(json)),
  ],
  [
    'DingTalk’s rejection',
    { code: 'Forbidden', message: 'no', requestid: 'r' },
    (json) => classifyApiAnswer(response(json, 403)),
  ],
  [
    'DingTalk’s rejection in the older format',
    { errcode: 88, errmsg: 'no', sub_code: '40014', sub_msg: 'token' },
    (json) => classifyWebhookAnswer(response(json), 'm'),
  ],
  ['DingTalk’s webhook', { errcode: 0, errmsg: 'ok' }, (json) => classifyWebhookAnswer(response(json), 'm')],
];

const wires: [string, unknown, ReadBody][] = [
  ...feishuBodies.map(([name, body]): [string, unknown, ReadBody] => [
    `Feishu: ${name}`,
    body,
    (json) => receiveFeishu([feishu.app], feishu.sealed(json), () => 'ou_bot'),
  ]),
  ...posts.map(([name, post]): [string, unknown, ReadBody] => [
    `Feishu: ${name}`,
    post,
    (json) =>
      receiveFeishu([feishu.app], feishu.sealed(feishu.eventV2({ other: { type: 'post', content: json as object } }))),
  ]),
  ...dingtalkBodies.map(([name, body]): [string, unknown, ReadBody] => [
    `DingTalk: ${name}`,
    body,
    (json) => receiveDingtalk([dingtalk.app], dingtalk.signed(json)),
  ]),
  ...dingtalkEvents.map(([name, body]): [string, unknown, ReadBody] => [
    `DingTalk: ${name}`,
    body,
    (json) => {
      const { body: _sealedWithARandom, ...verdict } = {
        body: {},
        ...receiveDingtalk([dingtalk.app], dingtalk.event(json)),
      };
      return verdict;
    },
  ]),
  ...answers,
];

describe.each(wires)('%s', (_name, body, read) => {
  test('reads null in any member like a missing member', async () => {
    const different: string[] = [];
    for (const { path, without, withNull } of variantsOf(body)) {
      const [absent, empty] = [await read(without), await read(withNull)];
      if (JSON.stringify(absent) !== JSON.stringify(empty)) different.push(path);
    }
    expect(variantsOf(body).length).toBeGreaterThan(1);
    expect(different).toEqual([]);
  });

  test('ignores unknown members', async () => {
    expect(await read(withUnknownMembers(body))).toEqual(await read(body));
  });
});
