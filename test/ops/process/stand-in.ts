// A small real program for tests of process handling: listens, answers readiness, ends on SIGTERM.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import type { Service } from '../../../ops/process/service.ts';
import { freePort } from '../../support/free-port.ts';
import { PATIENCE_MS } from '../../support/patience.ts';

const SOURCE = `
import { createServer } from 'node:http';
import { appendFileSync } from 'node:fs';
const { STAND_IN = 'ready', STAND_IN_NAME = 'bot', ORDER_FILE } = process.env;
const at = process.argv.indexOf('--port');
const ports = at > 0 ? [0, 1, 2, 3].map((n) => Number(process.argv[at + 1]) + n) : [process.env.PORT, process.env.ADMIN_PORT];
if (STAND_IN === 'dies') { console.error('cannot open the database'); process.exit(3); }
const body = JSON.stringify({ status: 'not_ready', conditions: [{ id: 'database', level: 'required', ok: false, detail: 'locked' }] });
const servers = ports.filter(Boolean).map((port) => createServer((_, res) => {
  res.statusCode = STAND_IN === 'never ready' ? 503 : 200;
  res.end(body);
}).listen(Number(port), '127.0.0.1'));
console.log(STAND_IN_NAME + ' started');
process.on('SIGTERM', () => {
  if (ORDER_FILE) appendFileSync(ORDER_FILE, (at > 0 ? 'lab' : 'bot') + '\\n');
  if (STAND_IN !== 'ignores SIGTERM') process.exit(0);
});
setInterval(() => {}, 1000);
`;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Creates a folder for a test. It is removed after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'chatbot-ops-'));
  folders.push(folder);
  return folder;
}

/** Writes the program to a file and returns its path. */
export function writeStandIn(path: string): string {
  writeFileSync(path, SOURCE);
  return path;
}

/** Returns the program as a service that listens on one port. */
export async function standInService(dir: string, mode = 'ready'): Promise<Service> {
  const port = await freePort();
  return {
    name: 'bot',
    argv: [writeStandIn(join(dir, 'stand-in.mjs'))],
    env: { STAND_IN: mode, ADMIN_PORT: String(port) },
    listens: [{ host: '127.0.0.1', port, setting: 'ADMIN_PORT' }],
    readyUrl: `http://127.0.0.1:${port}/readyz`,
    fingerprints: { PORT: 'abc' },
    graceMs: mode === 'ignores SIGTERM' ? 300 : PATIENCE_MS,
  };
}
