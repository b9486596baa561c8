// `make soak`: sends a day's load through a bot, as fast as the machine allows.
// usage: main.js [--messages 200000] [--sessions 10000]

import { parseArgs } from 'node:util';
import { soak } from './soak.ts';

const { values } = parseArgs({
  options: { messages: { type: 'string', default: '200000' }, sessions: { type: 'string', default: '10000' } },
});
const LIMIT = 192 * 2 ** 20;
const BYTES_PER_SESSION = 2_048;

const report = await soak({
  messages: Number(values.messages),
  sessions: Number(values.sessions),
  onProgress: (text) => process.stderr.write(`\r${text}  `),
});
process.stdout.write(`\n${JSON.stringify(report, null, 1)}\n`);
const complete = report.answered === report.messages && report.twice === 0 && report.notAcknowledged === 0;
const small = report.rss.max < LIMIT && report.bytesPerSession <= BYTES_PER_SESSION;
process.exitCode = complete && small ? 0 : 1;
