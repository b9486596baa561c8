// Runs every command with hostile text in every field from outside, and checks that only one module prints.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encodePayload } from '../../../bot/domain/payload.ts';
import { printable, printableJson } from '../../../bot/telemetry/printable.ts';
import { projectRoot } from '../../../ops/installation/project-root.ts';
import { processIdentity } from '../../../ops/process/identity.ts';
import { writeRun } from '../../../ops/process/run-file.ts';
import { conversationRow, inboxRow, outboxRow, sessionRow } from '../../bot/store/rows.ts';
import { buildOps, type OpsRun, runOps } from '../../support/built-ops.ts';
import { composeFolder } from '../data/compose-folder.ts';
import { createInstallation, type Installation } from '../data/installation.ts';
import { temporaryFolder } from '../process/stand-in.ts';
import { HOSTILE, HOSTILE_LINE, steering } from './hostile.ts';

beforeAll(buildOps);

function expectClean({ stdout, stderr }: OpsRun): void {
  expect({ stdout: steering(stdout), stderr: steering(stderr) }).toEqual({ stdout: [], stderr: [] });
}

/** Checks that the hostile text is shown, and that its line break begins no new line. */
function expectShown(run: OpsRun): void {
  expectClean(run);
  expect(run.stdout + run.stderr).toContain('FAKE LINE');
  expect(run.stdout + run.stderr).not.toMatch(/^FAKE LINE/m);
}

describe('printable', () => {
  test('removes control characters and keeps all other characters', () => {
    expect(steering(printable(HOSTILE))).toEqual([]);
    expect(printable('中文 ä 👩‍💻 e\u0301 عربى')).toBe('中文 ä 👩‍💻 e\u0301 عربى');
  });

  test('keeps the value of JSON', () => {
    const json = printableJson(JSON.stringify({ [HOSTILE]: HOSTILE }));
    expect(steering(json)).toEqual([]);
    expect(JSON.parse(json)).toEqual({ [HOSTILE]: HOSTILE });
  });
});

describe('rows of the database', () => {
  let here: Installation;
  beforeAll(async () => {
    here = await createInstallation();
    const { knex } = here.store;
    const owner = { platform: 'dingtalk', user_id: HOSTILE, tenant_id: 'default' };
    await knex('tenant_config').insert({ tenant_id: HOSTILE_LINE.slice(0, 32), model_endpoint: HOSTILE });
    await knex('tenant_config').where('tenant_id', 'default').update({ model_endpoint: HOSTILE, model_name: HOSTILE });
    await knex('tenant_channel').insert({
      platform: 'dingtalk',
      app_id: HOSTILE,
      external_id: HOSTILE,
      tenant_id: 'default',
    });
    const message = { text: HOSTILE };
    // The first payload is in the form of version 0.1.
    const payloads = [JSON.stringify(message), encodePayload(message)];
    await knex('inbox').insert(
      payloads.map((payload) => inboxRow({ ...owner, state: 'dead', app_id: HOSTILE, trace_id: HOSTILE, payload })),
    );
    await knex('outbox').insert(
      outboxRow({
        ...owner,
        state: 'dead',
        app_id: HOSTILE,
        trace_id: HOSTILE,
        content: HOSTILE,
        last_class: HOSTILE,
        last_code: HOSTILE,
      }),
    );
    await knex('session').insert(
      sessionRow({ ...owner, context: JSON.stringify([{ role: 'user', content: HOSTILE }]) }),
    );
    await knex('conversation_log').insert(conversationRow({ ...owner, content: HOSTILE }));
  });
  afterAll(() => here.remove());

  test.each([
    ['outbox', 'list'],
    ['outbox', 'show', '1', '--text'],
    ['inbox', 'list'],
    ['inbox', 'show', '1', '--text'],
    ['inbox', 'show', '2', '--text'],
    ['tenants', 'list'],
  ])('shows hostile text without control characters: %s %s %s %s', async (...argv) => {
    expectShown(await here.ops(...argv.filter(Boolean)));
  });

  test.each([
    ['outbox', 'list', '--json'],
    ['outbox', 'show', '1', '--text', '--json'],
    ['inbox', 'show', '1', '--text', '--json'],
    ['inbox', 'show', '2', '--text', '--json'],
    ['tenants', 'list', '--json'],
    ['data', 'export', '--tenant', 'default'],
    ['tenants', 'export', 'default'],
  ])('prints no control characters and keeps the value: %s %s %s %s %s', async (...argv) => {
    const run = await here.ops(...argv.filter(Boolean));
    expectClean(run);
    const values = run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.stringify(JSON.parse(line)));
    expect(values.join()).toContain(JSON.stringify(HOSTILE).slice(1, -1));
  });

  test.each([
    ['tenants', 'remove', 'default'],
    ['tenants', 'set', 'default', '--unbind', `dingtalk:app:${HOSTILE_LINE}`],
    ['tenants', 'set', HOSTILE_LINE, '--rate-limit', '1'],
    ['data', 'delete', '--tenant', HOSTILE_LINE],
    ['data', 'delete', '--user', `dingtalk:${HOSTILE_LINE}`],
    ['data', 'export', '--tenant', 'default', '--out', `/nonexistent/${HOSTILE_LINE}`],
    ['outbox', 'list', '--state', HOSTILE_LINE],
    [HOSTILE_LINE],
    ['lab', '--bot-url', HOSTILE_LINE],
    ['logs', HOSTILE_LINE],
    ['settings', HOSTILE_LINE],
    ['diagnose', `--${HOSTILE_LINE}`],
  ])('prints no control characters from arguments: %s %s', async (...argv) => {
    expectClean(await here.ops(...argv));
  });
});

