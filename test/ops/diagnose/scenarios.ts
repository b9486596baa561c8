// Lists the faults that the diagnosis can name: how to cause each, and the expected verdicts.
import { appendFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import Database from 'libsql';
import type { ConnectionFacts } from '../../../bot/connections/facts.ts';
import { openStore } from '../../../bot/store/open-store.ts';
import type { Ports } from '../../../ops/diagnose/ports/ports.ts';
import type { Outcome } from '../../../ops/diagnose/report.ts';
import { freePort } from '../../support/free-port.ts';
import { waitUntil } from '../../support/wait-until.ts';
import type { World } from './world.ts';

export interface Scenario {
  name: string;
  /** Causes the fault. */
  inject(world: World): Promise<unknown>;
  /** Fake ports for faults that cannot be caused: a full disk, a name that does not exist, a wrong clock. */
  ports?: (real: Ports) => Partial<Ports>;
  outcome: Outcome;
  primary?: string;
  contributing?: string[];
  alsoSeen?: string[];
  unexplained?: string[];
  exitCode: number;
}

const broken = { outcome: 'broken', exitCode: 1 } as const;

export const SCENARIOS: Scenario[] = [
  {
    name: 'no fault',
    inject: async ({ chat }) => [await chat('feishu'), await chat('dingtalk')],
    outcome: 'healthy',
    exitCode: 0,
  },
  {
    name: 'a bot without messages',
    inject: async () => undefined,
    outcome: 'healthy',
    exitCode: 0,
  },
  {
    name: 'Feishu secret revoked, messages waiting for answers',
    async inject({ lab, chat }) {
      await chat('feishu');
      await lab.setFault('feishu-secret-revoked', true);
      await chat('feishu');
    },
    ...broken,
    primary: 'FEISHU_APP_SECRET_WRONG',
  },
  {
    name: 'Feishu secret revoked, no message since',
    inject: ({ lab }) => lab.setFault('feishu-secret-revoked', true),
    ...broken,
    primary: 'FEISHU_APP_SECRET_WRONG',
  },
  {
    name: 'Feishu secret revoked and restored, answers are sent again',
    async inject({ lab, chat }) {
      await lab.setFault('feishu-secret-revoked', true);
      await chat('feishu');
      await lab.setFault('feishu-secret-revoked', false);
      await chat('feishu');
    },
    outcome: 'degraded',
    alsoSeen: ['FEISHU_APP_SECRET_WRONG'],
    exitCode: 0,
  },
  {
    name: 'Feishu secret revoked and restored, no message since',
    async inject({ lab, chat }) {
      await lab.setFault('feishu-secret-revoked', true);
      await chat('feishu');
      await lab.setFault('feishu-secret-revoked', false);
    },
    outcome: 'degraded',
    alsoSeen: ['FEISHU_APP_SECRET_WRONG'],
    exitCode: 0,
  },
  {
    name: 'Feishu rejects tokens although it accepts the secret',
    inject: (world) => logPush(world, { platform: 'feishu', code: '99991663', class: 'token_expired' }),
    ...broken,
    primary: 'FEISHU_TOKEN_INVALID',
  },
  {
    name: 'DingTalk secret rotated, callbacks and tokens rejected',
    async inject({ lab }) {
      await lab.setFault('dingtalk-secret-rotated', true);
      for (let count = 0; count < 3; count += 1) await lab.dingtalk.sendText({ text: 'hello' });
    },
    ...broken,
    primary: 'DINGTALK_SIGN_MISMATCH',
  },
  ...['unauthorized.client', 'Forbidden.AccessDenied.QpsLimit', 'Forbidden.AccessDenied.IpNotInWhiteList'].map(
    (code): Scenario => ({
      name: `DingTalk rejects the token call with ${code}, which does not concern the secret`,
      inject: ({ chat }) => chat('dingtalk'),
      ports: (real) => ({ http: withTokenAnswer(real.http, { code, message: 'planted' }) }),
      outcome: 'undetermined',
      unexplained: ['cred.dingtalk'],
      exitCode: 3,
    }),
  ),
  {
    name: 'a DingTalk group robot rejects the signature',
    inject: (world) => logPush(world, { platform: 'dingtalk', code: '310000', class: 'signature' }),
    ...broken,
    primary: 'DINGTALK_SIGN_MISMATCH',
  },
  {
    name: 'other senders post wrong signatures while DingTalk accepts our secret',
    inject: (world) => logCallbacks(world, { platform: 'dingtalk', reason: 'signature_mismatch', count: 5 }),
    outcome: 'degraded',
    alsoSeen: ['DINGTALK_SIGN_MISMATCH'],
    exitCode: 0,
  },
  {
    name: 'the organisation of the app changed, no message is answered',
    async inject(world) {
      await world.chat('dingtalk');
      for (let count = 0; count < 20; count += 1) await fromStranger(world, `stranger-${count}`);
    },
    ...broken,
    primary: 'TENANT_UNKNOWN',
  },
  {
    name: 'one organisation is answered, messages of another one are ignored',
    async inject(world) {
      await world.chat('dingtalk');
      await fromStranger(world, 'stranger-1');
      await world.chat('dingtalk');
    },
    ...broken,
    primary: 'TENANT_UNKNOWN',
  },
  {
    name: 'an ignored organisation that is bound now',
    async inject(world) {
      await world.chat('dingtalk');
      await fromStranger(world, 'stranger-1');
      await bind(world, 'dingother');
    },
    outcome: 'healthy',
    exitCode: 0,
  },
  {
    name: 'group messages to others, and no accepted message',
    inject: (world) => logCallbacks(world, { platform: 'feishu', reason: 'not_mentioned', count: 12 }),
    outcome: 'degraded',
    exitCode: 0,
  },
  {
    name: 'group messages to others, and answered messages',
    async inject(world) {
      await world.chat('feishu');
      await logCallbacks(world, { platform: 'feishu', reason: 'not_mentioned', count: 12 });
    },
    outcome: 'healthy',
    exitCode: 0,
  },
  {
    name: "group messages wait because the bot's own id is unknown",
    async inject({ lab, adminUrl }) {
      await lab.setFault('feishu-secret-revoked', true);
      await lab.feishu.sendText({ text: 'hello', chatType: 'group' });
      await waitUntil('the request for the id to fail', async () => {
        const text = await (await fetch(`${adminUrl}/status`)).text();
        return text.includes("did not return the bot's own id");
      });
      await lab.setFault('feishu-secret-revoked', false);
    },
    outcome: 'degraded',
    exitCode: 0,
  },
  {
    name: 'another bot writes in a group',
    inject: (world) => logCallbacks(world, { platform: 'feishu', reason: 'bot_sender', count: 12 }),
    outcome: 'healthy',
    exitCode: 0,
  },
  {
    name: 'Feishu down',
    inject: ({ lab }) => lab.setFault('feishu-down', true),
    ...broken,
    primary: 'NET_TCP_REFUSED',
  },
  {
    name: 'Prometheus and Elasticsearch down, chats unaffected',
    inject: async ({ changeSettings }) =>
      changeSettings({ PROMETHEUS_URL: await closedUrl('http'), ELASTICSEARCH_URL: await closedUrl('http') }),
    ...broken,
    primary: 'NET_TCP_REFUSED',
  },
  {
    name: 'a mistyped host name',
    inject: async () => undefined,
    ports: (real) => ({ net: { ...real.net, resolve: () => Promise.reject(systemError('ENOTFOUND')) } }),
    ...broken,
    primary: 'NET_DNS_NXDOMAIN',
  },
  {
    name: 'the model down',
    inject: ({ lab }) => lab.setFault('model-down', true),
    ...broken,
    primary: 'MODEL_UNREACHABLE',
  },
  {
    name: 'a gateway answers the probe with HTTP 500, but the calls of the bot',
    inject: ({ chat }) => chat('feishu'),
    ports: (real) => ({ http: withModelStatus(real.http, 500) }),
    outcome: 'degraded',
    exitCode: 0,
  },
  {
    name: 'a gateway answers the probe with HTTP 500, and no call of the bot shows more',
    inject: async () => undefined,
    ports: (real) => ({ http: withModelStatus(real.http, 500) }),
    ...broken,
    primary: 'MODEL_UNREACHABLE',
  },
  {
    name: 'two independent faults',
    async inject({ lab }) {
      await lab.setFault('model-down', true);
      await lab.setFault('feishu-secret-revoked', true);
    },
    ...broken,
    primary: 'MODEL_UNREACHABLE',
    contributing: ['FEISHU_APP_SECRET_WRONG'],
  },
  {
    name: 'the bot is not running',
    async inject({ bot, chat }) {
      await chat('feishu');
      await bot.stop();
    },
    ...broken,
    primary: 'PROC_DOWN',
  },
  {
    name: 'the bot is down and another program has its port',
    async inject({ bot, env, onEnd }) {
      await bot.stop();
      await listen(createServer(), env.PORT, onEnd);
    },
    ...broken,
    primary: 'PROC_PORT_TAKEN',
  },
  {
    name: 'the bot is down and another web server has the admin port',
    async inject({ bot, env, onEnd }) {
      await bot.stop();
      await listen(
        createHttpServer((_, response) => response.end('hello')),
        env.ADMIN_PORT,
        onEnd,
      );
    },
    ...broken,
    primary: 'PROC_PORT_TAKEN',
  },
  {
    name: 'the database file is gone',
    inject: ({ dir }) => rename(`${dir}/bot.db`, `${dir}/elsewhere.db`),
    ...broken,
    primary: 'DB_DOWN',
  },
  {
    name: 'the database file is damaged',
    inject: ({ dir, changeSettings }) =>
      writeFile(`${dir}/damaged.db`, 'this is no database, and it is longer than a header '.repeat(40)).then(() =>
        changeSettings({ DATABASE_URL: `sqlite:${dir}/damaged.db` }),
      ),
    ...broken,
    primary: 'DB_DOWN',
  },
  {
    name: 'another process keeps the database locked',
    async inject({ dir, onEnd }) {
      const other = new Database(`${dir}/bot.db`);
      other.exec('begin immediate');
      onEnd(() => {
        other.exec('rollback');
        other.close();
      });
    },
    ...broken,
    primary: 'DB_REJECTS_WRITES',
  },
  {
    name: 'MariaDB not listening',
    async inject(world) {
      await replaceBot(world, { callbackStatus: 401, unready: 'database' });
      await world.changeSettings({ DATABASE_URL: `${await closedUrl('mysql', 'bot:planted-password@')}/bot` });
    },
    ...broken,
    primary: 'DB_DOWN',
  },
  {
    name: 'the disk is full',
    inject: ({ dir }) => rm(`${dir}/log/callback.log`, { force: true }),
    ports: (real) => ({ files: { ...real.files, tryWrite: async () => 'ENOSPC' } }),
    ...broken,
    primary: 'HOST_DISK_FULL',
  },
  {
    name: 'the engineer is another user than the bot, which may use its files',
    inject: async () => undefined,
    ports: (real) => ({ ...withoutRights(real), proc: { ...real.proc, ownUser: () => -1 } }),
    outcome: 'degraded',
    exitCode: 0,
  },
  {
    name: 'the engineer is another user than the bot, which is down',
    inject: ({ bot }) => bot.stop(),
    ports: (real) => ({ ...withoutRights(real), proc: { ...real.proc, ownUser: () => -1 } }),
    ...broken,
    primary: 'PROC_DOWN',
  },
  {
    name: 'the bot itself may not use its files',
    inject: async () => undefined,
    ports: withoutRights,
    ...broken,
    primary: 'DB_DOWN',
    unexplained: ['host.disk', 'logs.local'],
  },
  {
    name: 'invalid settings',
    inject: ({ changeSettings }) =>
      changeSettings({ DINGTALK_AES_KEY: 'planted-but-too-short-for-a-key', FEISHU_APP_SECRET: '' }),
    ...broken,
    primary: 'CFG_ENV_WRONG',
  },
  {
    name: 'the bot accepts unsigned callbacks',
    inject: (world) => replaceBot(world, { callbackStatus: 200 }),
    ...broken,
    primary: 'CB_ACCEPTS_FORGED',
  },
  {
    name: 'Feishu rejects the long connection of an app whose secret it accepts',
    async inject(world) {
      world.lab.feishu.longConnection.isBusy = true;
      await connectBot(world, 'feishu');
      await world.chat('dingtalk');
    },
    ...broken,
    primary: 'CONN_DOWN',
  },
  {
    name: 'DingTalk rejects the long connection of an app whose secret it accepts',
    async inject(world) {
      world.lab.dingtalk.stream.isBusy = true;
      await connectBot(world, 'dingtalk');
    },
    ...broken,
    primary: 'CONN_DOWN',
  },
  {
    name: 'a long connection is down because the secret was revoked',
    async inject(world) {
      await world.lab.setFault('feishu-secret-revoked', true);
      await connectBot(world, 'feishu');
    },
    ...broken,
    primary: 'FEISHU_APP_SECRET_WRONG',
  },
  {
    name: 'a long connection is down because Feishu is down',
    async inject(world) {
      await world.lab.setFault('feishu-down', true);
      await connectBot(world, 'feishu');
    },
    ...broken,
    primary: 'NET_TCP_REFUSED',
  },
  {
    name: 'long connections are up while other senders post wrong signatures',
    async inject(world) {
      await connectBot(world, 'feishu', 'dingtalk');
      await Promise.all([world.chat('feishu'), world.chat('dingtalk')]);
      const headers = { 'content-type': 'application/json' };
      const url = `${world.url}/dingtalk/callback`;
      for (let count = 0; count < 4; count += 1) {
        const signed = { ...headers, timestamp: String(Date.now()), sign: 'd3Jvbmc=' };
        await fetch(url, { method: 'POST', headers: signed, body: '{}' });
      }
    },
    outcome: 'healthy',
    exitCode: 0,
  },
  {
    name: 'the bot was started before the long connection was configured',
    inject: ({ changeSettings }) => changeSettings({ FEISHU_INPUT: 'websocket' }),
    ...broken,
    primary: 'CONN_DOWN',
  },
  {
    name: 'a fault without a verdict is not healthy',
    inject: ({ lab }) => lab.setFault('feishu-stall', true),
    outcome: 'undetermined',
    unexplained: ['net.feishu.http'],
    exitCode: 3,
  },
  {
    name: 'the model rejects the API key, which no network check can detect',
    async inject({ lab, chat }) {
      await lab.setFault('model-401', true);
      await chat('feishu');
    },
    outcome: 'undetermined',
    unexplained: ['ev.model:model:invalid_api_key'],
    exitCode: 3,
  },
  {
    name: 'Feishu answers HTTP 200 with an error code',
    async inject({ lab, chat }) {
      await lab.setFault('feishu-200-with-error', true);
      await chat('feishu');
    },
    outcome: 'undetermined',
    unexplained: ['ev.pushes:feishu:send:5000'],
    exitCode: 3,
  },
  {
    name: 'the clock is two hours off',
    inject: async () => undefined,
    ports: (real) => ({ clock: { now: () => real.clock.now() + 7_200_000 } }),
    outcome: 'undetermined',
    unexplained: ['host.clock'],
    exitCode: 3,
  },
  {
    name: 'the log cannot be read',
    inject: ({ dir, changeSettings }) => changeSettings({ LOG_DIR: `${dir}/bot.db` }),
    outcome: 'undetermined',
    unexplained: ['host.disk', 'logs.local'],
    exitCode: 3,
  },
];

/** Restarts the bot with long connections, and waits until each is up or has been down for 5.5 s. */
async function connectBot(world: World, ...platforms: ('feishu' | 'dingtalk')[]): Promise<void> {
  const inputs = { feishu: { FEISHU_INPUT: 'websocket' }, dingtalk: { DINGTALK_INPUT: 'stream' } };
  await world.restart(Object.assign({}, ...platforms.map((platform) => inputs[platform])));
  await world.changeSettings({});
  await waitUntil('all connections up or down', async () => {
    const { connections } = (await (await fetch(`${world.adminUrl}/status`)).json()) as {
      connections: ConnectionFacts[];
    };
    return connections.every(({ up, downSince }) => up || Date.now() - Date.parse(downSince ?? '') > 5_500);
  });
}

async function closedUrl(protocol: string, userinfo = ''): Promise<string> {
  return `${protocol}://${userinfo}127.0.0.1:${await freePort()}`;
}

type Http = Ports['http'];
type Sent = Parameters<Http['request']>[0];

/** Changes the answers to the requests that `fits`. */
function withAnswer(http: Http, fits: (sent: Sent) => boolean, change: { status: number; json?: object }): Http {
  return {
    ...http,
    async request(sent) {
      const response = await http.request(sent);
      return fits(sent) ? { ...response, ...change } : response;
    },
  };
}

/** Replaces the status of the answer to the probe of the model. */
const withModelStatus = (http: Http, status: number): Http =>
  withAnswer(http, ({ url }) => url.endsWith('/models'), { status });

/** Denies the user of the diagnosis every file of the installation. */
function withoutRights({ db, files, logs }: Ports): Pick<Ports, 'db' | 'files' | 'logs'> {
  const denied = () => Promise.reject(systemError('EACCES'));
  return {
    db: { ...db, check: denied, queues: denied },
    files: { ...files, tryWrite: async () => 'EACCES' },
    logs: { ...logs, callbackLog: denied, modelCalls: denied },
  };
}

/** Replaces the answer of DingTalk to the token call. The probe, which sends no credentials, is not changed. */
function withTokenAnswer(http: Http, json: object): Http {
  const isTokenCall = (sent: Sent) =>
    sent.url.endsWith('/v1.0/oauth2/accessToken') && JSON.stringify(sent.json) !== '{}';
  return withAnswer(http, isTokenCall, { status: 400, json });
}

function systemError(code: string): Error {
  return Object.assign(new Error(`getaddrinfo ${code} no.such.host`), { code });
}

interface FailedPush {
  platform: string;
  code: string;
  class: string;
}

async function logPush({ dir }: World, { platform, code, class: reason }: FailedPush): Promise<void> {
  await appendLines(dir, [
    {
      'event.action': 'push-attempted',
      'event.outcome': 'failure',
      'event.reason': reason,
      'chatbot.platform': platform,
      'chatbot.stage': 'send',
      'chatbot.code': code,
      'chatbot.chat_hash': '7f3a7f3a7f3a7f3a',
      'trace.id': 'aaaabbbbccccddddaaaabbbbccccdddd',
    },
  ]);
}

interface LoggedCallbacks {
  platform: string;
  reason: string;
  count: number;
}

async function logCallbacks({ dir }: World, { platform, reason, count }: LoggedCallbacks): Promise<void> {
  const line = {
    'event.action': 'callback-received',
    'event.outcome': 'failure',
    'event.reason': reason,
    'chatbot.platform': platform,
  };
  await appendLines(
    dir,
    Array.from({ length: count }, () => line),
  );
}

/** Sends a genuine message of an organisation that the bot has not seen before. */
async function fromStranger({ lab: { dingtalk } }: World, msgId: string): Promise<void> {
  const { body } = dingtalk.buildCallback({ text: 'hello' });
  const callback = dingtalk.seal({ ...JSON.parse(String(body)), msgId, chatbotCorpId: 'dingother' });
  await fetch(callback.url, { method: 'POST', headers: callback.headers, body: callback.body });
}

async function bind({ env }: World, organisation: string): Promise<void> {
  const store = openStore(env.DATABASE_URL ?? '');
  const binding = { platform: 'dingtalk', app_id: env.DINGTALK_APP_KEY, external_id: organisation };
  await store.knex('tenant_channel').insert({ ...binding, tenant_id: 'default' });
  await store.close();
}

async function appendLines(dir: string, lines: object[]): Promise<void> {
  const at = new Date(Date.now() - 1000).toISOString();
  const text = lines.map((line) => `${JSON.stringify({ '@timestamp': at, ...line })}\n`).join('');
  await appendFile(`${dir}/log/callback.log`, text);
}

interface FakeBotOptions {
  callbackStatus: number;
  /** Id of a required condition that is not met. */
  unready?: string;
}

/** Replaces the bot by a server with the same `/status`, which answers every callback with the same HTTP status. */
async function replaceBot(
  { bot, env, adminUrl, onEnd }: World,
  { callbackStatus, unready }: FakeBotOptions,
): Promise<void> {
  const status = (await (await fetch(`${adminUrl}/status`)).json()) as {
    readiness: { conditions: object[] };
    queues: object | null;
  };
  await bot.stop();
  // Without its database the bot cannot count its queues.
  if (unready === 'database') status.queues = null;
  if (unready) status.readiness.conditions = [{ id: unready, level: 'required', ok: false, detail: 'no answer' }];
  const admin = createHttpServer((_, response) => response.end(JSON.stringify(status)));
  const intake = createHttpServer((_, response) => response.writeHead(callbackStatus).end('{}'));
  await listen(admin, env.ADMIN_PORT, onEnd);
  await listen(intake, env.PORT, onEnd);
}

async function listen(server: Server, port: string | undefined, onEnd: World['onEnd']): Promise<void> {
  await new Promise<void>((resolve) => server.listen(Number(port), '127.0.0.1', resolve));
  onEnd(() => void server.close());
}
