// Format and destination of answers: formats, fallbacks, replies, threads, and a progress card.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Channel } from '../../../../bot/domain/channel.ts';
import type { OutboundPart } from '../../../../bot/domain/delivery.ts';
import { createFeishuChannel, type FeishuChannelOptions } from '../../../../bot/platforms/feishu/channel.ts';
import { generateCredentials, type Lab, startLab } from '../../../../ops/lab/start-lab.ts';
import { createObservedClient, type ObservedClient } from '../observed-client.ts';
import { type ScriptedAnswer, type ScriptedPlatform, startScriptedPlatform } from '../scripted-platform.ts';

const credentials = generateCredentials();
const { appId } = credentials.feishu;
const never = new AbortController().signal;
const marked = '**Bold** and `code`';

let http: ObservedClient;
beforeEach(() => {
  http = createObservedClient();
});
afterEach(() => http.close());

function channelTo(baseUrl: string, given: Partial<FeishuChannelOptions> = {}): Channel {
  return createFeishuChannel({ apps: [credentials.feishu], baseUrl, http, clock: Date.now, ...given });
}

describe('to the lab', () => {
  let lab: Lab;
  beforeEach(async () => {
    lab = await startLab({ credentials, botUrl: 'http://127.0.0.1:1' });
    lab.feishu.limitsRates = false;
  });
  afterEach(() => lab.stop());

  /** Returns a part that answers a message of a user who is known to the lab. */
  function partFor(given: { chatType?: 'p2p' | 'group'; threadId?: string } & Partial<OutboundPart> = {}) {
    const { chatType = 'p2p', threadId, ...part } = given;
    const { chatId, messageId } = lab.feishu.buildCallback({ text: 'hello', chatType });
    const target = { chatId, chatType, messageId, ...(threadId ? { threadId } : {}) };
    return { messageId, part: { appId, target, text: marked, idempotencyKey: 'key', now: 0, ...part } };
  }

  test.each([
    ['auto', 'p2p', undefined, 'create'],
    ['auto', 'group', undefined, 'reply'],
    ['auto', 'p2p', 'omt_1', 'thread'],
    ['auto', 'group', 'omt_1', 'thread'],
    ['chat', 'group', 'omt_1', 'create'],
    ['reply', 'p2p', undefined, 'reply'],
    ['reply', 'group', 'omt_1', 'thread'],
    ['thread', 'group', undefined, 'thread'],
  ] as const)('mode %s in a %s chat, thread %s: sends by %s', async (mode, chatType, threadId, via) => {
    const { part, messageId } = partFor({ chatType, ...(threadId ? { threadId } : {}) });
    expect(await channelTo(lab.urls.feishu, { mode }).send(part, never)).toMatchObject({ outcome: 'sent' });
    expect(lab.feishu.sent).toMatchObject([{ via, uuid: 'key', replyTo: via === 'create' ? null : messageId }]);
  });

  test.each([
    ['auto', marked, 'interactive', marked],
    ['auto', 'plain text, https://a.example/b_c', 'text', 'plain text, https://a.example/b_c'],
    ['card', 'plain text', 'interactive', 'plain text'],
    ['post', marked, 'post', marked],
    ['text', marked, 'text', 'Bold and code'],
  ] as const)('format %s: sends %s as %s', async (format, text, type, shown) => {
    await channelTo(lab.urls.feishu, { format }).send(partFor({ text }).part, never);
    expect(lab.feishu.sent).toMatchObject([{ type, text: shown }]);
  });

  test('sends a card with too many tables as one post', async () => {
    const text = '| a | b |\n|---|---|\n| 1 | 2 |\n\n'.repeat(6);
    const { part } = partFor({ text });
    expect(await channelTo(lab.urls.feishu).send(part, never)).toMatchObject({ outcome: 'sent' });
    expect(lab.feishu.sent).toMatchObject([{ type: 'post', uuid: 'key' }]);
    await channelTo(lab.urls.feishu).send(part, never);
    expect(lab.feishu.sent).toHaveLength(1);
  });

  test('sends an answer that is too long for card and post as text', async () => {
    const { part } = partFor({ text: `**x**\n${'y'.repeat(40_000)}` });
    expect(await channelTo(lab.urls.feishu).send(part, never)).toMatchObject({ outcome: 'sent' });
    expect(lab.feishu.sent).toMatchObject([{ type: 'text', text: `x\n${'y'.repeat(40_000)}` }]);
  });

  test('keeps the card if the answer has images of other hosts', async () => {
    const text = '![cat](https://a.example/cat.png)\n```md\n![kept](x)\n```';
    await channelTo(lab.urls.feishu).send(partFor({ text }).part, never);
    const shown = '[cat](https://a.example/cat.png)\n```md\n![kept](x)\n```';
    expect(lab.feishu.sent).toMatchObject([{ type: 'interactive', text: shown }]);
  });

  test.each(['card', 'post', 'text'] as const)('removes mentions from an answer in format %s', async (format) => {
    const text = 'hi <at id=all></at> <AT user_id="all">all</at>';
    await channelTo(lab.urls.feishu, { format }).send(partFor({ text }).part, never);
    expect(lab.feishu.sent[0]?.text).not.toMatch(/<\/?at/i);
  });

  test('sends the answer to a recalled message to the chat', async () => {
    const { part, messageId } = partFor({ chatType: 'group' });
    lab.feishu.recall(messageId);
    expect(await channelTo(lab.urls.feishu).send(part, never)).toMatchObject({ outcome: 'sent' });
    expect(lab.feishu.sent).toMatchObject([{ via: 'create', type: 'interactive' }]);
  });

  test('sends the answer to the chat if the message id contains a lone surrogate', async () => {
    const { part } = partFor({ chatType: 'group' });
    const target = { ...Object(part.target), messageId: 'om_\ud83d' };
    expect(await channelTo(lab.urls.feishu).send({ ...part, target }, never)).toMatchObject({ outcome: 'sent' });
    expect(lab.feishu.sent).toMatchObject([{ via: 'create' }]);
  });

  test('sends a plain part as text without rendering', async () => {
    await channelTo(lab.urls.feishu).send(partFor({ text: '**a** <at id=all></at>', plain: true }).part, never);
    expect(lab.feishu.sent).toMatchObject([{ type: 'text', text: '**a** <\u200bat id=all><\u200b/at>' }]);
  });

  test('sends the answer to the chat if the chat does not support threads', async () => {
    lab.feishu.allowsThreads = false;
    const { part } = partFor({ chatType: 'group', threadId: 'omt_1' });
    expect(await channelTo(lab.urls.feishu).send(part, never)).toMatchObject({ outcome: 'sent' });
    expect(lab.feishu.sent).toMatchObject([{ via: 'create' }]);
  });

  describe('a progress card', () => {
    const start = async (given: Parameters<typeof partFor>[0] = {}) => {
      const channel = channelTo(lab.urls.feishu);
      const { part, messageId } = partFor({ text: '', ...given });
      const replaces = await channel.progress?.start({ ...part, idempotencyKey: 'thinking' }, never);
      if (replaces === undefined) throw new Error('No card was shown.');
      return { channel, part: { ...part, replaces }, messageId };
    };

    test('shows "thinking", then partial text, then the answer in one message', async () => {
      const { channel, part } = await start({ chatType: 'group' });
      expect(lab.feishu.sent).toMatchObject([{ type: 'interactive', via: 'reply', uuid: 'thinking' }]);
      expect(lab.feishu.sent[0]?.text).not.toBe('');
      await channel.progress?.update({ ...part, text: 'so:\n```js\nlet a' }, never);
      expect(lab.feishu.sent[0]).toMatchObject({ text: 'so:\n```js\nlet a\n```', updates: 1 });
      const result = await channel.send({ ...part, text: 'done' }, never);
      expect(result).toMatchObject({ outcome: 'sent', platformMessageId: part.replaces });
      expect(lab.feishu.sent).toMatchObject([{ text: 'done', updates: 2 }]);
    });

    test('shows the beginning of a text that is too long for one card', async () => {
      const { channel, part } = await start();
      await channel.progress?.update({ ...part, text: 'word '.repeat(20_000) }, never);
      expect(lab.feishu.sent[0]?.text.length).toBeGreaterThan(20_000);
    });

    test('sends the answer as a new message if the card was recalled', async () => {
      const { channel, part } = await start();
      lab.feishu.recall(part.replaces);
      expect(await channel.send({ ...part, text: 'done' }, never)).toMatchObject({ outcome: 'sent' });
      expect(lab.feishu.sent.at(-1)).toMatchObject({ type: 'text', text: 'done', uuid: 'key' });
    });

    test('sends the answer as a new message if it does not fit in a card', async () => {
      const { channel, part } = await start();
      const text = '| a | b |\n|---|---|\n| 1 | 2 |\n\n'.repeat(6);
      expect(await channel.send({ ...part, text }, never)).toMatchObject({ outcome: 'sent' });
      expect(lab.feishu.sent.at(-1)).toMatchObject({ type: 'post', uuid: 'key' });
    });

    test('retries an update whose response was lost', async () => {
      const { channel, part } = await start();
      await lab.setFault('feishu-answer-lost', true);
      const lost = await channel.send({ ...part, text: 'done' }, never);
      expect(lost).toMatchObject({ outcome: 'retrying', failure: { class: 'network' } });
      await lab.setFault('feishu-answer-lost', false);
      expect(await channel.send({ ...part, text: 'done' }, never)).toMatchObject({ outcome: 'sent' });
      expect(lab.feishu.sent).toMatchObject([{ text: 'done' }]);
    });

    test('shows nothing and does not reject while the platform fails', async () => {
      const { channel, part } = await start();
      await lab.setFault('feishu-500', true);
      expect(await channel.progress?.start({ ...part, idempotencyKey: 'other' }, never)).toBeUndefined();
      await channel.progress?.update({ ...part, text: 'more' }, never);
      expect(lab.feishu.sent[0]).not.toHaveProperty('updates');
    });

    test.each(['text', 'post'] as const)('is not offered for the format %s', (format) => {
      expect(channelTo(lab.urls.feishu, { format }).progress).toBeUndefined();
    });
  });
});

