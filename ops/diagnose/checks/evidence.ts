// Checks that the logs can be read, and counts the failures of the window.
import { usesLongConnection } from '../../../bot/config/input.ts';
import { platformIds } from '../../../bot/platforms/registry.ts';
import { plainError } from '../../process/plain-error.ts';
import type { Check, CheckContext, CheckOutcome } from '../engine/check.ts';
import type { Tally } from '../evidence/group-lines.ts';
import { factOf, type Traffic } from '../facts.ts';
import { botPid } from './bot-pid.ts';
import { describeFailure } from './describe-failure.ts';
import { noPermission } from './no-permission.ts';

export const logsLocal: Check = {
  id: 'logs.local',
  title: 'callback.log',
  layer: 8,
  needs: ['cfg.schema'],
  after: ['proc.up'],
  critical: false,
  timeoutMs: 2000,
  onTimeout: 'unknown',
  declares: ['logs.local.failure', 'logs.local.lastLineAt'],
  async run(ctx) {
    try {
      const { lines, broken, files, lastLineAt, truncated, complete } = await readCallbackLog(ctx);
      const facts = lastLineAt === undefined || !complete ? {} : { 'logs.local.lastLineAt': lastLineAt };
      if (files === 0 && complete)
        return { status: 'ok', summary: 'no callback.log yet: no callback was received and no push was sent' };
      const cut = `${truncated ? ', older ones skipped' : ''}${complete ? '' : ', the rest not read in time'}`;
      const summary = `${lines} lines in the window${cut}, the newest line of the log at ${lastLineAt ?? 'no time'}`;
      if (broken > lines)
        return { status: 'warn', code: 'NOT_JSON', summary: `${broken} unreadable lines; ${summary}`, facts };
      return { status: 'ok', summary, facts };
    } catch (error) {
      const failure = { endpoint: ctx.cfg.LOG_DIR, ...plainError(error) };
      if (failure.code === 'ENOENT') return missingLog(ctx, `${ctx.cfg.LOG_DIR} does not exist`);
      const denied = await noPermission(ctx, { path: ctx.cfg.LOG_DIR, code: failure.code, botPid: botPid(ctx) });
      if (denied) return denied;
      return {
        status: 'fail',
        code: failure.code,
        summary: describeFailure(failure),
        facts: { 'logs.local.failure': failure },
      };
    }
  },
};

/** Reports a missing log. It is a fault only while the bot runs: a bot that never ran has no log. */
function missingLog({ dep }: CheckContext, summary: string): CheckOutcome {
  const isUp = dep('proc.up').status === 'ok';
  return isUp
    ? { status: 'warn', code: 'LOG_MISSING', summary: `${summary}, though the bot is up` }
    : { status: 'skip', reason: 'not_applicable', summary };
}

export const evPushes: Check = {
  id: 'ev.pushes',
  title: 'Pushes in the log',
  layer: 8,
  needs: ['logs.local'],
  critical: false,
  timeoutMs: 2000,
  onTimeout: 'unknown',
  declares: ['ev.pushes.traffic'],
  async run(ctx) {
    const { pushes: tally, complete } = await readCallbackLog(ctx);
    return outcome('pushes', tally, { complete, fact: 'ev.pushes.traffic' });
  },
};

export const evCallbacks: Check = {
  id: 'ev.callbacks',
  title: 'Callbacks in the log',
  layer: 8,
  needs: ['logs.local'],
  critical: false,
  timeoutMs: 2000,
  onTimeout: 'unknown',
  declares: ['ev.callbacks.traffic'],
  async run(ctx) {
    const { callbacks: tally, complete } = await readCallbackLog(ctx);
    return outcome('callbacks', tally, { complete, fact: 'ev.callbacks.traffic' });
  },
};

/** Returns the lines of `callback.log` in the window. The file is read once for all checks. */
export function readCallbackLog({ logs, cfg, window, hurry }: CheckContext) {
  const byConnection = platformIds().filter((platform) => usesLongConnection(cfg, platform));
  return logs.callbackLog({ dir: cfg.LOG_DIR, ...window, signal: hurry, byConnection });
}

export const evModel: Check = {
  id: 'ev.model',
  title: 'Model calls in the log',
  layer: 8,
  needs: ['logs.local'],
  critical: false,
  timeoutMs: 2000,
  onTimeout: 'unknown',
  declares: ['ev.model.traffic'],
  applies: ({ MODEL_BASE_URL }) => MODEL_BASE_URL !== undefined || { reason: 'not_configured', why: 'not configured' },
  async run({ logs, cfg, window, hurry }) {
    const { calls: tally, complete } = await logs.modelCalls({ dir: cfg.LOG_DIR, ...window, signal: hurry });
    return outcome('calls', tally, { complete, fact: 'ev.model.traffic' });
  },
};

/** Turns ok and warn into unknown if the log was not read to its end, because the unread part may hold failures. */
export function asFarAsRead(complete: boolean, outcome: CheckOutcome): CheckOutcome {
  if (complete || outcome.status === 'fail') return outcome;
  const summary = `${outcome.summary}; the rest of the log was not read in time`;
  return { ...outcome, status: 'unknown', reason: 'timeout', code: 'INCOMPLETE', summary };
}

interface ReadState {
  complete: boolean;
  /** The fact that holds the traffic. */
  fact: 'ev.pushes.traffic' | 'ev.callbacks.traffic' | 'ev.model.traffic';
}

/** Returns the counts as ok. The rules decide whether failures in the log are a fault. */
function outcome(noun: string, tally: Tally, { complete, fact }: ReadState): CheckOutcome {
  const traffic = tally.traffic();
  const summary = traffic.map((entry) => describe(entry, noun)).join(', ') || `no ${noun} in the window`;
  return asFarAsRead(complete, { status: 'ok', summary, errorGroups: tally.groups(), facts: factOf(fact, traffic) });
}

function describe({ platform, attempted, failed }: Traffic, noun: string): string {
  return `${platform}: ${failed} of ${attempted} ${noun} failed`;
}
