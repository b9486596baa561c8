// A complete bot with an echo model: hostile answers delay no other chat and do not block their own chat.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BotAndLab, startBotAndLab } from '../../support/bot-and-lab.ts';

let running: BotAndLab;
beforeAll(async () => {
  running = await startBotAndLab({ env: { SENDER_RATE_LIMIT: '0' } });
  running.lab.feishu.limitsRates = false;
  running.lab.dingtalk.limitsRates = false;
});
afterAll(() => running.stop());

const timeoutMs = 60_000;

/** A Markdown lexer used 14 s of CPU for the first text, and its stack overflowed at the two nested ones. */
const HOSTILE: [string, string][] = [
  ['emphasis that is never closed', '*a_'.repeat(8_000)],
  ['nested quotes', `look:\n${'> '.repeat(6_000)}x`],
  ['nested lists', `look:\n${'- '.repeat(6_000)}x`],
  ['open brackets', '['.repeat(24_000)],
  ['open images', '!['.repeat(12_000)],
  ['lines', 'a\n'.repeat(12_000)],
];

describe.each(['feishu', 'dingtalk'] as const)('%s', (platform) => {
  test.each(HOSTILE)('%s: the answer is delivered, and other chats get answers', async (name, text) => {
    const lab = running.lab[platform];
    const chat = (sender: string) =>
      platform === 'feishu'
        ? { chatId: `oc_${sender}`, userId: `ou_${sender}` }
        : { conversationId: `cid_${sender}`, senderStaffId: sender };
    const key = name.replaceAll(' ', '_');
    const start = process.cpuUsage();
    const hostile = await lab.sendText({ ...chat(`a_${key}`), text });
    const others = await Promise.all(
      Array.from({ length: 5 }, (_, index) => lab.sendText({ ...chat(`b${index}_${key}`), text: `hello ${index}` })),
    );
    const next = await lab.sendText({ ...chat(`a_${key}`), text: 'and now?' });
    for (const { messageId } of [...others, hostile, next]) {
      await lab.waitForReply({ afterMessageId: messageId, timeoutMs });
    }
    await lab.waitForReply({ afterMessageId: hostile.messageId, containing: 'and now?', timeoutMs });
    const { user, system } = process.cpuUsage(start);
    // CPU time of the bot, the lab and the test. One rendering by the Markdown lexer needed more.
    expect((user + system) / 1000).toBeLessThan(6_000);
    await expect(running.metric(`chatbot_pushes_total{platform="${platform}",outcome="retrying"}`)).resolves.toBe(0);
  });
});
