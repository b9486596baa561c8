// `/status`: how the bot is doing, in a sentence; operators get the queues and platforms as well.
import type { StatusReport } from '../../status.ts';
import type { Phrases } from '../phrases.ts';
import type { ChatCommand } from './command.ts';

export function createStatusCommand(read: () => Promise<StatusReport>): ChatCommand {
  return {
    name: 'status',
    alias: '状态',
    async run({ phrases: { status }, operator }) {
      const report = await read();
      const lines = [summary(report, status), ...(operator ? details(report, status).map((line) => `- ${line}`) : [])];
      return { text: lines.join('\n') };
    },
  };
}

function summary(report: StatusReport, words: Phrases['status']): string {
  const { readiness, queues } = report;
  const waiting = queues ? queues.inbox.depth + queues.outbox.pending + queues.outbox.sending : '?';
  return words.summary(report, words.state[readiness.status], String(waiting));
}

function details(report: StatusReport, words: Phrases['status']): string[] {
  const { readiness, queues, platforms, connections } = report;
  return [
    ...readiness.conditions.filter(({ ok }) => !ok).map(({ id, detail }) => words.failing(id, detail)),
    ...(queues ? [words.inbox(queues), words.outbox(queues)] : []),
    ...Object.entries(platforms).map(([name, platform]) => words.platform(name, platform)),
    ...connections.map(words.connection),
    words.build(report),
  ];
}
