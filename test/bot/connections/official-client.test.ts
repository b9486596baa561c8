// Checks the lab's long connection with Feishu's own client.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { EventDispatcher, WSClient } from '@larksuiteoapi/node-sdk';
import { waitUntil } from '../../support/wait-until.ts';
import { type LabSide, startLabSide } from './connect.ts';

const quiet = () => undefined;
const logger = { error: quiet, warn: quiet, info: quiet, debug: quiet, trace: quiet };

let side: LabSide;
let client: WSClient | undefined;

beforeEach(async () => {
  side = await startLabSide();
});

afterEach(async () => {
  client?.close({ force: true });
  await side.lab.stop();
});

test('Feishu’s client connects to the lab, receives an event and acknowledges it', async () => {
  const { longConnection } = side.lab.feishu;
  longConnection.pingIntervalSeconds = 0.05;
  const events: unknown[] = [];
  const eventDispatcher = new EventDispatcher({ logger }).register({
    'im.message.receive_v1': (data) => void events.push(data.message.content),
  });
  const { FEISHU_APP_ID: appId = '', FEISHU_APP_SECRET: appSecret = '' } = side.env;
  client = new WSClient({ appId, appSecret, domain: side.lab.urls.feishu, logger });
  await client.start({ eventDispatcher });
  await waitUntil('the client is connected', () => longConnection.clients.size === 1);
  // The client adds its listeners a moment after its connection is open, and loses earlier events.
  await new Promise((resolve) => setTimeout(resolve, 300));
  longConnection.frameBytes = 200;
  expect(await side.lab.feishu.sendText({ text: 'hello 世界' })).toMatchObject({ status: 200, attempts: 1 });
  expect(events).toEqual([JSON.stringify({ text: 'hello 世界' })]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(longConnection.problems).toEqual([]);
});
