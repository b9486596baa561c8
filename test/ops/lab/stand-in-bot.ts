// A small bot for the lab's tests: verifies callbacks, by the official SDK if there is one, and answers by API calls.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AESCipher, EventDispatcher } from '@larksuiteoapi/node-sdk';
import { callbackSignature, decryptEvent, encryptEvent, robotSign } from '../../../ops/lab/dingtalk/crypto.ts';
import type { LabCredentials } from '../../../ops/lab/start-lab.ts';
import { postJson } from './post-json.ts';

/** One callback that the stand-in received. */
interface ReceivedCallback {
  path: string;
  headers: IncomingHttpHeaders;
  /** The decrypted event. */
  event: Record<string, unknown>;
  genuine: boolean;
}

/** A running stand-in. */
export interface StandInBot {
  url: string;
  callbacks: ReceivedCallback[];
  /** HTTP statuses of its next answers, 200 if empty; 0 means no answer. */
  statuses: number[];
  /** Address of the fake Feishu. If set, the bot echoes messages of both platforms. */
  echoTo?: string;
  stop(): Promise<void>;
}

type CallbackRequest = { path: string; headers: IncomingHttpHeaders; body: Record<string, unknown> };

/** Starts the stand-in on a free port. */
export async function startStandInBot(credentials: LabCredentials): Promise<StandInBot> {
  const callbacks: ReceivedCallback[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { url: path = '', headers } = request;
    const received = { path, headers, body: JSON.parse(Buffer.concat(chunks).toString()) };
    const receive = path.startsWith('/feishu')
      ? receiveFeishu
      : path.includes('?')
        ? receiveDingtalkEvent
        : receiveDingtalk;
    const { event, genuine, answer = {}, echo } = await receive(received, credentials);
    callbacks.push({ path, headers, event, genuine });
    const status = bot.statuses.shift() ?? 200;
    if (status === 0) return;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    // An echo may fail because of a fault that a test has switched on.
    if (bot.echoTo !== undefined) echo?.(bot.echoTo).catch(() => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server listening on TCP always has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  const bot: StandInBot = { url: `http://127.0.0.1:${port}`, callbacks, statuses: [], stop };
  return bot;
}

interface VerifiedCallback {
  event: Record<string, unknown>;
  genuine: boolean;
  answer?: object;
  echo?: (feishuUrl: string) => Promise<unknown>;
}

async function receiveFeishu(
  { headers, body }: CallbackRequest,
  { feishu }: LabCredentials,
): Promise<VerifiedCallback> {
  const cipher = new AESCipher(feishu.encryptKey);
  const event = typeof body.encrypt === 'string' ? JSON.parse(cipher.decrypt(body.encrypt)) : body;
  if (event.type === 'url_verification') return { event, genuine: true, answer: { challenge: event.challenge } };
  const quiet = () => undefined;
  let genuine = false;
  const accept = () => {
    genuine = true;
  };
  const dispatcher = new EventDispatcher({
    encryptKey: feishu.encryptKey,
    verificationToken: feishu.verificationToken,
    logger: { error: quiet, warn: quiet, info: quiet, debug: quiet, trace: quiet },
  });
  // `message` is the event's name in the 1.0 envelope, which the SDK accepts but has no type for.
  dispatcher.register({ 'im.message.receive_v1': accept, ...({ message: accept } as object) });
  // The SDK reads the headers from the prototype of the data.
  await dispatcher.invoke(Object.assign(Object.create({ headers }), body));
  return { event, genuine, echo: (url) => echoToFeishu(url, feishu, event.event.message) };
}

function receiveDingtalk({ headers, body }: CallbackRequest, { dingtalk }: LabCredentials): VerifiedCallback {
  const genuine = headers.sign === robotSign(String(headers.timestamp), dingtalk.appSecret);
  const text = { content: `Echo: ${Object(body.text).content}` };
  return { event: body, genuine, echo: () => postJson(String(body.sessionWebhook), { msgtype: 'text', text }) };
}

function receiveDingtalkEvent({ path, body }: CallbackRequest, { dingtalk }: LabCredentials): VerifiedCallback {
  const { token, aesKey, appKey } = dingtalk;
  const query = new URL(path, 'http://bot').searchParams;
  const timestamp = query.get('timestamp') ?? '';
  const nonce = query.get('nonce') ?? '';
  const given = String(body.encrypt);
  const genuine = query.get('signature') === callbackSignature({ token, timestamp, nonce, encrypt: given });
  const encrypt = encryptEvent('success', aesKey, appKey);
  const msg_signature = callbackSignature({ token, timestamp, nonce, encrypt });
  const event = JSON.parse(decryptEvent(given, aesKey, appKey));
  return { event, genuine, answer: { msg_signature, timeStamp: timestamp, nonce, encrypt } };
}

async function echoToFeishu(url: string, app: LabCredentials['feishu'], message: Record<string, string>) {
  const credentials = { app_id: app.appId, app_secret: app.appSecret };
  const { body } = await postJson(`${url}/open-apis/auth/v3/tenant_access_token/internal`, credentials);
  const content = JSON.stringify({ text: `Echo: ${JSON.parse(message.content ?? '{}').text}` });
  const headers = { authorization: `Bearer ${body.tenant_access_token}` };
  await postJson(`${url}/open-apis/im/v1/messages/${message.message_id}/reply`, { msg_type: 'text', content }, headers);
}