describe('rejections that the lab never produces', () => {
  let platform: ScriptedPlatform | undefined;
  afterEach(() => platform?.stop());

  const target = { chatId: 'oc_1', chatType: 'group', messageId: 'om_1' };
  const part: OutboundPart = { appId, target, text: marked, idempotencyKey: 'key', now: 0 };

  /** Sends a part to a platform that rejects its first messages with these codes. */
  async function sendThrough(codes: number[], given: Partial<OutboundPart> = {}) {
    const left = [...codes];
    platform = await startScriptedPlatform(({ path }): ScriptedAnswer => {
      if (path.includes('/auth/')) return { body: { code: 0, tenant_access_token: 't-1', expire: 7200 } };
      const code = left.shift();
      if (code !== undefined) return { status: 400, body: { code, msg: 'rejected' } };
      return { body: { code: 0, data: { message_id: 'om_2' } } };
    });
    const result = await channelTo(platform.url).send({ ...part, ...given }, never);
    const requests = platform.requests.slice(1).map(({ path, json }) => {
      const { msg_type, uuid } = Object(json);
      return `${path.includes('/reply') ? 'reply' : 'chat'} ${msg_type} ${uuid}`;
    });
    return { result, requests };
  }

  test.each([[230099], [230001], [230025], [200621]])('%d: tries card, post and text with one key', async (code) => {
    const { result, requests } = await sendThrough([code, code]);
    expect(requests).toEqual(['reply interactive key', 'reply post key', 'reply text key']);
    expect(result).toMatchObject({ outcome: 'sent', platformMessageId: 'om_2' });
  });

  test('fails if the text is rejected too', async () => {
    const { result } = await sendThrough([230099, 230001, 230001]);
    expect(result).toMatchObject({ outcome: 'dead', failure: { class: 'bad_request', code: '230001' } });
  });

  test.each([[230011], [230019], [230071], [230072], [230110], [231003]])(
    '%d: falls back to the chat',
    async (code) => {
      const { result, requests } = await sendThrough([code]);
      expect(requests).toEqual(['reply interactive key', 'chat interactive key']);
      expect(result).toMatchObject({ outcome: 'sent' });
    },
  );

  test('changes destination and format one after the other', async () => {
    const { requests } = await sendThrough([230099, 230011, 230099]);
    expect(requests).toEqual(['reply interactive key', 'reply post key', 'chat post key', 'chat text key']);
  });

  test.each([
    [230020, 'retrying', 'rate_limited'],
    [230002, 'dead', 'target_gone'],
    [230028, 'dead', 'content_rejected'],
  ])('%d: tries no other format or destination', async (code, outcome, name) => {
    const { result, requests } = await sendThrough([code]);
    expect(requests).toEqual(['reply interactive key']);
    expect(result).toMatchObject({ outcome, failure: { class: name } });
  });

  test('sends a new message if the update is not permitted', async () => {
    const { result, requests } = await sendThrough([230027], { replaces: 'om_thinking' });
    expect(requests).toEqual(['chat undefined undefined', 'reply interactive key']);
    expect(result).toMatchObject({ outcome: 'sent', platformMessageId: 'om_2' });
  });

  test.each([
    ['`retry-after` of a gateway', { 'retry-after': '3' }, 3000],
    ["Feishu's own header first", { 'retry-after': '3', 'x-ogw-ratelimit-reset': '7' }, 7000],
  ])('reads the requested wait: %s', async (_name, headers, retryAfterMs) => {
    platform = await startScriptedPlatform(({ path }) =>
      path.includes('/auth/')
        ? { body: { code: 0, tenant_access_token: 't-1', expire: 7200 } }
        : { status: 429, headers, body: '' },
    );
    expect(await channelTo(platform.url).send(part, never)).toMatchObject({ failure: { retryAfterMs } });
  });
});
