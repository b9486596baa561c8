// Checks that the bot's process answers, listens on its ports, and reports itself ready.
import { HttpClientError } from '../../../bot/http-client/errors.ts';
import { plainError } from '../../process/plain-error.ts';
import { describePortHolder } from '../describe-port-holder.ts';
import type { Check, CheckContext, CheckOutcome } from '../engine/check.ts';
import type { PortHolder } from '../facts.ts';
import { botPid } from './bot-pid.ts';
import { type BotStatus, fetchStatus, originOf, reachable } from './bot-status.ts';

export const procUp: Check = {
  id: 'proc.up',
  title: 'Bot process',
  layer: 1,
  needs: ['cfg.schema'],
  critical: true,
  weight: 1000,
  timeoutMs: 3000,
  onTimeout: 'fail',
  declares: ['proc.up.state', 'proc.up.pid', 'proc.up.startedAt'],
  applies: ({ ADMIN_PORT }) =>
    ADMIN_PORT > 0 || { reason: 'not_configured', why: 'ADMIN_PORT is 0, so the port is unknown; set a fixed one' },
  async run(ctx) {
    const admin = originOf(ctx.cfg.ADMIN_HOST, ctx.cfg.ADMIN_PORT);
    try {
      const status = await fetchStatus(ctx);
      if (!status) {
        const summary = `a program other than the bot answers at ${admin}`;
        return { status: 'fail', code: 'FOREIGN', summary, facts: { 'proc.up.state': 'foreign' } };
      }
      await ctx.local.request({ url: `${admin}/livez`, timeoutMs: 2000, signal: ctx.signal });
      return upOutcome(status);
    } catch (error) {
      if (!(error instanceof HttpClientError)) throw error;
      return downOutcome(ctx, admin, error);
    }
  },
};

function upOutcome({ service }: BotStatus): CheckOutcome {
  const summary = `${service.name} ${service.version} is up as pid ${service.pid} since ${service.startedAt}`;
  const facts = { 'proc.up.state': 'up', 'proc.up.pid': service.pid, 'proc.up.startedAt': service.startedAt } as const;
  return { status: 'ok', summary, facts };
}

/** Distinguishes a closed port (`down`) from an open port without an answer (`silent`). They need different fixes. */
function downOutcome(ctx: CheckContext, admin: string, error: HttpClientError): CheckOutcome {
  if (error.kind === 'connect') {
    const summary = `nothing listens at ${admin} (${error.code})`;
    return { status: 'fail', code: error.code, summary, facts: { 'proc.up.state': 'down' } };
  }
  const run = ctx.proc.recordedBot();
  const summary = `${admin} is open but does not answer (${error.code})`;
  const facts = { 'proc.up.state': 'silent' as const, ...(run ? { 'proc.up.pid': run.pid } : {}) };
  return { status: 'fail', code: error.code, summary, facts };
}

export const procPort: Check = {
  id: 'proc.port',
  title: 'Listening ports',
  layer: 1,
  needs: ['cfg.schema'],
  after: ['proc.up'],
  critical: true,
  timeoutMs: 2000,
  onTimeout: 'unknown',
  declares: ['proc.port.taken'],
  async run(ctx) {
    const { cfg } = ctx;
    const up = ctx.dep('proc.up');
    // The owner of a port is only known if the state of the bot is known.
    if (up.status !== 'ok' && up.status !== 'fail') {
      return { status: 'skip', reason: up.reason ?? 'prerequisite', summary: 'needs proc.up' };
    }
    const ports = [
      { setting: 'PORT', host: reachable(cfg.HOST), port: cfg.PORT },
      { setting: 'ADMIN_PORT', host: reachable(cfg.ADMIN_HOST), port: cfg.ADMIN_PORT },
    ].filter(({ port }) => port > 0);
    const holders = await Promise.all(ports.map((port) => holderOf(ctx, port)));
    const taken = holders.flatMap((holder) => (typeof holder === 'object' ? [holder] : []));
    const [first] = taken;
    if (first) {
      const summary = taken.map(describePortHolder).join('; ');
      return { status: 'fail', code: 'EADDRINUSE', summary, facts: { 'proc.port.taken': taken } };
    }
    const free = ports.filter((_, index) => holders[index] === 'free');
    const names = (list: typeof ports) => list.map(({ setting, port }) => `${setting} ${port}`).join(', ');
    if (free.length === 0) return { status: 'ok', summary: `${names(ports)}: held by the bot` };
    // Closed ports are expected while the bot is down, and a fault while it is up.
    if (up.status !== 'ok') return { status: 'ok', summary: `${names(free)}: free` };
    return { status: 'fail', code: 'CLOSED', summary: `the bot is up but does not listen on ${names(free)}` };
  },
};

interface PortToCheck {
  setting: string;
  host: string;
  port: number;
}

/**
 * Returns the other program that holds a port of the bot, or `ours`, or `free`. If the bot answers, the port counts as
 * `ours` even if the system hides the owner.
 */
async function holderOf(
  ctx: CheckContext,
  { setting, host, port }: PortToCheck,
): Promise<PortHolder | 'ours' | 'free'> {
  if (!(await isOpen(ctx, { host, port }))) return 'free';
  const owner = ctx.proc.owner(port);
  const up = ctx.dep('proc.up');
  // A bot that answers holds its ports itself, or the port forwarder of its container does.
  if (up.status === 'ok' || (owner.pid !== undefined && owner.pid === botPid(ctx))) return 'ours';
  const recorded = ctx.proc.recordedBot()?.pid;
  if (recorded !== undefined && (owner.pid ?? recorded) === recorded) return 'ours';
  if (owner.command?.includes('bot/main.')) return 'ours';
  return { setting, port, pid: owner.pid ?? 0, command: owner.command ?? 'a program of another user' };
}

/** Rejects with `ETIMEDOUT` if the port does not answer in time, because on a loaded machine it may still be held. */
async function isOpen({ net, signal }: CheckContext, endpoint: { host: string; port: number }): Promise<boolean> {
  try {
    await net.connect(endpoint, { timeoutMs: procPort.timeoutMs, signal });
    return true;
  } catch (error) {
    if (plainError(error).code === 'ETIMEDOUT') throw error;
    return false;
  }
}

export const procReady: Check = {
  id: 'proc.ready',
  title: 'Readiness',
  layer: 1,
  needs: ['proc.up'],
  critical: true,
  timeoutMs: 3000,
  onTimeout: 'fail',
  declares: ['proc.ready.failed'],
  async run(ctx) {
    const status = await fetchStatus(ctx);
    if (!status) return { status: 'unknown', reason: 'crash', summary: 'the bot stopped answering' };
    const bad = status.readiness.conditions.filter((condition) => !condition.ok);
    const failed = bad.map(({ id, level, detail }) => ({ id, level, detail }));
    if (failed.length === 0) return { status: 'ok', summary: 'all conditions are met' };
    const summary = failed.map(({ id, detail }) => `${id}: ${detail}`).join('; ');
    const isRequired = failed.some(({ level }) => level === 'required');
    return { status: isRequired ? 'fail' : 'warn', code: 'NOT_READY', summary, facts: { 'proc.ready.failed': failed } };
  },
};
