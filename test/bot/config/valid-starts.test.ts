// Tests that valid settings can be used: no part built from them throws, and each part gets the intended values.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createModel } from '../../../bot/app/create-model.ts';
import { applyProxy } from '../../../bot/config/apply-proxy.ts';
import { readSettings } from '../../../bot/config/load-settings.ts';
import { hashKeyOf, secretValues } from '../../../bot/config/secret-values.ts';
import type { Settings } from '../../../bot/config/settings.ts';
import { listen } from '../../../bot/http/listen.ts';
import { createAgents } from '../../../bot/http-client/agents.ts';
import { createHttpClient } from '../../../bot/http-client/http-client.ts';
import { openStore } from '../../../bot/store/open-store.ts';
import { createRedactor } from '../../../bot/telemetry/redact.ts';
import { folderWith } from './folder.ts';

const dir = folderWith({});
const NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'];
const kept = Object.entries(process.env).filter(([name]) => NAMES.includes(name.toUpperCase()));

const clearProxies = () => {
  for (const name of NAMES.flatMap((upper) => [upper, upper.toLowerCase()])) delete process.env[name];
};
beforeAll(clearProxies);
afterAll(() => {
  clearProxies();
  Object.assign(process.env, Object.fromEntries(kept));
});

interface DatabaseConnection {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

/** Returns the connection settings of the database driver. */
async function databaseOf(settings: Settings): Promise<DatabaseConnection | undefined> {
  const store = openStore(settings.DATABASE_URL);
  const { connectionSettings } = store.knex.client as { connectionSettings: DatabaseConnection };
  await store.close();
  return store.dialect === 'mysql' ? connectionSettings : undefined;
}

/** Builds all parts that read an address, as the bot does at its start. */
async function build(settings: Settings) {
  createRedactor(secretValues(settings))(hashKeyOf(settings));
  applyProxy(settings);
  const agents = createAgents();
  const proxies = ['http://platform.invalid', 'https://platform.invalid'].map((url) => agents.for(new URL(url)).proxy);
  agents.close();
  const http = createHttpClient();
  createModel({ settings, http, metrics: {} as never, log: {} as never });
  http.close();
  const database = await databaseOf(settings);
  clearProxies();
  return { proxies, database };
}

/** Builds the parts if the settings are valid. Returns `undefined` otherwise. */
async function useIfValid(env: NodeJS.ProcessEnv) {
  const { settings, problems } = readSettings({ env, dir });
  expect(settings === undefined).toBe(problems.length > 0);
  return settings === undefined ? undefined : build(settings);
}

const sqlite = { DATABASE_URL: `sqlite:${join(dir, 'bot.db')}` };
/** Printable ASCII characters, escapes, and characters of names. */
const text = fc.string({
  unit: fc.constantFrom(
    ...Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)),
    '%',
    '%4',
    '%zz',
    '%E4',
    'é',
    '密',
  ),
  minLength: 1,
  maxLength: 12,
});
const encoded = text.map(encodeURIComponent);

describe('DATABASE_URL', () => {
  test('uses or rejects a user and a password of any characters, and never changes them', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, async (user, password) => {
        const used = await useIfValid({ DATABASE_URL: `mysql://${user}:${password}@db.example:3307/bot` });
        if (used === undefined || /[:@/?#\\]/.test(user + password) || hasEscape(user + password)) return;
        expect(used.database).toMatchObject({ host: 'db.example', port: 3307, user, password, database: 'bot' });
      }),
      { numRuns: 400 },
    );
  });

  test('decodes escaped users and passwords', async () => {
    await fc.assert(
      fc.asyncProperty(encoded, encoded, async (user, password) => {
        const url = `mysql://${user}:${password}@[::1]/bot`;
        fc.pre(
          readSettings({ env: { DATABASE_URL: url }, dir }).problems.every(
            ({ problem }) => !/placeholder/.test(problem),
          ),
        );
        const used = await useIfValid({ DATABASE_URL: url });
        expect(used?.database).toMatchObject({
          host: '::1',
          port: 3306,
          user: decodeURIComponent(user),
          password: decodeURIComponent(password),
        });
      }),
      { numRuns: 200 },
    );
  });

  test.each<[string, Partial<DatabaseConnection>]>([
    ['mysql://bot:50%off@127.0.0.1:3306/bot', { password: '50%off' }],
    ['mysql://bot:100%@127.0.0.1/bot', { password: '100%' }],
    ['mysql://bot:%@127.0.0.1/bot', { password: '%' }],
    ['mysql://bot:a%25b@127.0.0.1/bot', { password: 'a%b' }],
    ['mysql://bot:p@ss@127.0.0.1/bot', { password: 'p@ss' }],
    ['mysql://bot:a^b|c{d}`e@127.0.0.1/bot', { password: 'a^b|c{d}`e' }],
    ['mysql://bot:密码@127.0.0.1/bot', { password: '密码' }],
    ['mysql://b%ot:%ff@127.0.0.1/bot', { user: 'b%ot', password: '%ff' }],
    ['mysql://bot@db/bot', { user: 'bot', password: '' }],
    ['mariadb://bot:p@db/bot', { host: 'db', database: 'bot' }],
    ['mysql://bot:p@[fd00::1]:3307/bot', { host: 'fd00::1', port: 3307 }],
    ['mysql://bot:p@db/my%2Dbot_1', { database: 'my-bot_1' }],
  ])('%s', async (url, meant) => {
    expect((await useIfValid({ DATABASE_URL: url }))?.database).toMatchObject(meant);
  });
});

