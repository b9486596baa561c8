// The bot's own account of itself, from its admin port, in a few lines.

import { z } from 'zod';
import { columns } from '../process/columns.ts';
import { getJson } from '../process/get-json.ts';

const queue = z.record(z.string(), z.number());

const statusSchema = z.object({
  readiness: z.object({
    status: z.string(),
    conditions: z.array(z.object({ id: z.string(), level: z.string(), ok: z.boolean(), detail: z.string() })),
  }),
  queues: z.object({ inbox: queue, outbox: queue }),
});

export interface BotReport {
  ready: boolean;
  text: string;
}

/** Undefined when nothing answers, or something else than the bot. */
export async function readBotReport(statusUrl: string): Promise<BotReport | undefined> {
  const answer = await getJson(statusUrl, 5000);
  const status = statusSchema.safeParse(answer?.body).data;
  if (!status) return undefined;
  const { readiness, queues } = status;
  const conditions = readiness.conditions.map(({ id, level, ok, detail }) => [
    id,
    ok ? 'ok' : `NOT OK (${level})`,
    detail,
  ]);
  const counts = Object.entries(queues).map(([name, facts]) => [name, describeQueue(facts)]);
  const text = `The bot says it is ${readiness.status}.\n${columns(conditions)}\n\nQueues\n${columns(counts)}`;
  return { ready: readiness.status === 'ready', text };
}

/** `{ depth: 2, oldestAgeSeconds: 5 }` → `depth 2, oldest 5 s`. */
function describeQueue(facts: Record<string, number>): string {
  const words = Object.entries(facts).map(([name, value]) =>
    name === 'oldestAgeSeconds' ? `oldest ${Math.round(value)} s` : `${name} ${value}`,
  );
  return words.join(', ');
}
