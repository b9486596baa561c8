// Reports of older and newer bots, as `ops status`, `ops up` and the diagnosis read them.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadSettings } from '../../../bot/config/load-settings.ts';
import type { StatusReport } from '../../../bot/health/status-schema.ts';
import { fetchStatus } from '../../../ops/diagnose/checks/bot-status.ts';
import { createRealPorts } from '../../../ops/diagnose/ports/real-ports.ts';
import { readBotReport } from '../../../ops/status/bot-report.ts';
import { settledConnections } from '../../../ops/status/connections.ts';

const since = '2026-11-22T09:00:00.000Z';
const connection = { platform: 'feishu', appId: 'cli_a', up: true, connectedSince: since, downSince: null } as const;
const organisation = { platform: 'feishu', appId: 'cli_a', organisation: 'tenant-1' };
const report: StatusReport = {
  service: { name: 'clawdbot', version: '1.2.3', commit: 'abc', pid: 7, startedAt: since },
  profile: 'embedded',
  readiness: { status: 'ready', conditions: [{ id: 'database', level: 'required', ok: true, detail: 'sqlite' }] },
  platforms: { feishu: { apps: ['cli_a'], botIdProblems: { cli_a: 'down' }, lastInboundAt: null, lastPush: null } },
  organisations: { bound: [{ ...organisation, tenantId: 'default' }], unknown: [] },
  connections: [
    { ...connection, lastFrameAt: null, lastEventAt: null, restarts: 0, failures: 0, flaps: 0, lastError: null },
  ],
  queues: {
    inbox: { depth: 2, oldestAgeSeconds: 3.4 },
    outbox: { pending: 1, sending: 1, unknown: 4, dead: 5, oldestAgeSeconds: 6 },
  },
  sessions: { active: 8, limit: 200 },
  model: { kind: 'remote', name: 'qwen' },
  database: { dialect: 'sqlite' },
  log: { dir: 'data/log' },
};

let answer: object = report;
const server = createServer((_request, response) => response.end(JSON.stringify(answer)));
const ports = createRealPorts({ dir: '/nonexistent' });
let port = 0;
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  ({ port } = server.address() as AddressInfo); // a server listening on TCP always has one
});
afterAll(() => {
  ports.http.close();
  server.closeAllConnections();
  server.close();
});

async function read(body: object) {
  answer = body;
  const url = `http://127.0.0.1:${port}/status`;
  const cfg = loadSettings({ env: { ADMIN_PORT: String(port) }, dir: '/nonexistent' });
  const { signal } = new AbortController();
  return {
    shown: await readBotReport(url),
    connections: await settledConnections(url, 0),
    status: await fetchStatus({ local: ports.local, signal, cfg }),
  };
}

/** Returns the object without members of these names, at any depth. */
function without(value: object, ...names: string[]): object {
  return JSON.parse(JSON.stringify(value, (name, member) => (names.includes(name) ? undefined : member)));
}

/** Returns the object with a member that no version has, in each object. */
function withNovelties(value: object): object {
  const isObject = (member: unknown) => typeof member === 'object' && member !== null && !Array.isArray(member);
  const add = (name: string, member: unknown) =>
    isObject(member) && !['platforms', 'botIdProblems'].includes(name) ? { ...Object(member), novelty: [1] } : member;
  return JSON.parse(JSON.stringify(value, add));
}

test('shows the report of this version', async () => {
  const { shown, connections, status } = await read(report);
  expect(shown?.ready).toBe(true);
  expect(shown?.text).toBe(
    [
      'Version 1.2.3. The bot reports that it is ready.',
      '  database  ok  sqlite',
      '',
      'Long connections',
      '  feishu  cli_a  open since 2026-11-22 09:00:00 UTC',
      '',
      'Organisations',
      '  feishu  cli_a  tenant-1  tenant default',
      '',
      'Queues',
      '  inbox   depth 2, oldest 3 s',
      '  outbox  pending 1, sending 1, unknown 4, dead 5, oldest 6 s',
    ].join('\n'),
  );
  expect(connections).toMatchObject([{ appId: 'cli_a', up: true }]);
  expect(status).toMatchObject({ platforms: { feishu: { botIdProblems: { cli_a: 'down' } } }, queues: report.queues });
});

describe('of an older bot', () => {
  const unusedMembers = ['commit', 'profile', 'apps', 'lastInboundAt', 'lastPush', 'sessions', 'model', 'log'];

  test('needs only the members that are read', async () => {
    const before = await read(report);
    const ofConnections = ['lastFrameAt', 'lastEventAt', 'restarts', 'failures'];
    expect(await read(without(report, ...unusedMembers, ...ofConnections))).toEqual(before);
  });

  test('needs no organisations and no problems of bot ids', async () => {
    const { shown, status } = await read(without(report, 'organisations', 'botIdProblems'));
    expect(shown?.text).not.toContain('Organisations');
    expect(status).toMatchObject({
      organisations: { bound: null, unknown: [] },
      platforms: { feishu: { botIdProblems: {} } },
    });
  });

  test('shows the counts that it has', async () => {
    const queues = { inbox: {}, outbox: { pending: 1 } };
    expect((await read({ ...report, queues })).shown?.text).toMatch(/inbox *\n *outbox +pending 1$/);
  });
});

describe('of a newer bot', () => {
  test('ignores unknown members', async () => {
    const before = await read(report);
    expect(await read(withNovelties(report))).toEqual(before);
  });

  test('accepts unknown values of closed sets', async () => {
    const condition = { id: 'cache', level: 'informative', ok: false, detail: 'cold' };
    const { shown, connections, status } = await read({
      ...report,
      readiness: { status: 'warming_up', conditions: [condition] },
      connections: [{ ...report.connections[0], platform: 'echo' }],
    });
    expect(shown?.ready).toBe(false);
    expect(shown?.text).toMatch(/it is warming_up\.\n +cache +NOT OK \(informative\) +cold/);
    expect(connections).toMatchObject([{ platform: 'echo' }]);
    expect(status?.readiness).toEqual({ status: 'warming_up', conditions: [condition] });
  });
});

test('shows a bot that cannot read its database', async () => {
  const { shown, status } = await read({ ...report, queues: null, organisations: { bound: null, unknown: [] } });
  expect(shown?.text).toContain('Queues\n  unknown: the database cannot be read');
  expect(status?.queues).toBeNull();
});

test.each([
  ['no object', []],
  ['another service', { status: 'ok' }],
  ['a report without readiness', without(report, 'readiness')],
  ['a report without queues', without(report, 'queues')],
])('reads %s as no status', async (_name, body) => {
  expect(await read(body)).toMatchObject({ shown: undefined, status: undefined });
});
