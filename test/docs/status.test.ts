// Compares the /status example in ARCHITECTURE.md with the schema and with the members that the bot reports.
import { expect, test } from '@jest/globals';
import { loadSettings } from '../../bot/config/load-settings.ts';
import { createActivity } from '../../bot/health/activity.ts';
import { createStatus, type StatusDeps } from '../../bot/health/status.ts';
import { statusSchema } from '../../bot/health/status-schema.ts';
import { createHttpClient } from '../../bot/http-client/http-client.ts';
import { createOfflineModel } from '../../bot/model/offline-model.ts';
import { createChannels } from '../../bot/platforms/create-channels.ts';
import { codeBlock, section } from './markdown.ts';
import { readText } from './project-files.ts';

const NOW = Date.UTC(2026, 10, 22, 9);
const clock = () => NOW;
const at = new Date(NOW).toISOString();
const organisation = { platform: 'feishu', appId: 'cli_x', organisation: '1a2b3c4d' };

/** Parts of a bot with an entry in each list, so that the report has every member. */
function statusParts(): StatusDeps {
  const env = { FEISHU_APP_ID: 'cli_x', FEISHU_APP_SECRET: 'not-a-secret', FEISHU_INPUT: 'websocket' };
  const settings = loadSettings({ env, dir: '/nowhere' });
  const activity = createActivity(clock);
  activity.pushed('feishu', { at, outcome: 'sent', class: null, code: '0' });
  const connection = {
    ...({ platform: 'feishu', appId: 'cli_x', up: true } as const),
    ...{ connectedSince: at, downSince: null, lastFrameAt: at, lastEventAt: null },
    ...{ restarts: 0, failures: 0, flaps: 0, lastError: null },
  };
  return {
    settings,
    dialect: 'sqlite',
    version: '0.2.0',
    startedAt: at,
    channels: createChannels({ settings, http: createHttpClient(), clock }),
    activity,
    connections: { facts: () => [connection] },
    model: createOfflineModel(),
    readiness: {
      read: async () => ({
        status: 'ready',
        conditions: [{ id: 'database', level: 'required', ok: true, detail: 'sqlite' }],
      }),
    },
    queues: {
      read: async () => ({
        inboxDepth: 0,
        inboxOldestAgeSeconds: 0,
        outboxDepth: { pending: 0, sending: 0, unknown: 0, dead: 0 },
        outboxOldestAgeSeconds: 0,
        sessionsActive: 0,
      }),
    },
    readBindings: async () => [{ ...organisation, tenantId: 'default' }],
    unknownOrganisations: () => [{ ...organisation, ignored: 1, lastAt: at }],
  };
}

/** Paths of all members, such as `connections[].up`. */
function memberPaths(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => memberPaths(item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [
    `${path}.${name}`,
    ...memberPaths(member, `${path}.${name}`),
  ]);
}

const example: unknown = JSON.parse(codeBlock(section(readText('ARCHITECTURE.md'), '`GET /status`'), 'json'));

test('the schema describes the example completely', () => {
  // Parsing removes members without a schema.
  expect(statusSchema.parse(example)).toStrictEqual(example);
});

test('the example has exactly the members of the report', async () => {
  const report = await createStatus(statusParts()).report();
  expect([...new Set(memberPaths(example))].sort()).toEqual([...new Set(memberPaths(report))].sort());
});
