// Checks the database with one direct connection.

import { existsSync } from 'node:fs';
import { sqliteFileOf } from '../../../bot/config/database-url.ts';
import { plainError } from '../../process/plain-error.ts';
import type { Check, CheckContext, CheckOutcome } from '../engine/check.ts';
import { endpointOf } from '../targets.ts';
import { botPid } from './bot-pid.ts';
import { describeFailure } from './describe-failure.ts';
import { noPermission } from './no-permission.ts';

export const dbConnect: Check = {
  id: 'db.connect',
  title: 'Database',
  layer: 7,
  needs: ['cfg.schema'],
  after: ['net.database.tcp', 'proc.up'],
  critical: true,
  timeoutMs: 3000,
  onTimeout: 'fail',
  declares: ['db.connect.failure'],
  async run(ctx) {
    const { cfg, dep } = ctx;
    const tcp = dep('net.database.tcp');
    if (tcp.status === 'fail')
      return failed(cfg.DATABASE_URL, { code: tcp.code ?? 'UNREACHABLE', message: tcp.summary });
    if (isMissingFile(cfg.DATABASE_URL)) return missing(ctx);
    try {
      await ctx.db.check(cfg.DATABASE_URL, ctx.signal);
      return { status: 'ok', summary: `${describe(cfg.DATABASE_URL)} answers a query` };
    } catch (error) {
      const failure = plainError(error);
      if (LOAD_CODE.test(failure.code)) return withoutDriver(failure);
      return (await noPermissionFor(ctx, failure.code)) ?? failed(cfg.DATABASE_URL, failure);
    }
  },
};

/** Codes of a driver that cannot be loaded. They show nothing about the database. */
const LOAD_CODE = /MODULE_NOT_FOUND$|^ERR_DLOPEN_FAILED$/;

function withoutDriver({ code, message }: { code: string; message: string }): CheckOutcome {
  const summary = `the driver cannot be loaded; install the packages again: npm ci (${message.split('\n')[0]})`;
  return { status: 'unknown', reason: 'crash', code, summary };
}

function isMissingFile(url: string): boolean {
  const file = sqliteFileOf(url);
  return file !== undefined && !existsSync(file);
}

/** Reports a missing file. It is a fault only while the bot runs, because the bot creates the file when it starts. */
function missing({ cfg, dep }: CheckContext): CheckOutcome {
  const summary = `${describe(cfg.DATABASE_URL)} does not exist`;
  if (dep('proc.up').status === 'ok') return failed(cfg.DATABASE_URL, { code: 'ENOENT', message: summary });
  return { status: 'skip', reason: 'not_applicable', summary: `${summary} yet; the bot creates it when it starts` };
}

async function noPermissionFor(ctx: CheckContext, code: string): Promise<CheckOutcome | undefined> {
  const path = sqliteFileOf(ctx.cfg.DATABASE_URL);
  return path === undefined ? undefined : await noPermission(ctx, { path, code, botPid: botPid(ctx) });
}

function failed(url: string, error: { code: string; message: string }): CheckOutcome {
  const failure = { endpoint: describe(url), ...error };
  return {
    status: 'fail',
    code: error.code,
    summary: describeFailure(failure),
    facts: { 'db.connect.failure': failure },
  };
}

/** Returns the file, or host and port, without user and password. */
function describe(url: string): string {
  const file = sqliteFileOf(url);
  if (file !== undefined) return file;
  const { host, port } = endpointOf(url);
  return `${host}:${port}`;
}
