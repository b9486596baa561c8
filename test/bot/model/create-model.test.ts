// Each setting of the model changes the request or the result.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createModel, modelNames } from '../../../bot/app/create-model.ts';
import { loadSettings } from '../../../bot/config/load-settings.ts';
import type { ModelError, ModelRequest } from '../../../bot/model/model.ts';
import { descriptors } from '../../../bot/platforms/registry.ts';
import { createLogger, type Logger } from '../../../bot/telemetry/logger.ts';
import { createMetrics, type Metrics } from '../../../bot/telemetry/metrics.ts';
import { type FaultName, generateCredentials, type Lab, startLab } from '../../../ops/lab/start-lab.ts';
import { folderWith } from '../config/folder.ts';
import { useLoopback } from '../http-client/loopback.ts';

const loopback = useLoopback();
const credentials = generateCredentials();
const question = { role: 'user' as const, content: 'hello' };
const request: ModelRequest = { messages: [question], signal: new AbortController().signal };
const closers: (() => unknown)[] = [];
let first: Lab;
let second: Lab;
let base: Record<string, string>;

beforeEach(async () => {
  first = await startLab({ credentials, botUrl: 'http://127.0.0.1:9' });
  second = await startLab({ credentials, botUrl: 'http://127.0.0.1:9' });
  base = {
    MODEL_BASE_URL: `${first.urls.model}/v1`,
    MODEL_API_KEY: credentials.model.apiKey,
    MODEL_NAME: credentials.model.name,
  };
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await Promise.all([first.stop(), second.stop()]);
});

/** Creates the model of the settings, with its metrics and log. */
function setUp(changes: Record<string, string> = {}) {
  const dir = folderWith({});
  const settings = loadSettings({ env: { ...base, ...changes }, dir });
  const metrics: Metrics = createMetrics({
    platforms: descriptors(),
    version: '1',
    commit: 'c',
    sessionsLimit: 1,
    models: modelNames(settings),
  });
  const log: Logger = createLogger({
    level: 'error',
    dir,
    secrets: [],
    service: { name: 'test', version: '1' },
    stdout: false,
    countLine: () => {},
  });
  closers.push(
    () => metrics.stop(),
    () => log.close(),
  );
  const model = createModel({ settings, http: loopback.client(), metrics, log });
  const ask = (given: Partial<ModelRequest> = {}) =>
    model.complete({ ...request, ...given }).catch((error: ModelError) => error.class);
  const count = async (series: string) => {
    const line = (await metrics.registry.metrics()).split('\n').find((each) => each.startsWith(`chatbot_${series} `));
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  };
  return { model, ask, count, names: modelNames(settings) };
}

const seen = (lab: Lab) =>
  lab.model.received.map(({ headers, body }) => ({
    key: headers.authorization?.replace('Bearer ', ''),
    space: headers['x-dashscope-workspace'],
    model: Reflect.get(Object(body), 'model'),
  }));
const sentMessages = (lab: Lab) => lab.model.received.map(({ body }) => Reflect.get(Object(body), 'messages'));
const fallback = (lab: Lab, changes: Record<string, string> = {}) => ({
  MODEL_FALLBACK_BASE_URL: `${lab.urls.model}/v1`,
  ...changes,
});

