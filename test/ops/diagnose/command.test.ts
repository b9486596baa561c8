// Runs the command as operators and scripts do: formats, exit codes, and secrets in logs and responses.
import { appendFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { reportSchema } from '../../../ops/diagnose/report.ts';
import { build, runCommand, startWorld, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  await build();
  world = await startWorld();
});
afterAll(() => world.stop());

describe('with a healthy bot', () => {
  test('prints text without colour on a pipe, with the result first', async () => {
    const { exitCode, stdout, stderr } = await runCommand(world.dir, []);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').slice(0, 6).join('\n')).toContain('HEALTHY');
    expect(stdout.includes('\u001b')).toBe(false);
  });

  test.each([
    [{ FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('%j: prints colour: %s', async (env, expected) => {
    const { stdout } = await runCommand(world.dir, [], env);
    expect(stdout.includes('\u001b[')).toBe(expected);
  });

  test('prints one JSON object that matches the schema', async () => {
    const { exitCode, stdout } = await runCommand(world.dir, ['--json']);
    expect(exitCode).toBe(0);
    expect(reportSchema.parse(JSON.parse(stdout)).outcome).toBe('healthy');
  });

  test('runs only the checks of --only and their prerequisites', async () => {
    const { exitCode, stdout } = await runCommand(world.dir, ['--json', '--only', 'cred.feishu']);
    const report = reportSchema.parse(JSON.parse(stdout));
    const ran = report.checks.filter(({ status }) => status === 'ok').map(({ id }) => id);
    expect(exitCode).toBe(0);
    expect(ran).toEqual(['cfg.schema', 'net.feishu.dns', 'net.feishu.tcp', 'net.feishu.http', 'cred.feishu']);
  });
});

describe('with a revoked secret', () => {
  beforeAll(() => world.lab.setFault('feishu-secret-revoked', true));
  afterAll(() => world.lab.setFault('feishu-secret-revoked', false));

  test.each([[[]], [['--json']], [['--markdown']], [['--strict', '-v']]])('%j exits with 1', async (argv) => {
    const { exitCode, stdout } = await runCommand(world.dir, argv);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('FEISHU_APP_SECRET_WRONG');
  });

  test('prints the cause in the first six lines, and Markdown that fits into a chat message', async () => {
    const { stdout: text } = await runCommand(world.dir, []);
    expect(text.split('\n').slice(0, 6).join('\n')).toContain('FEISHU_APP_SECRET_WRONG');
    const { stdout: markdown } = await runCommand(world.dir, ['--markdown']);
    expect(markdown.length).toBeLessThan(4000);
    expect(markdown.startsWith('**Root cause (proven): FEISHU_APP_SECRET_WRONG**')).toBe(true);
  });
});

test.each([[['--since', 'x']], [['--trace', 'id']], [['--only', 'nothing']]])(
  'rejects %j with the usage and exit code 2',
  async (argv) => {
    const { exitCode, stdout, stderr } = await runCommand(world.dir, argv);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: ./chatbot diagnose');
  },
);

test('is undetermined, not healthy, if the budget is too short', async () => {
  await world.lab.setFault('feishu-stall', true);
  const { exitCode, stdout } = await runCommand(world.dir, ['--json', '--budget-ms', '900']);
  await world.lab.setFault('feishu-stall', false);
  const report = reportSchema.parse(JSON.parse(stdout));
  expect([exitCode, report.outcome, report.budget.exhausted]).toEqual([3, 'undetermined', true]);
  // The HTTP check ran out of time, or on a busy machine one of its prerequisites.
  const http = report.checks.find(({ id }) => id === 'net.feishu.http');
  expect(report.checks.find(({ id }) => id === (http?.becauseOf ?? http?.id))?.reason).toBe('budget');
});

test('redacts secrets in the log and in a response of the platform', async () => {
  const { FEISHU_APP_SECRET: secret = '', DINGTALK_APP_SECRET: other = '', FEISHU_BASE_URL: before = '' } = world.env;
  const echo = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => response.writeHead(400).end(JSON.stringify({ code: 10014, msg: `not ${body}` })));
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  const address = echo.address() as { port: number }; // a TCP server has an address with a port
  await world.changeSettings({ FEISHU_BASE_URL: `http://127.0.0.1:${address.port}` });
  const line = {
    '@timestamp': new Date().toISOString(),
    'event.action': 'push-attempted',
    'event.outcome': 'failure',
    'event.reason': 'unknown',
    'chatbot.platform': 'dingtalk',
    'chatbot.code': `${other}\u001b[2J`,
    'trace.id': secret,
  };
  await appendFile(`${world.dir}/log/callback.log`, `${JSON.stringify(line)}\n`);
  for (const argv of [['--json'], ['--markdown'], ['-v']]) {
    const { stdout, stderr } = await runCommand(world.dir, argv);
    expect(stdout).toContain('secret#');
    expect([stdout.includes(secret), stdout.includes(other), stdout.includes('\u001b'), stderr]).toEqual([
      false,
      false,
      false,
      '',
    ]);
  }
  await world.changeSettings({ FEISHU_BASE_URL: before });
  echo.close();
});
