// Tests that the harness detects a faulty bot: one that acknowledges without storing, and answers twice.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { migrate } from '../../bot/store/migrate.ts';
import { openStore, type Store } from '../../bot/store/open-store.ts';
import { generateCredentials, type Lab, startLab } from '../../ops/lab/start-lab.ts';
import { count, violatedGuarantees } from './count.ts';
import { fatesOf } from './fates.ts';
import { createLedger } from './ledger.ts';
import { createRandom } from './random.ts';
import { kill } from './scenarios/kill.ts';

let faultyBot: Server;
let lab: Lab;
let store: Store;
let dir: string;

beforeEach(async () => {
  faultyBot = createServer(async (request, response) => {
    const body = await text(request);
    if (request.url?.startsWith('/dingtalk')) await answerTwice(JSON.parse(body));
    response.end('{}');
  });
  await new Promise<void>((resolve) => faultyBot.listen(0, '127.0.0.1', resolve));
  const { port } = faultyBot.address() as AddressInfo; // a server on TCP has no pipe name
  lab = await startLab({ credentials: generateCredentials(), botUrl: `http://127.0.0.1:${port}` });
  dir = await mkdtemp(join(tmpdir(), 'chatbot-chaos-'));
  store = openStore(`sqlite:${dir}/bot.db`);
  await migrate(store);
});
afterEach(async () => {
  await store.close();
  await lab.stop();
  faultyBot.close();
  await rm(dir, { recursive: true, force: true });
});

async function answerTwice(callback: { sessionWebhook: string; text: { content: string } }): Promise<void> {
  const body = JSON.stringify({ msgtype: 'text', text: { content: `You said: ${callback.text.content}` } });
  const answer = () =>
    fetch(callback.sessionWebhook, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  await answer();
  await answer();
}

test('counts and names lost and repeated messages', async () => {
  const ledger = createLedger(lab);
  for (const number of [0, 1, 2]) await ledger.send(number);
  const { fates, list } = await fatesOf(store, ledger);
  const observation = { lab, ledger, fates, recoveryStarts: [] };
  const counts = count(observation);
  expect(counts).toMatchObject({ messages: 3, acknowledged: 3, answered: 1, twice: 1, lost: 2, waiting: 0 });
  expect(violatedGuarantees(counts, kill, observation)).toEqual([
    '1 answered twice',
    '2 acknowledged and lost without a trace',
  ]);
  expect(list.map(({ messageId, fate }) => [messageId, fate])).toEqual([
    ['om_chaos0', 'lost'],
    ['om_chaos2', 'lost'],
  ]);
});

test('the same seed gives the same moments', () => {
  const draw = (seed: number) => Array.from({ length: 5 }, createRandom(seed));
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  expect(draw(7).every((number) => number >= 0 && number < 1)).toBe(true);
});