describe('called endpoint and its request', () => {
  test('without MODEL_BASE_URL, the offline model answers', async () => {
    base = {};
    expect(await setUp().ask()).toContain('No language model is set up');
    expect(setUp().model).toMatchObject({ name: 'offline', kind: 'offline' });
    expect(setUp().names).toEqual(['offline', 'tenant']);
  });

  test('sends MODEL_API_KEY, MODEL_NAME and MODEL_SPACE to MODEL_BASE_URL', async () => {
    expect(await setUp({ MODEL_SPACE: 'ws-1' }).ask()).toContain('You said: hello');
    expect(await setUp({ MODEL_API_KEY: 'sk-other' }).ask()).toBe('credentials');
    expect(await setUp({ MODEL_NAME: 'other' }).ask()).toBe('model_not_found');
    expect(seen(first)).toEqual([
      { key: base.MODEL_API_KEY, space: 'ws-1', model: 'lab-model' },
      { key: 'sk-other', space: undefined, model: 'lab-model' },
      { key: base.MODEL_API_KEY, space: undefined, model: 'other' },
    ]);
  });

  test('sends MODEL_FALLBACK_API_KEY and MODEL_FALLBACK_NAME to MODEL_FALLBACK_BASE_URL', async () => {
    await first.setFault('model-401', true);
    const own = { MODEL_FALLBACK_API_KEY: credentials.model.apiKey, MODEL_API_KEY: 'sk-first', MODEL_NAME: 'first' };
    const model = setUp(fallback(second, { ...own, MODEL_FALLBACK_NAME: 'lab-model', MODEL_SPACE: 'ws-1' }));
    expect(await model.ask()).toContain('You said: hello');
    expect(seen(second)).toEqual([{ key: credentials.model.apiKey, space: undefined, model: 'lab-model' }]);
    expect(model.names).toEqual(['first', 'lab-model', 'tenant']);
    expect(await model.count('inference_errors_total{model="first",class="credentials"}')).toBe(1);
    expect(await model.count('inference_tokens_total{model="lab-model",kind="completion"}')).toBe(20);
  });

  test('does not send MODEL_API_KEY to a fallback on another host', async () => {
    await first.setFault('model-500', true);
    expect(await setUp(fallback(second)).ask()).toBe('credentials');
    expect(seen(second)).toEqual([{ key: undefined, space: undefined, model: 'lab-model' }]);
  });

  test('sends MODEL_API_KEY and MODEL_SPACE to a fallback on the same host', async () => {
    await first.setFault('model-401', true);
    await setUp(fallback(first, { MODEL_SPACE: 'ws-1' })).ask();
    expect(seen(first)).toEqual([1, 2].map(() => ({ key: base.MODEL_API_KEY, space: 'ws-1', model: 'lab-model' })));
  });

  test.each([true, false])(
    'sends the key of MODEL_ENDPOINT_KEYS to the endpoint of a tenant (the installation has a model: %s)',
    async (hasModel) => {
      if (!hasModel) base = {};
      const { host } = new URL(second.urls.model);
      const tenant = { endpoint: `${second.urls.model}/v1`, name: 'lab-model' };
      const model = setUp({ MODEL_ENDPOINT_KEYS: `a.example=sk-a, ${host}=${credentials.model.apiKey}` });
      expect(await model.ask({ tenant })).toContain('You said: hello');
      expect(await setUp({ MODEL_ENDPOINT_KEYS: 'a.example=sk-a' }).ask({ tenant })).toBe('credentials');
      expect(seen(second).map(({ key }) => key)).toEqual([credentials.model.apiKey, undefined]);
      expect(first.model.received).toEqual([]);
      expect(await model.count('inference_tokens_total{model="tenant",kind="prompt"}')).toBe(2);
    },
  );
});

test.each<{ fault: FaultName; changes: Record<string, string>; is: string }>([
  { fault: 'model-slow', changes: { MODEL_TIMEOUT_MS: '500' }, is: 'timeout' },
  { fault: 'model-slow', changes: { MODEL_TIMEOUT_MS: '100000' }, is: 'You said' },
  { fault: 'model-stall', changes: { MODEL_FIRST_TOKEN_TIMEOUT_MS: '300' }, is: 'timeout' },
  { fault: 'model-slow', changes: { MODEL_FIRST_TOKEN_TIMEOUT_MS: '50000' }, is: 'You said' },
])('with $fault and $changes, the result is $is', async ({ fault, changes, is }) => {
  await first.setFault(fault, true);
  expect(await setUp(changes).ask()).toContain(is);
});

describe('sent messages', () => {
  const turn = (text: string) => [
    { role: 'user' as const, content: text },
    { role: 'assistant' as const, content: 'ok' },
  ];
  const messages = [...turn('a'.repeat(400)), ...turn('b'.repeat(400)), question];

  test('MODEL_SYSTEM_PROMPT is sent before the conversation', async () => {
    await setUp({ MODEL_SYSTEM_PROMPT: 'Be brief.' }).ask();
    await setUp().ask();
    expect(sentMessages(first)).toEqual([[{ role: 'system', content: 'Be brief.' }, question], [question]]);
  });

  test('MODEL_CONTEXT_TOKENS limits the context', async () => {
    await setUp({ MODEL_CONTEXT_TOKENS: '150' }).ask({ messages });
    await setUp().ask({ messages });
    expect(sentMessages(first)).toEqual([messages.slice(2), messages]);
  });

  test('retries once with half of the context if the endpoint rejects the length', async () => {
    first.model.contextTokens = 150;
    const model = setUp();
    expect(await model.ask({ messages })).toContain('2 earlier messages');
    expect(sentMessages(first)).toEqual([messages, messages.slice(2)]);
    first.model.contextTokens = 1;
    expect(await model.ask({ messages })).toBe('context_length');
    expect(await model.ask()).toBe('context_length');
    expect(sentMessages(first)).toHaveLength(5);
  });
});

test('the metric of open circuits is zero at the start, and one while a circuit is open', async () => {
  await first.setFault('model-500', true);
  const model = setUp(fallback(second, { MODEL_FALLBACK_API_KEY: credentials.model.apiKey }));
  const open = (endpoint: string) => model.count(`model_circuit_open{endpoint="${endpoint}"}`);
  expect(await Promise.all(['primary', 'fallback', 'tenant'].map(open))).toEqual([0, 0, 0]);
  for (let count = 0; count < 3; count += 1) await model.ask();
  expect(await Promise.all(['primary', 'fallback', 'tenant'].map(open))).toEqual([1, 0, 0]);
  await first.setFault('model-500', false);
  expect(await model.ask()).toContain('You said');
  expect(first.model.requests).toBe(0);
});
