// Renders the report for an incident channel: short, and without extensions of Markdown.
import type { Report, Verdict } from '../report.ts';
import { localTime } from './format.ts';
import { notRun, ruledOutLabels, summaryLine } from './parts.ts';

/** Maximum number of characters, because chat platforms cut or reject long messages. */
const LIMIT = 4000;

/** Returns the report as Markdown, cut to 4,000 characters. */
export function renderMarkdown(report: Report): string {
  const lines = [
    ...headline(report),
    ...report.contributing.flatMap((verdict) => ['', ...verdictLines('And also', verdict)]),
    ...list(
      'Unexplained',
      report.unexplained.map(({ text, id, blame, hint }) =>
        [`${text} (${id})`, blame && `blame ${blame}`, hint].filter(Boolean).join(', '),
      ),
    ),
    ...list(
      'Unknown',
      report.checks.filter(({ status }) => status === 'unknown').map(({ id, summary }) => `${id}: ${summary}`),
    ),
    ...list(
      'Warnings',
      report.checks.filter(({ status }) => status === 'warn').map(({ id, summary }) => `${id}: ${summary}`),
    ),
    ...list(
      'Also seen',
      report.alsoSeen.map(({ id, title }) => `${id}: ${title}`),
    ),
    ...list('Ruled out', ruledOutLabels(report)),
    ...list('Not run', notRun(report.checks)),
    '',
    `${summaryLine(report.checks)}, ${localTime(report.startedAt)}, ${report.tool.where}`,
  ];
  const text = `${lines.join('\n')}\n`;
  return text.length <= LIMIT ? text : `${text.slice(0, LIMIT - 2).toWellFormed()}…\n`;
}

function headline(report: Report): string[] {
  if (report.primary) return verdictLines('Root cause', report.primary);
  const texts = {
    healthy: '**Healthy**: no fault found.',
    degraded: '**Degraded**: no fault found, but some points need attention.',
    undetermined: '**Undetermined**: no known cause explains the faults, or checks could not finish.',
    broken: '**Broken**',
  };
  return [texts[report.outcome]];
}

function verdictLines(label: string, verdict: Verdict): string[] {
  const { id, confidence, blame, title, impact, evidence, remedies, verify, runbook, onset } = verdict;
  const since = onset ? ` Since ${localTime(onset)}.` : '';
  return [
    `**${label} (${confidence}): ${id}**, blame ${blame}`,
    '',
    `${title} ${capitalise(impact.text)}.${since}`,
    '',
    ...evidence.map(({ quote, ref }) => `- ${quote} (${ref})`),
    '',
    ...remedies.map(
      ({ text, commands }) => `**Do:** ${text} ${commands.map((command) => `\`${command}\``).join(', ')}`,
    ),
    `**Verify:** \`${verify}\``,
    `**Runbook:** ${runbook}`,
  ];
}

function list(label: string, entries: string[]): string[] {
  return entries.length === 0 ? [] : ['', `**${label}:** ${entries.join(' · ')}`];
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
