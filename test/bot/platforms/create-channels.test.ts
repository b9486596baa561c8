// Channels are created by the settings.
import { expect, test } from '@jest/globals';
import { loadSettings } from '../../../bot/config/load-settings.ts';
import { createHttpClient } from '../../../bot/http-client/http-client.ts';
import { createChannels } from '../../../bot/platforms/create-channels.ts';

function ratesWith(env: Record<string, string>) {
  const channels = createChannels({
    settings: loadSettings({ env, dir: '/nowhere' }),
    http: createHttpClient(),
    clock: Date.now,
  });
  return [...channels.values()].map(({ platform, rates }) => ({ platform, ...rates }));
}

test('rates are the default limits of the platforms, or the limits in the settings', () => {
  const chat = { messages: 5, perMs: 1000 };
  expect(ratesWith({})).toEqual([
    {
      platform: 'feishu',
      chat,
      app: [
        { messages: 50, perMs: 1000 },
        { messages: 1000 / 6, perMs: 10_000 },
      ],
    },
    { platform: 'dingtalk', chat, app: [{ messages: 20, perMs: 1000 }] },
  ]);
  expect(ratesWith({ FEISHU_MESSAGES_PER_MINUTE: '6000', DINGTALK_MESSAGES_PER_SECOND: '80' })).toEqual([
    {
      platform: 'feishu',
      chat,
      app: [
        { messages: 300, perMs: 1000 },
        { messages: 1000, perMs: 10_000 },
      ],
    },
    { platform: 'dingtalk', chat, app: [{ messages: 80, perMs: 1000 }] },
  ]);
});
