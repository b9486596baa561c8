// `/status`: the bot's state in a sentence; operators get the queues and platforms as well.
import type { Status, StatusReport } from '../../health/status.ts';
import { withLocalTimes } from '../local-times.ts';
import type { Phrases } from '../phrases.ts';
import type { ChatCommand } from './command.ts';

type Words = Phrases['status'];

export interface StatusCommandOptions {
  status: Status;
  /** Name of the zone of all times, such as `Asia/Shanghai`. */
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

/** The question itself is in the inbox until it is answered. */
function withoutThisMessage(report: StatusReport): StatusReport {
  if (!report.queues) return report;
  const { inbox } = report.queues;
  return { ...report, queues: { ...report.queues, inbox: { ...inbox, depth: Math.max(0, inbox.depth - 1) } } };
}

function summary(report: StatusReport, words: Words): string {
  const { readiness, queues } = report;
  const waiting = queues ? queues.inbox.depth + queues.outbox.pending + queues.outbox.sending : '?';
  return words.summary(report, words.state[readiness.status], String(waiting));
}

function details(report: StatusReport, words: Words): string[] {
  const { readiness, queues, platforms, connections } = report;
  const names: Record<string, string> = words.platformName;
  return [
    ...readiness.conditions.filter(({ ok }) => !ok).map(words.failing),
    ...(queues ? [words.inbox(queues), words.outbox(queues)] : []),
    ...Object.entries(platforms).map(([name, platform]) => words.platform(names[name] ?? name, platform)),
    ...connections.map((connection) => words.connection(words.platformName[connection.platform], connection)),
    words.build(report),
  ];
}
