// Builds the parts that the text form and the Markdown form share.
import { type CheckResult, type Report, STATUSES } from '../report.ts';
import { allRules } from '../verdicts/all-rules.ts';

/** Returns a line such as `31 checks: 28 ok, 1 fail, 2 skip`. */
export function summaryLine(checks: CheckResult[]): string {
  const counts = STATUSES.map((status) => ({
    status,
    count: checks.filter((check) => check.status === status).length,
  }));
  const parts = counts.filter(({ count }) => count > 0).map(({ status, count }) => `${count} ${status}`);
  return `${checks.length} checks: ${parts.join(', ')}`;
}

/** Returns the labels of the verdicts that are ruled out. */
export function ruledOutLabels({ ruledOut }: Report): string[] {
  return allRules()
    .filter(({ id }) => ruledOut.includes(id))
    .map(({ label }) => label);
}

/** Returns the skipped checks by reason. Checks of one chain are shortened to `net.feishu.*`. */
export function notRun(checks: CheckResult[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { id, status, summary, reason } of checks) {
    // A skipped TLS check without TLS is not worth a line.
    const isNoise = reason === 'not_applicable' && id.endsWith('.tls');
    if (status !== 'skip' || isNoise) continue;
    byReason.set(summary, [...(byReason.get(summary) ?? []), id]);
  }
  return [...byReason].map(([summary, ids]) => `${collapse(ids).join(', ')}: ${summary}`);
}

function collapse(ids: string[]): string[] {
  const chain = (id: string) => /^net\.[\w-]+/.exec(id)?.[0];
  const names = ids.map((id) => {
    const mine = chain(id);
    return mine && ids.filter((other) => chain(other) === mine).length > 1 ? `${mine}.*` : id;
  });
  return [...new Set(names)];
}
