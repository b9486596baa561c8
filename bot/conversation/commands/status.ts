// The command `/status`: one sentence about the bot's state, for operators also its queues and platforms.
import type { Status } from '../../health/status.ts';
import type { StatusReport } from '../../health/status-schema.ts';
import { withLocalTimes } from '../local-times.ts';
import type { Phrases } from '../phrases.ts';
import type { ChatCommand } from './command.ts';

type StatusPhrases = Phrases['status'];

export interface StatusCommandOptions {
  status: Status;
  /** Time zone of all shown times, such as `Asia/Shanghai`. */
  timeZone: string;
}

export function createStatusCommand({ status: source, timeZone }: StatusCommandOptions): ChatCommand {
  return {
    name: 'status',
    alias: '状态',
    async run({ phrases: { status }, operator }) {
      const report = withoutThisMessage(withLocalTimes(await source.report(), timeZone));
      const lines = [summary(report, status), ...(operator ? details(report, status).map((line) => `- ${line}`) : [])];
      return { text: lines.join('\n') };
    },
  };
}

/** Subtracts the `/status` message itself, which is in the inbox until it is answered. */
function withoutThisMessage(report: StatusReport): StatusReport {
  if (!report.queues) return report;
  const { inbox } = report.queues;
  return { ...report, queues: { ...report.queues, inbox: { ...inbox, depth: Math.max(0, inbox.depth - 1) } } };
}

function summary(report: StatusReport, phrases: StatusPhrases): string {
  const { readiness, queues } = report;
  const waiting = queues ? queues.inbox.depth + queues.outbox.pending + queues.outbox.sending : '?';
  return phrases.summary(report, phrases.state[readiness.status], String(waiting));
}

function details(report: StatusReport, phrases: StatusPhrases): string[] {
  const { readiness, queues, platforms, connections } = report;
  return [
    ...readiness.conditions.filter(({ ok }) => !ok).map(phrases.failing),
    ...(queues ? [phrases.inbox(queues), phrases.outbox(queues)] : []),
    ...Object.entries(platforms).map(([name, platform]) => phrases.platform(phrases.platformName(name), platform)),
    ...connections.map((connection) => phrases.connection(phrases.platformName(connection.platform), connection)),
    phrases.build(report),
  ];
}
