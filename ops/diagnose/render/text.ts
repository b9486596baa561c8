// Renders the report for a terminal: the result in the first six lines, and passed checks only if verbose.

import { platformName } from '../../../bot/platforms/registry.ts';
import type { CheckResult, Report, Status, Symptom, Verdict } from '../report.ts';
import { clockTime, duration, localTime, wrap } from './format.ts';
import { notRun, ruledOutLabels, summaryLine } from './parts.ts';

export interface TextOptions {
  color: boolean;
  /** True adds every check with its summary. */
  verbose: boolean;
  /** Columns; default 100. */
  width?: number;
}

type Paint = (text: string) => string;
interface Style {
  bold: Paint;
  dim: Paint;
  red: Paint;
  green: Paint;
  yellow: Paint;
  width: number;
}

/** Number of columns before the text of a labelled line. */
const HEAD = 14;

/** Returns the report as text with a line break at the end. */
export function renderText(report: Report, { color, verbose, width = 100 }: TextOptions): string {
  const style = createStyle(color, width);
  const blocks = [
    heading(report, style),
    conclusion(report, style),
    report.contributing.flatMap((verdict, index) => [
      ...(index > 0 ? [''] : []),
      ...verdictLines(report, verdict, 'AND ALSO', style),
    ]),
    notes(report, style),
    verbose ? report.checks.map((check) => checkLine(check, style)) : [],
    footer(report, verbose, style),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}

function createStyle(color: boolean, width: number): Style {
  const paint =
    (open: number, close: number): Paint =>
    (text) =>
      color ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    width,
  };
}

function heading({ tool, startedAt, window, budget }: Report, { dim }: Style): string[] {
  const calls = Object.entries(budget.externalCalls).map(
    ([name, count]) => `, ${count} ${platformName(name)} call${count === 1 ? '' : 's'}`,
  );
  const span = duration(Date.parse(window.to) - Date.parse(window.from));
  const used = `${(budget.usedMs / 1000).toFixed(1)} s of ${budget.totalMs / 1000} s`;
  return [
    dim(`chatbot diagnose ${tool.version} · ${localTime(startedAt)} · ${tool.where}`),
    dim(`looked back ${span} · took ${used} · read-only${calls.join('')}`),
  ];
}

function conclusion(report: Report, style: Style): string[] {
  if (report.primary) return verdictLines(report, report.primary, 'ROOT CAUSE', style);
  const ran = report.checks.filter(({ status }) => status !== 'skip').length;
  const count = (status: Status) => report.checks.filter((check) => check.status === status).length;
  if (report.outcome === 'healthy') return labelled('HEALTHY', `No fault found in ${ran} checks.`, style, style.green);
  if (report.outcome === 'degraded') {
    const warned = count('warn');
    // Without a warning there is a fault in the window that is over, or an unknown result. The lines below list it.
    const attention = warned === 0 ? 'see the notes below' : `${warned} warning${warned === 1 ? '' : 's'}`;
    return labelled('DEGRADED', `No fault found in ${ran} checks; ${attention}.`, style, style.yellow);
  }
  const text = 'No known cause explains the faults. Faults and checks without a result are listed below.';
  return labelled('UNDETERMINED', text, style, style.yellow);
}

function verdictLines(report: Report, verdict: Verdict, label: string, style: Style): string[] {
  const { id, confidence, blame, title, impact, evidence, remedies, verify, runbook, onset, discriminator } = verdict;
  const left = ` ${label.padEnd(HEAD - 2)} ${id}`;
  const right = `${confidence} · blame ${blame}`;
  const gap = Math.max(2, style.width - left.length - right.length);
  const since = onset
    ? ` · since ${clockTime(onset)} (${duration(Date.parse(report.startedAt) - Date.parse(onset))} ago)`
    : '';
  return [
    style.bold(` ${style.red(label.padEnd(HEAD - 2))} ${id}`) + ' '.repeat(gap) + style.dim(right),
    ...wrap(title, style.width - 1).map((line) => ` ${style.bold(line)}`),
    ...field('Impact', impact.text + since, style),
    ...evidence.flatMap(({ quote, ref }, index) => field(index === 0 ? 'Evidence' : '', `${quote}  [${ref}]`, style)),
    ...remedies.flatMap(({ text, commands, risk }, index) => [
      ...field(index === 0 ? 'Do now' : '', `${text} (risk: ${risk})`, style),
      ...commands.flatMap((command) => field('', `$ ${style.bold(command)}`, style)),
    ]),
    ...(discriminator ? field('Unsure?', discriminator, style) : []),
    ...field('Verify', verify, style),
    ...field('Runbook', runbook, style),
  ];
}

function notes(report: Report, style: Style): string[] {
  const warnings = report.checks.filter(({ status }) => status === 'warn');
  const unknown = report.checks.filter(({ status }) => status === 'unknown');
  const cleared = ruledOutLabels(report);
  const skipped = notRun(report.checks);
  return [
    ...report.alsoSeen.flatMap(({ id, title }) => labelled('ALSO SEEN', `${id}  ${title}`, style)),
    ...warnings.flatMap(({ id, summary }) => labelled('WARNING', `${summary}  [${id}]`, style, style.yellow)),
    ...unknown.flatMap(({ id, summary }) => labelled('UNKNOWN', `${summary}  [${id}]`, style, style.yellow)),
    ...report.unexplained.flatMap((symptom) => unexplainedLines(symptom, style)),
    ...(cleared.length > 0 ? labelled('RULED OUT', cleared.join(' · '), style) : []),
    ...(skipped.length > 0 ? labelled('NOT RUN', skipped.join(' · '), style) : []),
  ];
}

function unexplainedLines({ text, id, blame, hint }: Symptom, style: Style): string[] {
  return [
    ...labelled('UNEXPLAINED', `${text}  [${id}]`, style, style.red),
    ...(hint ? field('Do now', hint, style) : []),
    ...(blame ? field('Blame', blame, style) : []),
  ];
}

function footer(report: Report, verbose: boolean, { dim }: Style): string[] {
  const more = verbose ? '' : '   all of them: -v';
  return [dim(` ${summaryLine(report.checks)}${more} · to share: --markdown`)];
}

function checkLine({ id, status, summary, ms }: CheckResult, style: Style): string {
  const paints: Record<Status, Paint> = {
    ok: style.green,
    warn: style.yellow,
    fail: style.red,
    skip: style.dim,
    unknown: style.yellow,
  };
  return ` ${paints[status](status.padEnd(8))} ${id.padEnd(24)} ${String(ms).padStart(5)} ms  ${summary}`;
}

function labelled(label: string, text: string, style: Style, paint: Paint = (value) => value): string[] {
  return wrap(text, style.width - HEAD).map((line, index) =>
    index === 0 ? ` ${style.bold(paint(label.padEnd(HEAD - 2)))} ${line}` : ' '.repeat(HEAD) + line,
  );
}

function field(label: string, text: string, style: Style): string[] {
  return wrap(text, style.width - HEAD).map(
    (line, index) => `   ${(index === 0 ? label : '').padEnd(HEAD - 3)}${line}`,
  );
}
