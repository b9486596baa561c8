// Defines the verdicts about credentials and signatures.
import type { PlatformDescriptor } from '../../../bot/platforms/platform-descriptor.ts';
import type { SecretFault, TokenFault } from '../../../bot/platforms/platform-diagnosis.ts';
import { descriptors } from '../../../bot/platforms/registry.ts';
import { type Knowledge, wholeSeconds } from '../judge/knowledge.ts';
import type { Candidate, Rule } from '../judge/rule.ts';
import type { ErrorGroup, Remedy } from '../report.ts';
import { DIAGNOSE, followsFromPlatform, pushImpact, RESTART } from './shared.ts';

const groupsOf = (known: Knowledge, kind: ErrorGroup['kind'], platform: string) =>
  known.groups.filter((group) => group.kind === kind && group.platform === platform);

/** Returns the rules of all platforms: a wrong secret, and a rejected token if that has other causes. */
export function credentialRules(): Rule[] {
  return descriptors().flatMap((platform) => {
    const { tokenFault } = platform.diagnosis;
    return [secretRule(platform), ...(tokenFault ? [tokenRule(platform.id, tokenFault)] : [])];
  });
}

function secretRule({ id: platform, diagnosis: { secretFault: fault } }: PlatformDescriptor): Rule {
  const check = `cred.${platform}`;
  return {
    id: fault.id,
    layer: 6,
    label: fault.label,
    clearedBy: [check],
    reads: [
      `cred.${platform}.refused`,
      'ev.pushes.traffic',
      ...(fault.callbackReason === undefined ? [] : ['ev.callbacks.traffic' as const]),
    ],
    judge(known) {
      const [rejected] = (known.fact(`cred.${platform}.refused`) ?? []).filter(({ code }) => fault.isProbeCode(code));
      const pushes = groupsOf(known, 'push', platform).filter(fault.isPushError);
      const callbacks = groupsOf(known, 'callback', platform).filter(({ code }) => code === fault.callbackReason);
      const groups = [...pushes, ...callbacks];
      const parts = secretParts(known, platform, { fault, callbacks });
      if (!rejected) return fromLog(known, groups, parts);
      const discriminator = fault.discriminators[rejected.code];
      return {
        ...parts,
        confidence: 'proven',
        title: fault.provenTitle(rejected.app, rejected.code),
        evidence: [known.seen(check), ...groups.map(known.logged)],
        explains: known.explain(
          (symptom, group) =>
            callbacks.some(({ id }) => id === symptom.id) ||
            followsFromPlatform(platform, fault.follows)(symptom, group),
        ),
        ...(discriminator === undefined ? {} : { discriminator }),
      };
    },
  };
}

function secretParts(
  known: Knowledge,
  platform: string,
  { fault, callbacks: [group] }: { fault: SecretFault; callbacks: ErrorGroup[] },
) {
  const pushes = pushImpact(known, platform);
  const rejected = group ? `${group.count} of ${group.attempted} callbacks rejected; ` : '';
  const remedies: Remedy[] = [{ text: fault.remedy, commands: [RESTART], risk: 'credential' }];
  return {
    blame: 'us.config' as const,
    impact: { ...pushes, text: rejected + pushes.text },
    remedies,
    verify: `${DIAGNOSE} --only cred.${platform}`,
    title: fault.title,
  };
}

function tokenRule(platform: string, fault: TokenFault): Rule {
  const check = `cred.${platform}`;
  return {
    id: fault.id,
    layer: 7,
    label: fault.label,
    clearedBy: [check, 'ev.pushes'],
    reads: ['ev.pushes.traffic'],
    judge(known) {
      const groups = groupsOf(known, 'push', platform).filter(fault.isPushError);
      const latest = groups
        .map(({ lastSeen }) => lastSeen)
        .sort()
        .at(-1);
      // A later attempt with another result shows that the bot no longer uses the rejected token.
      const isLatest = latest !== undefined && latest === known.traffic('push', platform)?.lastAt;
      if (!isLatest || known.status(check) !== 'ok') return undefined;
      return {
        confidence: 'likely',
        blame: 'us.code',
        title: fault.title,
        impact: pushImpact(known, platform),
        evidence: [...groups.map(known.logged), known.seen(check)],
        explains: known.explain(followsFromPlatform(platform, ['token_expired'])),
        remedies: [{ text: 'Restart the bot, so that it fetches a new token.', commands: [RESTART], risk: 'restart' }],
        verify: `${DIAGNOSE} --since 5m --only ev.pushes,${check}`,
        discriminator: fault.discriminator,
      };
    },
  };
}

type Parts = Pick<Candidate, 'blame' | 'impact' | 'remedies' | 'verify' | 'title'>;

/** Proposes the cause from the log alone: `likely` if no later success is logged, otherwise a cause that is over. */
function fromLog(known: Knowledge, groups: ErrorGroup[], parts: Parts): Candidate | undefined {
  if (groups.length === 0) return undefined;
  const explains = known.explain((_, group) => group !== undefined && groups.includes(group));
  const base = { ...parts, confidence: 'likely' as const, evidence: groups.map(known.logged), explains };
  return explains.length > 0
    ? base
    : { ...base, past: true, title: pastTitle(parts, groups), onset: groups[0]?.firstSeen };
}

/**
 * Returns the title of a cause that is over. Wrong signatures alone prove nothing, because any sender can cause them.
 */
function pastTitle({ title }: Parts, groups: ErrorGroup[]): string {
  const last = wholeSeconds(
    groups
      .map(({ lastSeen }) => lastSeen)
      .sort()
      .at(-1) ?? '',
  );
  if (groups.some(({ kind }) => kind === 'push')) return `${title.replace(/\.$/, '')} until ${last}; it works again.`;
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  return `${count} callbacks until ${last} had a wrong signature. No check shows that our secret is wrong, so another sender may have caused them.`;
}
