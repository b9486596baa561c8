// Waits until the queues of the bot are empty, by its gauges.
import { setTimeout as sleep } from 'node:timers/promises';

const GAUGES = [
  'chatbot_inbox_depth',
  'chatbot_outbox_depth{state="pending"}',
  'chatbot_outbox_depth{state="sending"}',
];

/**
 * Resolves to true if all queues were empty twice in a row within `limitMs`. A duplicate answer would arrive in that
 * time.
 */
export async function queuesEmpty(adminUrl: string, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  let inARow = 0;
  while (inARow < 2 && Date.now() < deadline) {
    await sleep(500);
    inARow = (await depth(adminUrl)) === 0 ? inARow + 1 : 0;
  }
  return inARow === 2;
}

/** Resolves to the sum of the gauges; undefined if the bot does not answer or cannot read its database. */
async function depth(adminUrl: string): Promise<number | undefined> {
  const text = await fetch(`${adminUrl}/metrics`).then(
    (response) => response.text(),
    () => '',
  );
  const values = new Map(
    text.split('\n').map((line) => [line.slice(0, line.lastIndexOf(' ')), line.split(' ').at(-1)]),
  );
  const found = GAUGES.flatMap((name) => values.get(name) ?? []);
  return found.length === GAUGES.length ? found.reduce((sum, value) => sum + Number(value), 0) : undefined;
}
