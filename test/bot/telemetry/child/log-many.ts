// A process that logs many lines and closes the log. Arguments: folder, number of lines, bytes per file.
import { createLogger } from '../../../../bot/telemetry/logger.ts';

const [dir = '', lines = '0', maxBytes = '0'] = process.argv.slice(2);
const service = { name: 'clawdbot', version: '1.2.3' };
const log = createLogger({ level: 'info', dir, secrets: [], service, maxBytes: Number(maxBytes) });
for (let line = 0; line < Number(lines); line += 1) {
  const action = line % 2 === 0 ? { 'event.action': 'callback-received' } : {};
  log.info('a line', { ...action, 'chatbot.attempt': line });
}
await log.close();
process.exit(0);
