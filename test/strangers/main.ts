// `make strangers`: runs every attack on a bot, and on a bot behind Caddy, within the memory of their containers.
// usage: main.js [--seconds 10] [--only <part of a title>] [--direct]    exit 1: killed, or a genuine callback too late

import { parseArgs } from 'node:util';
import { type AttackOptions, runAttack, titleOf } from './run-attack.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
    direct: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);

type Row = [AttackOptions['attack'], number, object?];

const direct: Row[] = [
  ['unfinished', 300, { signed: true }],
  ['unfinished', 300, { signed: false }],
  ['unfinishedChunks', 300, { signed: true }],
  ['unfinishedChunks', 300, { signed: false }],
  ['wholeBodies', 40, { signed: false }],
  ['wholeBodies', 40, { signed: true }],
  ['drips', 900],
  ['halfHeaders', 4_000],
  ['idle', 4_000],
];
const proxied: Row[] = [
  ['unfinished', 300, { signed: true }],
  ['unfinished', 300, { signed: false }],
  // Not on the bot alone: Node's parser needs 12 ms for 64 kB of such chunks. In production the proxy joins them.
  ['chunksOfOneByte', 300],
  ['wholeBodies', 40, { signed: false }],
  ['drips', 900],
  ['halfHeaders', 3_500],
  ['idle', 3_500],
];
/** Attack without the timeouts of the Caddyfile, so that all connections are open at the same time. */
const patient: Row[] = [['idle', 3_500]];

function optionsOf(rows: Row[], how: Pick<AttackOptions, 'proxied' | 'patient'>): AttackOptions[] {
  return rows.map(([attack, ...args]) => ({ attack, args: args.filter((arg) => arg !== undefined), seconds, ...how }));
}

const all = [
  ...optionsOf(direct, { proxied: false }),
  ...optionsOf(proxied, { proxied: true }),
  ...optionsOf(patient, { proxied: true, patient: true }),
];
const wanted = all.filter((options) => titleOf(options).includes(values.only) && !(values.direct && options.proxied));
for (const options of wanted) {
  const report = await runAttack(options);
  process.stdout.write(`${JSON.stringify(report)}\n`);
  const { genuine, bot, proxy } = report;
  const isFine = genuine.acknowledged === genuine.sent && bot.endedBy === undefined && proxy?.endedBy === undefined;
  if (!isFine) process.exitCode = 1;
}
