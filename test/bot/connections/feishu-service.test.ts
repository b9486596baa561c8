// The service id in pings of Feishu's long connection, for any endpoint URL.
import { expect, test } from '@jest/globals';
import type { HttpClient } from '../../../bot/http-client/http-client.ts';
import { decodeFrame } from '../../../bot/platforms/feishu/connection/frame.ts';
import { createFeishuLongConnection } from '../../../bot/platforms/feishu/connection/long-connection.ts';

test.each([
  ['?service_id=33554678', 33_554_678],
  ['', 0],
  ['?service_id=', 0],
  ['?service_id=main', 0],
  ['?service_id=1.5', 0],
  ['?service_id=1e400', 0],
])('the id of wss://frontier.example/ws%s is %i', async (query, service) => {
  const json = { code: 0, data: { URL: `wss://frontier.example/ws${query}` } };
  const answer = { status: 200, json, text: JSON.stringify(json), headers: new Headers(), phases: {} };
  const http = { request: async () => answer } as Partial<HttpClient> as HttpClient;
  const app = { appId: 'cli_x', appSecret: 's3cret' };
  const timing = { openMs: 1_000, pingMs: 1_000 };
  const connection = createFeishuLongConnection({
    app,
    baseUrl: 'https://open.feishu.cn',
    http,
    botIdOf: () => undefined,
    timing,
    clock: Date.now,
  });
  const { createSession } = await connection.requestEndpoint(new AbortController().signal);
  const sent: Buffer[] = [];
  const transport = {
    send: (data: string | Buffer) => void sent.push(Buffer.from(data as Buffer)),
    ping() {},
    requestReplacement() {},
  };
  createSession({ ...transport, store: async () => true }).ping();
  expect(sent.map((frame) => decodeFrame(frame).service)).toEqual([service]);
});
