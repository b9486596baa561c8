// Tests uncaught errors: exit code 2, the cause, and the results so far.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { reportSchema } from '../../../ops/diagnose/report.ts';
import { buildOps, runOps } from '../../support/built-ops.ts';

const SECRET = 'planted-password-9';
let dir: string;

beforeAll(buildOps);
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chatbot-doctor-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/**
 * Runs a command with an injected fault. The fault occurs when the command reads the log folder or tests for a
 * database.
 */
async function runWithFault(fault: string, argv: string[]) {
  const module = `
    import fs from 'node:fs';
    import promises from 'node:fs/promises';
    import { syncBuiltinESMExports } from 'node:module';
    const { readdir } = promises;
    const { existsSync } = fs;
    let done = false;
    const once = () => { if (!done) { done = true; ${fault} } };
    promises.readdir = async (...args) => { once(); return readdir(...args); };
    fs.existsSync = (path) => { if (String(path).endsWith('bot.db')) once(); return existsSync(path); };
    syncBuiltinESMExports();`;
  await writeFile(join(dir, 'fault.mjs'), module);
  const env = { NODE_OPTIONS: `--import=${pathToFileURL(join(dir, 'fault.mjs')).href}`, ALERT_RELAY_SECRET: SECRET };
  return runOps(argv, { dir, env: { ...env, PORT: '1', ADMIN_PORT: '2' } });
}

const later = (code: string) => `setImmediate(() => { ${code} });`;
const error = `new TypeError('planted fault ${SECRET}')`;

describe('diagnose', () => {
  test.each<[string, string]>([
    ['an exception', later(`throw ${error}`)],
    ['an unhandled rejection', `Promise.reject(${error});`],
    [
      'a stream error without a listener',
      later(`fs.createReadStream('/nonexistent', { signal: AbortSignal.abort(${error}) })`),
    ],
  ])('exits with 2, the cause and the results so far after %s', async (_name, fault) => {
    const { exitCode, stdout, stderr } = await runWithFault(fault, ['diagnose', '--json']);
    expect(exitCode).toBe(2);
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(report.checks.find(({ id }) => id === 'cfg.schema')?.status).toMatch(/ok|warn/);
    expect(stderr).toMatch(
      /^The diagnosis itself failed: .*The report above contains the results up to this error.*DEBUG=1/,
    );
    expect(stdout + stderr).not.toContain(SECRET);
    expect(stderr).not.toContain('    at ');
  });

  test('prints the cause and the text report after an exception', async () => {
    const { exitCode, stdout, stderr } = await runWithFault(later(`throw ${error}`), ['diagnose']);
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining('The diagnosis itself failed: TypeError: planted fault'),
    ]);
    expect(stdout).not.toBe('');
  });

  test('prints the cause if no report can be built', async () => {
    const fault = `Promise.all = () => new Promise(() => {}); setInterval(() => {}, 1000); ${later(`throw ${error}`)}`;
    const { exitCode, stderr } = await runWithFault(fault, ['diagnose', '--budget-ms', '120000']);
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(/^The diagnosis itself failed: TypeError: planted fault/),
    ]);
  });
});

test.each([['outbox list'], ['data export --tenant default'], ['tenants list']])(
  '%s: reports an uncaught error in one line, with exit code 2',
  async (args) => {
    const { exitCode, stderr } = await runWithFault(later(`throw new Error('planted fault')`), args.split(' '));
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^Failed unexpectedly: planted fault .*DEBUG=1/m)]);
    expect(stderr).not.toContain('    at ');
  },
);

test('explains a known system error instead of "Failed unexpectedly"', async () => {
  await writeFile(join(dir, 'data'), 'a file where a folder should be');
  const { exitCode, stderr } = await runOps(['up'], { dir, env: { PROFILE: 'embedded' } });
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /data\/run is a file, not a folder|A part of .*data.* is a file, not a folder\. Move that file away/,
  );
  expect(stderr).not.toContain('Failed unexpectedly');
});
