// Three bots on one database: their guarantees together, also while one is killed and one is stopped.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Lab } from '../../../ops/lab/start-lab.ts';
import { type Mariadb, startMariadb } from '../../support/mariadb.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { type Replicas, startReplicas } from './start-replicas.ts';

const PLATFORMS = ['feishu', 'dingtalk'] as const;
const CHATS = 15;
const PER_CHAT = 10;
const TOTAL = PLATFORMS.length * CHATS * PER_CHAT;

let mariadb: Mariadb;
beforeAll(async () => {
  mariadb = await startMariadb();
});
afterAll(() => mariadb.stop());

/** Sends the messages of one chat, each after the acknowledgement of the one before, without waiting for answers. */
async function writeInChat(lab: Lab, chat: number, onAcknowledged: () => void): Promise<void> {
  const [platform, chatId] = chat < CHATS ? (['feishu', `oc_${chat}`] as const) : (['dingtalk', `cid${chat}`] as const);
  for (let n = 0; n < PER_CHAT; n++) {
    const text = `number ${chat * PER_CHAT + n}.`;
    const { error } = await lab[platform].sendText({ text, chatId, userId: `user${chat}` });
    expect(error).toBeNull();
    onAcknowledged();
  }
}

/** Returns the texts that the chats show. */
function textsOf(lab: Lab): string[] {
  return PLATFORMS.flatMap((platform) => lab[platform].sent.map(({ text }) => text));
}

/** Returns the numbers of the answered messages, in the order of the chats. */
function answered(lab: Lab): number[] {
  return textsOf(lab).map((text) => Number(/number (\d+)\./.exec(text)?.[1]));
}

/** Resolves with the numbers of the messages whose answer may have been sent. */
async function unknown({ store }: Replicas): Promise<number[]> {
  const contents: string[] = await store.knex('outbox').where({ state: 'unknown' }).pluck('content');
  return contents.map((content) => Number(/number (\d+)\./.exec(content)?.[1]));
}

async function unfinished({ store }: Replicas): Promise<number> {
  const inbox = await store.knex('inbox').whereNot({ state: 'done' }).pluck('id');
  const outbox = await store.knex('outbox').whereNotIn('state', ['sent', 'unknown']).pluck('id');
  return inbox.length + outbox.length;
}

test('answers each message once and in order while one bot is killed and one is stopped', async () => {
  const replicas = await startReplicas({
    databaseUrl: await mariadb.createDatabase(),
    env: { SENDER_RATE_LIMIT: '0', SESSIONS_MAX: '1000' },
    modelDelayMs: 100,
  });
  try {
    const { bots, lab, balancer } = replicas;
    await replicas.store.knex('tenant_config').update({ rate_limit: 0 });
    const pushes: number[] = [];
    let acknowledged = 0;
    const disturb = async () => {
      acknowledged += 1;
      if (acknowledged !== TOTAL / 3 && acknowledged !== (2 * TOTAL) / 3) return;
      const [bot, signal] =
        acknowledged === TOTAL / 3 ? ([bots[0], 'SIGKILL'] as const) : ([bots[1], 'SIGTERM'] as const);
      pushes.push(await waitUntil('the bot has pushed', async () => (await bot.pushes()) || undefined));
      const { code } = await bot.process.end(signal);
      expect(code).toBe(signal === 'SIGKILL' ? null : 0);
    };
    const disturbances: Promise<void>[] = [];
    const chats = Array.from({ length: 2 * CHATS }, (_, chat) =>
      writeInChat(lab, chat, () => disturbances.push(disturb())),
    );
    await Promise.all(chats);
    await Promise.all(disturbances);
    await waitUntil('the queues are empty', async () => (await unfinished(replicas)) === 0);
    pushes.push(await bots[2].pushes());

    expect(balancer.duplicated).toBeGreaterThan(TOTAL / 5);
    for (const count of pushes) expect(count).toBeGreaterThan(0);
    expect(pushes).toHaveLength(3);
    expect(textsOf(lab).filter((text) => !/number \d+\./.test(text))).toEqual([]);
    const [numbers, unknownNumbers] = [answered(lab), await unknown(replicas)];
    expect(numbers.filter((number, i) => numbers.indexOf(number) !== i)).toEqual([]);
    expect([...new Set([...numbers, ...unknownNumbers])].sort((a, b) => a - b)).toEqual(
      Array.from({ length: TOTAL }, (_, n) => n),
    );
    expect(unknownNumbers.filter((number) => number < CHATS * PER_CHAT)).toEqual([]);
    for (let chat = 0; chat < 2 * CHATS; chat++) {
      const shown = numbers.filter((number) => Math.floor(number / PER_CHAT) === chat);
      expect(shown).toEqual(shown.toSorted((a, b) => a - b));
    }
  } finally {
    await replicas.stop();
  }
});

test('enforces the limits of a person and of a tenant across all bots', async () => {
  const replicas = await startReplicas({
    databaseUrl: await mariadb.createDatabase(),
    env: { SENDER_RATE_LIMIT: '5' },
    modelDelayMs: 0,
  });
  try {
    const { lab, store } = replicas;
    await store.knex('tenant_config').update({ rate_limit: 12 });
    const writeAtOnce = async (people: readonly string[]) => {
      const before = lab.feishu.sent.length;
      const sent = people.map((userId, n) =>
        lab.feishu.sendText({ text: `number ${n}.`, userId, chatId: `oc_${userId}${n}` }),
      );
      for (const { error } of await Promise.all(sent)) expect(error).toBeNull();
      await waitUntil('the queues are empty', async () => (await unfinished(replicas)) === 0);
      const texts = lab.feishu.sent.slice(before).map(({ text }) => text);
      return { answers: texts.filter((text) => /number \d+\./.test(text)).length, replies: texts.length };
    };
    // Messages rejected by the limit of their sender do not count for the tenant, so 7 of its 12 are left.
    await expect(writeAtOnce(Array(9).fill('busy'))).resolves.toEqual({ answers: 5, replies: 6 });
    // Start the minute again, because a busy machine may have used it up.
    await store.knex('rate_window').update({ window_start: Date.now() });
    const others = Array.from({ length: 11 }, (_, n) => `user${n}`);
    await expect(writeAtOnce(others)).resolves.toEqual({ answers: 7, replies: 8 });
  } finally {
    await replicas.stop();
  }
});
