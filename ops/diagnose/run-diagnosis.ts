// Runs one diagnosis from settings to report: runs the checks, then applies the rules to their results.
import { existsSync } from 'node:fs';
import { applyProxy } from '../../bot/config/apply-proxy.ts';
import { type InstalledSettings, readInstalledSettings } from '../installation/installed-settings.ts';
import { allChecks } from './checks/all-checks.ts';
import { type Check, weightOf } from './engine/check.ts';
import { type RunResult, runChecks } from './engine/run-checks.ts';
import { judge } from './judge/judge.ts';
import { createKnowledge } from './judge/knowledge.ts';
import { concludeOutcome, isClear } from './judge/outcome.ts';
import { findSymptoms, markRecovered } from './judge/symptoms.ts';
import type { Ports } from './ports/ports.ts';
import { createRedactor } from './redact.ts';
import { type ErrorGroup, type Report, reportSchema } from './report.ts';
import { allRules } from './verdicts/all-rules.ts';

export interface DiagnosisOptions {
  env: NodeJS.ProcessEnv;
  /** The folder of the installation. */
  dir: string;
  ports: Ports;
  version: string;
  sinceMs: number;
  budgetMs: number;
  /** Ids of the selected checks. Undefined means all. */
  only?: string[];
  /** Ends the checks early. The report then contains the results so far. */
  signal?: AbortSignal;
  /** Called with the ids of the running checks whenever one starts or ends. */
  onChange?: (outstanding: string[]) => void;
}

/** Returns the report, redacted and checked against its schema. Nothing else of a run may be shown. */
export async function runDiagnosis(options: DiagnosisOptions): Promise<Report> {
  const installed = readInstalledSettings(options);
  if (installed.settings) applyProxy(installed.settings, options.env);
  const startedMs = options.ports.clock.now();
  const window = { from: new Date(startedMs - options.sinceMs), to: new Date(startedMs) };
  const checks = allChecks(installed);
  try {
    const { only, onChange, ports, budgetMs, signal } = options;
    const run = await runChecks({
      checks,
      cfg: installed.settings,
      ports,
      window,
      budgetMs,
      ...(only ? { only } : {}),
      ...(signal ? { signal } : {}),
      ...(onChange ? { onChange } : {}),
    });
    return conclude({ run, checks, installed, window, options });
  } finally {
    options.ports.http.close();
    options.ports.local.close();
  }
}

interface Findings {
  run: RunResult;
  checks: Check[];
  installed: InstalledSettings;
  window: { from: Date; to: Date };
  options: DiagnosisOptions;
}

/** Builds the report. Equal findings give equal reports, except for the salt of the redaction and the time used. */
function conclude({ run, checks, installed, window, options }: Findings): Report {
  const groups = markRecovered(run.errorGroups, run.checks);
  const weights = new Map(checks.map((check) => [check.id, weightOf(check)]));
  const symptoms = findSymptoms(run.checks, groups, (id) => weights.get(id) ?? 0);
  const startedAt = window.to.toISOString();
  const known = createKnowledge({ now: startedAt, cfg: installed.settings, checks: run.checks, groups, symptoms });
  const { tied, primary, ...judgement } = judge(allRules(), known, (patterns) => isClear(patterns, run.checks));
  const redactor = createRedactor({ secrets: installed.secrets });
  const report = redactor.deep({
    schemaVersion: 1 as const,
    tool: { version: options.version, node: process.version, where: location() },
    startedAt,
    window: { from: window.from.toISOString(), to: startedAt },
    outcome: concludeOutcome({ ...judgement, primary, tied, checks: run.checks }),
    ...(primary ? { primary } : {}),
    ...judgement,
    checks: run.checks,
    errorGroups: groups,
    timeline: timelineOf(groups, known.fact('proc.up.startedAt')),
    budget: {
      totalMs: options.budgetMs,
      usedMs: Math.max(0, options.ports.clock.now() - window.to.getTime()),
      exhausted: run.exhausted,
      externalCalls: run.externalCalls,
    },
  });
  return reportSchema.parse({ ...report, redaction: redactor.counts() });
}

function location(): string {
  return existsSync('/.dockerenv') ? 'in a container' : 'on this host';
}

function timelineOf(groups: ErrorGroup[], botStartedAt: string | undefined): Report['timeline'] {
  const events = groups.flatMap((group) => [
    { at: group.firstSeen, event: `first ${group.platform} ${group.kind} with ${group.code}`, ref: group.id },
    ...(group.recovered
      ? [{ at: group.lastSeen, event: `last ${group.platform} ${group.kind} with ${group.code}`, ref: group.id }]
      : []),
  ]);
  const started = botStartedAt ? [{ at: botStartedAt, event: 'the bot started', ref: 'proc.up' }] : [];
  return [...started, ...events].sort((a, b) => (a.at < b.at ? -1 : 1));
}
