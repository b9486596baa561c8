// Checks the playground's JSON API, and its protection from other websites.
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createParser } from 'eventsource-parser';
import { generateCredentials, type Lab, startLab } from '../../../ops/lab/start-lab.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { postJson } from './post-json.ts';
import { type StandInBot, startStandInBot } from './stand-in-bot.ts';

const credentials = generateCredentials();
let bot: StandInBot;
let lab: Lab;

beforeEach(async () => {
  bot = await startStandInBot(credentials);
  lab = await startLab({ credentials, botUrl: bot.url });
});
afterEach(async () => {
  await lab.stop();
  await bot.stop();
});

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  postJson(`${lab.urls.page}${path}`, body, headers);

/**
 * Returns the status of a request with a forged Host header. `fetch` sets Host itself, so a plain request is needed.
 */
function statusFor(options: { method: string; path: string; headers: Record<string, string> }): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${lab.urls.page}${options.path}`, options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject).end('{"on":true}');
  });
}

describe('messages', () => {
  test.each(['feishu', 'dingtalk'])(
    '%s: delivers the callback to the bot and returns the acknowledgement',
    async (name) => {
      const { status, body } = await post(`/api/${name}/messages`, { text: 'hello' });
      expect({ status, body }).toEqual({
        status: 200,
        body: {
          messageId: expect.any(String),
          chatId: expect.any(String),
          status: 200,
          ackMs: expect.any(Number),
          error: null,
        },
      });
      expect(bot.callbacks.map(({ genuine }) => genuine)).toEqual([true]);
    },
  );

  test.each([
    ['empty text', { text: ' \n' }, 400, 'Type a message first.'],
    ['no text', {}, 400, 'Type a message first.'],
    ['text that is none', { text: 7 }, 400, 'Type a message first.'],
    ['a chat id that is none', { text: 'x', chatId: 7 }, 400, 'chatId must be text.'],
    ['over 200 kB', { text: 'x'.repeat(200_001) }, 413, 'The message is longer than 200 kB.'],
    ['no JSON', 'hello', 400, 'Send JSON with content-type application/json.'],
  ])('rejects %s', async (_name, body, status, error) => {
    const answer = await post('/api/feishu/messages', body);
    expect({ status: answer.status, body: answer.body }).toEqual({ status, body: { error } });
    expect(bot.callbacks).toEqual([]);
  });

  test('reports that the bot is not running', async () => {
    await bot.stop();
    const { status, body } = await post('/api/dingtalk/messages', { text: 'hello' });
    expect({ status, error: body.error }).toEqual({
      status: 502,
      error: `Nothing listens at ${bot.url}. Start the bot with: make up`,
    });
  });
});

describe('state and events', () => {
  async function readState() {
    const response = await fetch(`${lab.urls.page}/api/state`);
    // The tests compare the members. This cast only names them.
    return (await response.json()) as { faults: { on: boolean }[]; events: object[] };
  }

  test('returns all events and every fault as the state', async () => {
    bot.echoTo = lab.urls.feishu;
    const { body } = await post('/api/feishu/messages', { text: 'hello', chatId: 'oc_here' });
    const { messageId } = body;
    const reply = await lab.feishu.waitForReply({ chatId: 'oc_here', timeoutMs: PATIENCE_MS });
    await post('/api/faults/model-slow', { on: true });
    const state = await readState();
    const at = expect.any(Number);
    const here = { platform: 'feishu', chatId: 'oc_here' };
    expect(state).toMatchObject({ botUrl: bot.url, botStatusUrl: expect.stringMatching(/\/status$/) });
    expect(state.faults.filter((fault) => fault.on)).toMatchObject([{ name: 'model-slow' }]);
    const attempt = { kind: 'attempt', platform: 'feishu', messageId, status: 200, ackMs: body.ackMs, error: null, at };
    expect(state.events).toHaveLength(4);
    expect(state.events).toEqual(
      expect.arrayContaining([
        { kind: 'message', ...here, messageId, text: 'hello', at },
        attempt,
        { kind: 'reply', ...here, messageId: reply.messageId, replyTo: messageId, text: 'Echo: hello', at },
        { kind: 'fault', name: 'model-slow', on: true, at },
      ]),
    );
  });

  test('streams the events live, and ends with the lab', async () => {
    const response = await fetch(`${lab.urls.page}/api/events`);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const kinds: string[] = [];
    const parser = createParser({ onEvent: ({ data }) => void kinds.push(JSON.parse(data).kind) });
    await post('/api/feishu/messages', { text: 'hello' });
    await lab.setFault('model-slow', true);
    await lab.stop();
    const read = async () => {
      for await (const chunk of response.body ?? []) parser.feed(new TextDecoder().decode(chunk));
    };
    // The lab cuts its connections when it stops, so the stream may end with an error.
    await read().catch(() => undefined);
    expect(kinds).toEqual(['message', 'attempt', 'fault']);
  });
});

describe('faults', () => {
  test('switches a fault on and off', async () => {
    const answers = [];
    for (const on of [true, true, false]) {
      answers.push((await post('/api/faults/feishu-secret-revoked', { on })).body, [...lab.faults]);
    }
    expect(answers).toEqual([
      { name: 'feishu-secret-revoked', on: true },
      ['feishu-secret-revoked'],
      { name: 'feishu-secret-revoked', on: true },
      ['feishu-secret-revoked'],
      { name: 'feishu-secret-revoked', on: false },
      [],
    ]);
  });

  test.each([
    ['/api/faults/unknown', { on: true }, 404, 'No fault is called unknown. See GET /api/state.'],
    ['/api/faults/model-slow', { on: 'yes' }, 400, 'Send {"on": true} or {"on": false}.'],
    ['/api/faults/model-slow', {}, 400, 'Send {"on": true} or {"on": false}.'],
  ])('rejects %s %j', async (path, body, status, error) => {
    const answer = await post(path, body);
    expect({ status: answer.status, body: answer.body }).toEqual({ status, body: { error } });
  });
});

describe('other websites', () => {
  test.each([
    ['a command line, without Origin', 'POST', {}, 200],
    ['the page itself', 'POST', { origin: 'own' }, 200],
    ['another site', 'POST', { origin: 'http://evil.example' }, 403],
    ['another port of this machine', 'POST', { origin: 'http://127.0.0.1:1' }, 403],
    ['a sandboxed page', 'POST', { origin: 'null' }, 403],
    ['a name that was rebound to this machine', 'GET', { host: 'evil.example' }, 421],
    ['the same with the right port', 'GET', { host: 'evil.example:own' }, 421],
    ['a name that only begins like ours', 'GET', { host: '127.0.0.1.evil.example' }, 421],
    ['localhost', 'GET', { host: 'localhost:own' }, 200],
  ])('checks a request from %s', async (_name, method, given: { origin?: string; host?: string }, status) => {
    const { port, origin } = new URL(lab.urls.page);
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (given.origin !== undefined) headers.origin = given.origin === 'own' ? origin : given.origin;
    if (given.host !== undefined) headers.host = given.host.replace('own', port);
    const path = method === 'GET' ? '/api/state' : '/api/faults/model-slow';
    expect(await statusFor({ method, path, headers })).toBe(status);
    expect(lab.faults.has('model-slow')).toBe(method === 'POST' && status === 200);
  });

  test('serves a page that loads nothing from elsewhere and cannot be framed', async () => {
    const response = await fetch(`${lab.urls.page}/`);
    const html = await response.text();
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(html).toContain('<title>Bot playground</title>');
    expect(html).not.toMatch(/https?:\/\//);
  });

  test('answers 404 to unknown addresses, and answers the health check', async () => {
    const missing = await fetch(`${lab.urls.page}/nothing`);
    const health = await fetch(`${lab.urls.page}/healthz`);
    expect([missing.status, await missing.json(), health.status, await health.json()]).toEqual([
      404,
      { error: 'Not found. The playground is at /.' },
      200,
      { ok: true },
    ]);
  });
});
