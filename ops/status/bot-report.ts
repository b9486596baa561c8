// Formats the bot's own status report, from its admin port, as a few lines.

import { z } from 'zod';
import { statusSchema } from '../../bot/health/status-schema.ts';
import { printable } from '../../bot/telemetry/printable.ts';
import { columns } from '../process/columns.ts';
import { getJson } from '../process/get-json.ts';
import { connectionsSchema, describeConnection } from './connections.ts';
import { organisationRows, organisationsSchema } from './organisations.ts';

/** URL of the bot's status on the admin port that the compose file publishes. */
export const COMPOSE_STATUS_URL = 'http://127.0.0.1:18790/status';

const { service, readiness, queues } = statusSchema.shape;
// A bot of another version may not report all counts.
const inbox = queues.unwrap().shape.inbox.partial();
const outbox = queues.unwrap().shape.outbox.partial();

const reportSchema = z.object({
  service: service.pick({ version: true }),
  readiness,
  connections: connectionsSchema,
  organisations: organisationsSchema,
  /** Null while the bot cannot read its database. */
  queues: z.object({ inbox, outbox }).nullable(),
});

export interface BotReport {
  ready: boolean;
  text: string;
}

/** Returns undefined if nothing answers, or if the answer is not the bot's status. */
export async function readBotReport(statusUrl: string): Promise<BotReport | undefined> {
  const answer = await getJson(statusUrl, 5000);
  const status = reportSchema.safeParse(answer?.body).data;
  if (!status) return undefined;
  const { service, readiness, queues, connections } = status;
  const organisations = organisationRows(status.organisations);
  const conditions = readiness.conditions.map(({ id, level, ok, detail }) => [
    id,
    ok ? 'ok' : `NOT OK (${level})`,
    detail,
  ]);
  const counts = Object.entries(queues ?? {}).map(([name, facts]) => [name, describeQueue(facts)]);
  const open = connections.map((one) => [one.platform, one.appId, describeConnection(one)]);
  const text = [
    `Version ${printable(service.version)}. The bot reports that it is ${printable(readiness.status)}.\n${columns(conditions)}`,
    ...(open.length > 0 ? [`Long connections\n${columns(open)}`] : []),
    ...(organisations.length > 0 ? [`Organisations\n${columns(organisations)}`] : []),
    `Queues\n${queues ? columns(counts) : '  unknown: the database cannot be read'}`,
  ].join('\n\n');
  return { ready: readiness.status === 'ready', text };
}

/** Formats `{ depth: 2, oldestAgeSeconds: 5 }` as `depth 2, oldest 5 s`. */
function describeQueue({ oldestAgeSeconds, ...counts }: z.output<typeof inbox | typeof outbox>): string {
  const parts = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  const oldest = oldestAgeSeconds === undefined ? [] : [`oldest ${Math.round(oldestAgeSeconds)} s`];
  return [...parts, ...oldest].join(', ');
}