describe('settings', () => {
  const env = { OPERATORS: HOSTILE_LINE, SERVICE_NAME: HOSTILE_LINE, FEISHU_BASE_URL: HOSTILE_LINE };
  test.each([['settings', 'show'], ['settings', 'check'], ['up']])(
    'prints no control characters from settings: %s %s',
    async (...argv) => {
      const dir = temporaryFolder();
      writeFileSync(join(dir, '.env'), `${HOSTILE_LINE}=1\n`);
      expectClean(await runOps(argv.filter(Boolean), { dir, env }));
    },
  );
});

/** Status of a bot with hostile text in every field. */
function hostileStatus() {
  return {
    service: { name: 'clawdbot', version: HOSTILE, commit: HOSTILE, pid: 1, startedAt: '2026-11-22T09:00:00.000Z' },
    readiness: {
      status: HOSTILE,
      conditions: [{ id: HOSTILE, level: 'required', ok: false, detail: HOSTILE }],
    },
    platforms: { feishu: { botIdProblems: { [HOSTILE]: HOSTILE } } },
    organisations: {
      bound: [{ platform: HOSTILE, appId: HOSTILE, organisation: HOSTILE, tenantId: HOSTILE }],
      unknown: [{ platform: 'feishu', appId: HOSTILE, organisation: `${HOSTILE}2`, ignored: 1, lastAt: HOSTILE }],
    },
    connections: [
      {
        platform: HOSTILE,
        appId: HOSTILE,
        up: false,
        connectedSince: null,
        downSince: HOSTILE,
        flaps: 0,
        lastError: HOSTILE,
      },
      {
        platform: 'feishu',
        appId: HOSTILE,
        up: true,
        connectedSince: HOSTILE,
        downSince: null,
        flaps: 0,
        lastError: null,
      },
    ],
    queues: {
      inbox: { depth: 1, [HOSTILE]: 1, oldestAgeSeconds: 1 },
      outbox: { pending: 1, sending: 0, unknown: 0, dead: 0, oldestAgeSeconds: 1 },
    },
  };
}