/** Returns true if a `%` begins a valid escape, which is decoded to another character. */
function hasEscape(written: string): boolean {
  return /%[0-9a-f]{2}/i.test(written);
}

describe('proxies', () => {
  test('uses or rejects a user name and a password of any characters', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('', 'http://', 'https://'), text, text, async (scheme, user, password) => {
        const env = { ...sqlite, HTTPS_PROXY: `${scheme}${user}:${password}@proxy.example:3128` };
        const used = await useIfValid(env);
        if (used !== undefined) expect(used.proxies).toEqual([undefined, expect.stringMatching(/:\d+$/)]);
      }),
      { numRuns: 200 },
    );
  });

  test.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'])('uses %s of the environment', async (name) => {
    process.env[name] = 'user:50%off@127.0.0.1:3128';
    const { settings } = readSettings({ env: { ...process.env, ...sqlite }, dir });
    const { proxies } = await build(settings as Settings);
    expect(proxies[1]).toBe('127.0.0.1:3128');
  });
});

describe('addresses of servers', () => {
  test('rejects any characters before the host, or sends them as user name and password', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // the address of a TCP server is an object
    const http = createHttpClient();
    try {
      await fc.assert(
        fc.asyncProperty(text, text, async (user, password) => {
          const env = { ...sqlite, MODEL_NAME: 'm', MODEL_BASE_URL: `http://${user}:${password}@127.0.0.1:${port}/v1` };
          const { settings } = readSettings({ env, dir });
          if (settings === undefined) return;
          await build(settings);
          expect(new URL(settings.MODEL_BASE_URL ?? '').host).toBe(`127.0.0.1:${port}`);
          await http.request({ url: `${settings.MODEL_BASE_URL}/models`, timeoutMs: 30_000 });
          if (hasEscape(user + password) || /[:@\\]/.test(user + password)) return;
          expect(seen.at(-1)).toBe(`Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`);
        }),
        { numRuns: 200 },
      );
    } finally {
      http.close();
      server.close();
    }
  });

  test.each([
    ['http://u:100%@a.example/v1'],
    ['http://[::1]:8000/v1/chat/completions'],
    ['https://例子.example/v1'],
    ['http://localhost:11434/v1/'],
  ])('MODEL_BASE_URL=%s', async (url) => {
    expect(await useIfValid({ ...sqlite, MODEL_BASE_URL: url, MODEL_NAME: 'm' })).toBeDefined();
  });
});

describe('HOST', () => {
  test.each(['127.0.0.1', '0.0.0.0', '[::1]', '::1', '::', 'localhost', '[::]'])('listens on %s', async (host) => {
    const { settings } = readSettings({ env: { ...sqlite, HOST: host, ADMIN_HOST: host, PORT: '0' }, dir });
    const { HOST = '', PORT = 1 } = settings ?? {};
    const listener = await listen({
      app: (_request, response) => response.end(),
      host: HOST,
      port: PORT,
      portSetting: 'PORT',
    });
    expect(listener.port).toBeGreaterThan(0);
    await listener.stop();
  });
});
