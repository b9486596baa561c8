// Endpoint of a tenant: its key and model name, and no call of another endpoint.
import type { RequestListener } from 'node:http';
import { expect, test } from '@jest/globals';
import type { TenantModel } from '../../../bot/domain/inference.ts';
import { contentChunk, events, type TestEndpoint, useEndpoints } from './endpoint.ts';

const endpoints = useEndpoints();
const signal = new AbortController().signal;
const messages = [{ role: 'user' as const, content: 'hello' }];
const answers =
  (text: string): RequestListener =>
  (_request, response) =>
    void response.end(events(contentChunk(text), '[DONE]'));

const seen = ({ asked }: TestEndpoint) =>
  asked.map(({ headers, body }) => ({
    key: headers.authorization,
    space: headers['x-dashscope-workspace'],
    model: Reflect.get(Object(body), 'model'),
  }));

async function setUp(theirs: RequestListener = answers('theirs')) {
  const [first, second] = [await endpoints.endpoint(answers('ours')), await endpoints.endpoint(answers('second'))];
  const own = await endpoints.endpoint(theirs);
  const model = endpoints.model({
    baseUrls: [first.baseUrl, second.baseUrl],
    apiKey: 'sk-installation',
    space: 'ws-1',
    tenantKeys: new Map([[new URL(own.baseUrl).host, 'sk-tenant']]),
  });
  const ask = (tenant: TenantModel) => model.complete({ messages, signal, tenant });
  return { first, second, own, model, ask };
}

test('receives the key of its host, and no other key or header', async () => {
  const { first, second, own, model, ask } = await setUp();
  expect(await ask({ endpoint: `${own.baseUrl}/`, name: 'their-model' })).toBe('theirs');
  expect(own.asked[0]?.path).toBe('/v1/chat/completions');
  expect([first, second, own].map(seen)).toEqual([
    [],
    [],
    [{ key: 'Bearer sk-tenant', space: undefined, model: 'their-model' }],
  ]);
  expect(model.reports).toMatchObject([{ model: 'tenant', outcome: 'success' }]);
});

test('receives no key if its host has none, even if the installation has a key', async () => {
  const { own, second } = await setUp();
  const model = endpoints.model({ baseUrls: [second.baseUrl], apiKey: 'sk-installation', space: 'ws-1' });
  await model.complete({ messages, signal, tenant: { endpoint: own.baseUrl } });
  expect(seen(own)).toEqual([{ key: undefined, space: undefined, model: 'lab-model' }]);
});

test('if it fails, no other endpoint is called, and only its own circuit opens', async () => {
  const { first, second, own, model, ask } = await setUp((_request, response) => void response.writeHead(500).end());
  for (let count = 0; count < 4; count += 1) {
    await expect(ask({ endpoint: own.baseUrl })).rejects.toMatchObject({ class: 'server_error' });
  }
  expect([first, second].map(seen)).toEqual([[], []]);
  expect(model.circuits).toEqual(['tenant 1']);
  expect(await ask({})).toBe('ours');
});

test('an invalid address is a reported error', async () => {
  const { model, ask } = await setUp();
  await expect(ask({ endpoint: 'nonsense' })).rejects.toMatchObject({ class: 'bad_request', code: 'ERR_INVALID_URL' });
  expect(model.reports).toMatchObject([{ model: 'tenant', error: { class: 'bad_request' } }]);
});

test('a tenant with only a model name uses the endpoints of the installation', async () => {
  const { first, model, ask } = await setUp();
  expect(await ask({ name: 'bigger' })).toBe('ours');
  expect(seen(first)).toEqual([{ key: 'Bearer sk-installation', space: 'ws-1', model: 'bigger' }]);
  expect(model.reports).toMatchObject([{ model: 'tenant' }]);
});
