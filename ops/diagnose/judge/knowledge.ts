// Collects the input of the rules: facts, results, error groups and symptoms. All of it is known before a rule runs.
import type { Settings } from '../../../bot/config/settings.ts';
import type { FactKey, FactTypes, Traffic } from '../facts.ts';
import type { CheckResult, ErrorGroup, EvidenceRef, Status, Symptom } from '../report.ts';

export interface Knowledge {
  /** Start of the diagnosis, ISO 8601. */
  now: string;
  cfg: Settings | undefined;
  symptoms: Symptom[];
  groups: ErrorGroup[];
  fact<K extends FactKey>(key: K): FactTypes[K] | undefined;
  status(checkId: string): Status | undefined;
  /** Returns the evidence of a check. The default quote is its summary. */
  seen(checkId: string, quote?: string): EvidenceRef;
  /** Returns the evidence of an error group. */
  logged(group: ErrorGroup): EvidenceRef;
  /** Returns the ids of the symptoms that fit. */
  explain(fits: (symptom: Symptom, group: ErrorGroup | undefined) => boolean): string[];
  traffic(kind: 'push' | 'callback', platform: string): Traffic | undefined;
}

export interface KnowledgeInput {
  now: string;
  cfg: Settings | undefined;
  checks: CheckResult[];
  groups: ErrorGroup[];
  symptoms: Symptom[];
}

export function createKnowledge({ now, cfg, checks, groups, symptoms }: KnowledgeInput): Knowledge {
  const facts = new Map(checks.flatMap((check) => check.facts.map((fact) => [fact.key, fact.value] as const)));
  const byId = new Map(checks.map((check) => [check.id, check]));
  // A check can emit only declared facts, and the compiler checks their types in the check.
  const fact = <K extends FactKey>(key: K) => facts.get(key) as FactTypes[K] | undefined;
  return {
    now,
    cfg,
    symptoms,
    groups,
    fact,
    status: (id) => byId.get(id)?.status,
    seen(id, quote) {
      const check = byId.get(id);
      return { source: 'probe', ref: id, at: check?.startedAt ?? now, quote: quote ?? check?.summary ?? '' };
    },
    logged: (group) => ({
      source: 'log',
      ref: group.kind === 'model' ? 'app.log' : 'callback.log',
      at: group.lastSeen,
      quote: describeGroup(group),
    }),
    explain: (fits) =>
      symptoms
        .filter((symptom) =>
          fits(
            symptom,
            groups.find((group) => group.id === symptom.id),
          ),
        )
        .map((symptom) => symptom.id),
    traffic: (kind, platform) =>
      (fact(kind === 'push' ? 'ev.pushes.traffic' : 'ev.callbacks.traffic') ?? []).find(
        (traffic) => traffic.platform === platform,
      ),
  };
}

/** Returns a text such as `10014 ×12 at token, first …, last … (trace …)`, with times in whole seconds. */
export function describeGroup(group: ErrorGroup): string {
  const trace = group.traceId ? ` (trace ${group.traceId})` : '';
  const [first, last] = [group.firstSeen, group.lastSeen].map(wholeSeconds);
  return `${group.code} ×${group.count} at ${group.stage}, first ${first}, last ${last}${trace}`;
}

/** Removes the fraction of a second from an ISO 8601 time. */
export function wholeSeconds(iso: string): string {
  return iso.replace(/\.\d+Z$/, 'Z');
}
