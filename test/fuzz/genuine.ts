// Builds genuine requests of both platforms, whose text can be changed before it is sealed (encrypted and signed).
import { callbackSignature, encryptEvent, robotSign } from '../../ops/lab/dingtalk/crypto.ts';
import { encrypt, eventSignature } from '../../ops/lab/feishu/crypto.ts';
import { challengeEvent } from '../../ops/lab/feishu/events.ts';
import type { Lab, LabCredentials } from '../../ops/lab/start-lab.ts';
import type { Wire } from './wire.ts';

/** One kind of request: its JSON text, and the function that seals any text as the platform does. */
export interface GenuineRequest {
  kind: string;
  text: string;
  seal(text: string): Wire;
}

type Headers = Wire['headers'];

function post(target: string, body: string, headers: Headers = []): Wire {
  return {
    method: 'POST',
    target,
    version: 'HTTP/1.1',
    headers: [['host', 'bot'], ['content-type', 'application/json; charset=utf-8'], ...headers],
    body: Buffer.from(body),
  };
}

/** Returns a new set of requests, with other message ids each time. */
export function genuineRequests(lab: Lab, { feishu, dingtalk }: LabCredentials): GenuineRequest[] {
  const plain = (callback: { body: Buffer }) => callback.body.toString();
  const v2 = plain(lab.feishu.buildCallback({ text: 'hello', encrypted: false, chatType: 'group' }));
  const v1 = plain(lab.feishu.buildCallback({ text: 'hello', encrypted: false, schema: '1.0' }));
  const robot = plain(lab.dingtalk.buildCallback({ text: 'hello' }));
  const challenge = JSON.stringify(challengeEvent(feishu));
  const signed = (text: string) => signedFeishu(text, feishu.encryptKey);
  return [
    {
      kind: 'feishu 2.0',
      text: v2,
      seal: (text) => signed(JSON.stringify({ encrypt: encrypt(text, feishu.encryptKey) })),
    },
    {
      kind: 'feishu 1.0',
      text: v1,
      seal: (text) => signed(JSON.stringify({ encrypt: encrypt(text, feishu.encryptKey) })),
    },
    { kind: 'feishu plain, signed', text: v2, seal: signed },
    { kind: 'feishu challenge', text: challenge, seal: (text) => post('/feishu/verify', text) },
    {
      kind: 'feishu challenge, encrypted',
      text: challenge,
      seal: (text) => post('/feishu/event', JSON.stringify({ encrypt: encrypt(text, feishu.encryptKey) })),
    },
    { kind: 'dingtalk robot', text: robot, seal: (text) => signedRobot(text, dingtalk.appSecret) },
    {
      kind: 'dingtalk event',
      text: JSON.stringify({ EventType: 'user_add_org', UserId: ['u1'], CorpId: dingtalk.corpId }),
      seal: (text) => sealedEvent(text, dingtalk),
    },
    {
      kind: 'dingtalk check_url',
      text: JSON.stringify({ EventType: 'check_url' }),
      seal: (text) => sealedEvent(text, dingtalk),
    },
  ];
}

function signedFeishu(body: string, encryptKey: string): Wire {
  const [timestamp, nonce] = [String(Math.floor(Date.now() / 1000)), 'nonce'];
  return post('/feishu/event', body, [
    ['x-lark-request-timestamp', timestamp],
    ['x-lark-request-nonce', nonce],
    ['x-lark-signature', eventSignature({ timestamp, nonce, encryptKey, body: Buffer.from(body) })],
  ]);
}

function signedRobot(body: string, secret: string): Wire {
  const timestamp = String(Date.now());
  const sign = robotSign(timestamp, secret);
  return post('/dingtalk/callback', body, [
    ['timestamp', timestamp],
    ['sign', sign],
  ]);
}

function sealedEvent(text: string, { aesKey, appKey, token }: LabCredentials['dingtalk']): Wire {
  const [timestamp, nonce] = [String(Date.now()), 'nonce'];
  const sealed = encryptEvent(text, aesKey, appKey);
  const signature = callbackSignature({ token, timestamp, nonce, encrypt: sealed });
  const query = new URLSearchParams({ signature, timestamp, nonce });
  return post(`/dingtalk/callback?${query}`, JSON.stringify({ encrypt: sealed }));
}
