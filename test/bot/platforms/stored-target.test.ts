// A target in the outbox that no program wrote is named, and nothing is sent.
import { expect, test } from '@jest/globals';
import { loadSettings } from '../../../bot/config/load-settings.ts';
import { PayloadError } from '../../../bot/domain/payload.ts';
import { createHttpClient } from '../../../bot/http-client/http-client.ts';
import { createChannels } from '../../../bot/platforms/create-channels.ts';
import { platformIds } from '../../../bot/platforms/registry.ts';

test.each(
  platformIds().flatMap((id) => [undefined, null, 'oc_1', {}, { chatId: 7 }].map((target) => ({ id, target }))),
)('$id rejects the stored target $target', async ({ id, target }) => {
  const http = createHttpClient();
  const channel = createChannels({ settings: loadSettings({ env: {}, dir: '/nowhere' }), http, clock: Date.now }).get(
    id,
  );
  const part = { appId: 'app', target, text: 'hi', idempotencyKey: 'key', now: 0 };
  await expect(channel?.send(part, new AbortController().signal)).rejects.toThrow(PayloadError);
  http.close();
});
