// A tiny bot for the lab's tests: checks callbacks with the official SDK or by the rules, and answers by the real API calls.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AESCipher, EventDispatcher } from '@larksuiteoapi/node-sdk';
import { robotSign } from '../../../ops/lab/dingtalk/crypto.ts';
import type { LabCredentials } from '../../../ops/lab/start-lab.ts';

/** One callback as the stand-in took it. */
export interface Taken {
  path: string;
  /** What was inside, decrypted. */
  event: Record<string, unknown>;
  genuine: boolean;
}

/** A running stand-in. */
export interface StandInBot {
  url: string;
  taken: Taken[];
  /** HTTP status of its next answers. */
  status: number;
  /** Where to answer Feishu's messages; without it the stand-in stays silent there. */
  feishuUrl?: string;
  stop(): Promise<void>;
}

/** Starts the stand-in on a free port. */
export async function startStandInBot({ feishu, dingtalk }: LabCredentials): Promise<StandInBot> {
  const cipher = new AESCipher(feishu.encryptKey);
  const bot: StandInBot = { url: '', taken: [], status: 200, stop: async () => undefined };

  async function takeFeishu(request: IncomingMessage, body: Record<string, unknown>): Promise<object> {
    const plain = typeof body.encrypt === 'string' ? JSON.parse(cipher.decrypt(body.encrypt)) : body;
    if (plain.type === 'url_verification') return { challenge: plain.challenge };
    const dispatcher = new EventDispatcher({
      encryptKey: feishu.encryptKey,
      verificationToken: feishu.verificationToken,
      logger: { error: quiet, warn: quiet, info: quiet, debug: quiet, trace: quiet },
    });
    let genuine = false;
    dispatcher.register({
      'im.message.receive_v1': () => {
        genuine = true;
      },
      // The 1.0 envelope's name for a message; the SDK has no type for it.
      ...({ message: () => (genuine = true) } as object),
    });
    // The SDK looks for the headers on the prototype of the data.
    await dispatcher.invoke(Object.assign(Object.create({ headers: request.headers }), body));
    bot.taken.push({ path: request.url ?? '', event: plain, genuine });
    const message = plain.event?.message;
    if (bot.feishuUrl !== undefined && message !== undefined) void answerFeishu(bot.feishuUrl, feishu, message);
    return {};
  }

  function takeDingtalk(request: IncomingMessage, event: Record<string, unknown>): object {
    const { timestamp, sign } = request.headers;
    const genuine = sign === robotSign(String(timestamp), dingtalk.appSecret);
    bot.taken.push({ path: request.url ?? '', event, genuine });
    const text = Object(event.text).content;
    if (bot.feishuUrl !== undefined)
      void post(String(event.sessionWebhook), { msgtype: 'text', text: { content: `Echo: ${text}` } });
    return {};
  }

  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = JSON.parse(Buffer.concat(chunks).toString());
      const feishuPath = request.url?.startsWith('/feishu') ?? false;
      const answer = feishuPath ? await takeFeishu(request, body) : takeDingtalk(request, body);
      response.writeHead(bot.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server listening on TCP always has an AddressInfo.
  bot.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  bot.stop = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  return bot;
}

function quiet(): void {}

async function answerFeishu(
  url: string,
  app: LabCredentials['feishu'],
  message: Record<string, string>,
): Promise<void> {
  const tokenPath = `${url}/open-apis/auth/v3/tenant_access_token/internal`;
  const { tenant_access_token: token } = await post(tokenPath, { app_id: app.appId, app_secret: app.appSecret });
  const { text } = JSON.parse(message.content ?? '{}');
  const content = JSON.stringify({ text: `Echo: ${text}` });
  const reply = `${url}/open-apis/im/v1/messages/${message.message_id}/reply`;
  await post(reply, { msg_type: 'text', content }, { authorization: `Bearer ${token}` });
}

async function post(url: string, body: object, headers: Record<string, string> = {}): Promise<Record<string, string>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  // Every answer read here is a flat object; the tests look at text members only.
  return (await response.json()) as Record<string, string>;
}
