// Formats the results of several runs as one table.
import type { Result } from './run-scenario.ts';

const COLUMNS: [string, (result: Result) => string | number][] = [
  ['scenario', (r) => `${r.scenario} (${r.database})`],
  ['sent', (r) => r.messages],
  ['acknowledged', (r) => r.acknowledged],
  ['answered', (r) => r.answered],
  ['twice', (r) => r.twice],
  ['explained', (r) => r.notice + r.unknown + r.dead],
  ['lost', (r) => r.lost + r.waiting],
  ['ack p99/max ms', (r) => `${r.ackP99Ms}/${r.ackMaxMs}`],
  ['next ack p50/max s', (r) => `${r.recoveryAck.p50 ?? '-'}/${r.recoveryAck.max ?? '-'}`],
  ['next answer p50/max s', (r) => `${r.recoveryAnswer.p50 ?? '-'}/${r.recoveryAnswer.max ?? '-'}`],
  ['guarantees', (r) => (r.broken.length === 0 ? 'met' : 'VIOLATED')],
];

export function table(results: readonly Result[]): string {
  const lines = [
    COLUMNS.map(([title]) => title),
    ...results.map((result) => COLUMNS.map(([, cell]) => `${cell(result)}`)),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
