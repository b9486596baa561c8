// Tests `ops settings` as a process: its output and its exit code.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { command } from '../../../ops/settings/command.ts';
import { runChild } from '../telemetry/child/run-child.ts';
import { folderWith } from './folder.ts';

const run = (dir: string, ...args: string[]) => runChild(new URL('./run-settings.ts', import.meta.url), args, dir);
const good = 'FEISHU_APP_ID=cli_a\nFEISHU_APP_SECRET=planted-secret\nFEISHU_ENCRYPT_KEY=planted-key\n';

describe('check', () => {
  test('accepts valid settings without a warning of Node', async () => {
    const dir = folderWith({ '.env': good });
    expect(await run(dir, 'check')).toEqual({ code: 0, stdout: 'Settings are valid.\n', stderr: '' });
  });

  test('prints warnings about weak settings', async () => {
    const { code, stdout } = await run(folderWith({}), 'check');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Settings are valid\.\nWarning: No platform is configured/);
  });

  test('prints each problem on its own line', async () => {
    const { code, stdout, stderr } = await run(folderWith({ '.env': 'PORT=x\nLOG_LEVEL=y\n' }), 'check');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(
      stderr
        .trim()
        .split('\n')
        .map((line) => line.split(':')[0]),
    ).toEqual(['PORT', 'LOG_LEVEL']);
  });
});

describe('show', () => {
  test('prints values with their source, and secrets only as set or unset', async () => {
    const dir = folderWith({
      '.env': `${good}DATABASE_URL=mysql://bot:planted-pass@db/bot\nGRAFANA_URL=http://a:planted-pass@g:3000\n`,
      'application.properties': 'session.timeout=60\n',
    });
    const { code, stdout, stderr } = await run(dir, 'show');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toContain('planted');
    const lines = Object.fromEntries(
      stdout
        .trim()
        .split('\n')
        .map((line) => [line.split(/\s+/)[0], line.split(/\s{2,}/).slice(1)]),
    );
    expect(lines).toMatchObject({
      PORT: ['18789', 'default'],
      PUBLIC_URL: ['unset'],
      FEISHU_APP_ID: ['cli_a', '.env'],
      FEISHU_APP_SECRET: ['set', '.env'],
      DINGTALK_APP_SECRET: ['unset'],
      SESSION_TIMEOUT_SECONDS: ['60', 'application.properties'],
      DATABASE_URL: ['mysql://[redacted]@db/bot', '.env'],
      GRAFANA_URL: ['http://[redacted]@g:3000', '.env'],
    });
  });

  test.each([
    ...["mysql://bot:planted'pass@db/bot", 'mysql://bot:planted"pass@db/bot', 'mysql://bot:planted<pass>@db/bot'],
    ...[
      'mysql://bot:planted/pass@db/bot',
      `mysql://bot:planted${'x1'.repeat(200)}@db/bot`,
      'mysql:/bot:planted@db/bot',
    ],
  ])('redacts a password with special characters: %s', async (url) => {
    const { stdout, stderr } = await run(folderWith({ '.env': `DATABASE_URL=${url}\n` }), 'show');
    expect(stdout).toMatch(/^DATABASE_URL .*\[redacted\]@db\/bot +\.env$/m);
    expect(stdout + stderr).not.toContain('planted');
  });

  test('prints invalid values and their problems', async () => {
    const { code, stdout, stderr } = await run(folderWith({ '.env': 'PORT=x\n' }), 'show');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^PORT +x +\.env$/m);
    expect(stderr).toContain('Set PORT to');
  });
});

test('docs writes both documents, and docs --check reports a change', async () => {
  const dir = folderWith({});
  expect(await run(dir, 'docs')).toEqual({
    code: 0,
    stdout: 'Wrote .env.example.\nWrote docs/settings.md.\n',
    stderr: '',
  });
  expect(readdirSync(dir).sort()).toEqual(['.env.example', 'docs']);
  expect(await run(dir, 'docs', '--check')).toEqual({ code: 0, stdout: '', stderr: '' });
  writeFileSync(join(dir, '.env.example'), 'PORT=1\n');
  const { code, stderr } = await run(dir, 'docs', '--check');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^\.env\.example does not match .* Run: \.\/chatbot settings docs\n$/);
});

test.each([
  [[], /Missing action: check, show or docs/],
  [['chekc'], /Unknown action: chekc/],
  [['check', 'more'], /Too many arguments: more/],
  [['show', '--check'], /--check can only be used with docs/],
  [['docs', '--force'], /--force/],
])('rejects the arguments %j', async (args, message) => {
  await expect(command.run(args)).rejects.toThrow(message);
});
