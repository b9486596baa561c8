// Finds the logs for `ops logs`, and reports a missing program.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { buildOps, runOps } from '../../support/built-ops.ts';
import { temporaryFolder } from '../process/stand-in.ts';

const LINE = '{"@timestamp":"2026-01-01T00:00:00.000Z","log.level":"info","message":"Bot has started"}\n';

beforeAll(buildOps);

function folder(files: Record<string, string>): string {
  const dir = temporaryFolder();
  for (const name of ['data/run', 'elsewhere', 'bin']) mkdirSync(join(dir, name), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
}

test('finds a LOG_DIR that only the environment of `up` contained', async () => {
  const dir = folder({ 'data/run/environment.json': '{"LOG_DIR":"elsewhere"}', 'elsewhere/app.log': LINE });
  const { exitCode, stdout } = await runOps(['logs', 'bot'], { dir });
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/ INFO {2}Bot has started\n$/)]);
});

test.each([
  ['docker', { 'data/run/profile.json': '{"profile":"lite"}' }],
  ['tail', { '.env': 'LOG_DIR=elsewhere\n', 'elsewhere/app.log': LINE }],
])('names the missing program %s', async (program, files) => {
  const dir = folder(files as Record<string, string>);
  symlinkSync(process.execPath, join(dir, 'bin/node'));
  const { exitCode, stdout, stderr } = await runOps(['logs'], { dir, env: { PATH: join(dir, 'bin') } });
  expect([exitCode, stdout, stderr]).toEqual([
    1,
    '',
    `There is no ${program} command. Put it on the PATH, then: make logs\n`,
  ]);
});