describe('a bot and its log', () => {
  let server: Server;
  let dir: string;
  let env: Record<string, string>;
  beforeAll(async () => {
    server = createServer((_request, response) => response.end(JSON.stringify(hostileStatus())));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // it listens on TCP
    dir = temporaryFolder();
    writeRun(dir, {
      ...{ name: 'bot', pid: process.pid, identity: processIdentity(process.pid) ?? '', startedAt: HOSTILE },
      ...{ command: 'bot', listens: [], readyUrl: `http://127.0.0.1:${port}/readyz`, fingerprints: {}, graceMs: 1 },
    });
    env = {
      ...{ ADMIN_PORT: String(port), PORT: '0', FEISHU_APP_ID: 'cli_a', FEISHU_APP_SECRET: 'secret-a' },
      ...{ FEISHU_ENCRYPT_KEY: 'key-abc', FEISHU_BASE_URL: `http://127.0.0.1:${port}`, LOG_DIR: `${dir}/log` },
    };
    mkdirSync(join(dir, 'log'));
    const at = new Date(Date.now() - 1000).toISOString();
    const lines = ['push-attempted', 'callback-received', 'model-completed'].map((action) => ({
      ...{
        '@timestamp': at,
        'log.level': 'warn',
        message: HOSTILE,
        'event.action': action,
        'event.outcome': 'failure',
      },
      ...{ 'event.reason': action === 'callback-received' ? 'unknown_tenant' : HOSTILE, 'trace.id': HOSTILE },
      ...{ 'chatbot.platform': 'feishu', 'chatbot.app_id': HOSTILE, 'chatbot.organisation': `${HOSTILE}3` },
      ...{ 'chatbot.code': HOSTILE, 'error.message': HOSTILE, 'error.code': HOSTILE, [HOSTILE]: HOSTILE },
    }));
    const text = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n${HOSTILE}\n`;
    for (const name of ['app', 'callback']) writeFileSync(join(dir, `log/${name}.log`), text);
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test('shows a hostile status without control characters', async () => {
    expectShown(await runOps(['status'], { dir, env }));
  });

  test.each([
    ['logs', 'bot'],
    ['logs', 'callbacks'],
    ['logs', 'bot', '--json'],
    ['logs', 'callbacks', '--json'],
  ])('shows a hostile log without control characters: %s %s %s', async (...argv) => {
    const run = await runOps(argv.filter(Boolean), { dir, env });
    expectClean(run);
    expect(run.stdout).toContain('FAKE LINE');
  });

  test.each([[], ['-v'], ['--markdown'], ['--json']])(
    'shows hostile text without control characters: diagnose %s',
    async (...argv) => {
      const run = await runOps(['diagnose', '--budget-ms', '120000', ...argv.filter(Boolean)], { dir, env });
      expectShown(run);
      expect(run.stdout).toContain('TENANT_UNKNOWN');
    },
  );
});

describe('docker', () => {
  const planted = 'printf "%s\\n" "$HOSTILE"; printf "%s\\n" "$HOSTILE" >&2';
  const json = (state: string) =>
    JSON.stringify({
      Name: HOSTILE,
      Service: HOSTILE,
      State: state,
      Status: HOSTILE,
      Publishers: [{ URL: HOSTILE, PublishedPort: 1 }],
    });

  test.each([
    ['status', `test "$2" = ps && printf '%s\\n' "$HOSTILE_JSON" && exit 0; ${planted}`],
    ['status', `${planted}; exit 1`],
    ['logs', planted],
    ['down', planted],
    ['down', `${planted}; exit 1`],
    ['tenants list', `test "$2" = ps && echo 5f1c && exit 0; ${planted}`],
    ['data export --tenant a', `test "$2" = ps && echo 5f1c && exit 0; ${planted}`],
    ['diagnose', `test "$2" = ps && echo 5f1c && exit 0; ${planted}; exit 1`],
    ['up', `test "$1" = info && echo 4136800256 && exit 0; test "$2" = version && echo 5 && exit 0; ${planted}`],
    [
      'up',
      `test "$1" = info && echo 4136800256 && exit 0; test "$2" = version && echo 5 && exit 0; test "$2" = ps && printf '%s\\n' "$HOSTILE_JSON" && exit 0; ${planted}; exit 1`,
    ],
  ])('passes on the output of docker without control characters: %s (%#)', async (commandLine, script) => {
    const { dir, env } = composeFolder(script);
    const run = await runOps(commandLine.split(' '), {
      dir,
      env: { ...env, HOSTILE: HOSTILE_LINE, HOSTILE_JSON: json('running') },
    });
    expectClean(run);
    expect(run.stdout + run.stderr).toContain('FAKE LINE');
  });
});

describe('output', () => {
  const PRINTING_MODULES = ['process/terminal.ts'];

  function sources(folder: string): string[] {
    return readdirSync(join(projectRoot(), 'ops', folder), { withFileTypes: true }).flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return sources(path);
      return path.endsWith('.ts') && !PRINTING_MODULES.includes(path) ? [path] : [];
    });
  }

  test.each([
    ['prints', /\bconsole\.\w|\bprocess\.std(?:out|err)\.write\b|\bstd(?:out|err): *process\b/],
    ['gives its own stdout or stderr to another program', /stdio: *'inherit'|, *'inherit'/],
  ])('checks that no other module of the command line %s', (_what, pattern) => {
    const all = sources('');
    expect(all.length).toBeGreaterThan(80);
    expect(all.filter((path) => pattern.test(readFileSync(join(projectRoot(), 'ops', path), 'utf8')))).toEqual([]);
  });
});
