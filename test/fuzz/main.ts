// `make fuzz`: sends many damaged requests and reports the results.
// usage: main.js [--requests 20000] [--seed 1]    the same seed repeats the damage

import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '20000' }, seed: { type: 'string', default: String(Date.now()) } },
});
const report = await fuzz({ requests: Number(values.requests), seed: Number(values.seed) });
process.stdout.write(`${JSON.stringify(report, null, 1)}\n`);
const isFine = report.findings.length === 0 && report.errors.length === 0 && report.answered;
process.exitCode = isFine ? 0 : 1;
