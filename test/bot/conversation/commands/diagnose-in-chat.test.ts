// `/diagnose` end to end: an operator's message to the built bot, the built doctor, and the report in the chat.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { botEnvironment, generateCredentials, startLab } from '../../../../ops/lab/start-lab.ts';
import { ready, startBotProcess } from '../../../support/bot-process.ts';
import { freePort } from '../../../support/free-port.ts';
import { PATIENCE_MS } from '../../../support/patience.ts';

test('an operator receives the report in the chat', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-diagnose-'));
  const [port, adminPort] = [await freePort(), await freePort()];
  const credentials = generateCredentials();
  const lab = await startLab({ credentials, botUrl: `http://127.0.0.1:${port}`, ackWithinMs: PATIENCE_MS });
  const { body } = lab.dingtalk.buildCallback({ text: 'who am I?' });
  const { senderStaffId } = JSON.parse(String(body)) as { senderStaffId: string }; // the lab's own shape
  const bot = startBotProcess(dir, {
    ...botEnvironment(credentials, lab.urls),
    ...{ HOST: '127.0.0.1', PORT: String(port), ADMIN_PORT: String(adminPort) },
    ...{ DATABASE_URL: `sqlite:${dir}/bot.db`, LOG_DIR: `${dir}/log`, OPERATORS: `dingtalk:${senderStaffId}` },
  });
  try {
    await ready(`http://127.0.0.1:${adminPort}`);
    const { messageId } = await lab.dingtalk.sendText({ text: '/诊断' });
    const reply = await lab.dingtalk.waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
    expect(reply.text).toMatch(/^退出码 0：未发现故障。\s+\*\*(Healthy|Degraded)\*\*/);
  } finally {
    await bot.end('SIGTERM');
    await lab.stop();
    await rm(dir, { recursive: true, force: true });
  }
});
