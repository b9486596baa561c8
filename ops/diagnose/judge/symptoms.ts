// What has to be explained: failed checks, and failures in the log that are not over.
import { descriptors } from '../../../bot/platforms/registry.ts';
import type { CheckResult, ErrorGroup, Symptom } from '../report.ts';
import { describeGroup } from './knowledge.ts';

/** Failures of the way: a probe that gets through now says they are over. */
const TRANSIENT = new Set(['network', 'timeout']);
/** Failures of the credentials: the platform accepting them now says they are over. */
const IDENTITY = new Set(['credentials']);
/** Refusals that anybody on the internet can cause by sending garbage; only many of them and nothing genuine mean a fault. */
const FORGEABLE_LEAST = 3;
/** What one question is refused for says nothing about the service. */
const ABOUT_ONE_QUESTION = new Set(['context_length', 'content_filter', 'aborted']);
/** Nor does what one answer or one chat is refused for; the outbox keeps it, and warns. */
const ABOUT_ONE_PUSH = new Set(['target_gone', 'content_rejected', 'too_large']);
/** More log lines than this weigh no more: a busy hour must not outweigh a dead process. */
const GROUP_WEIGHT_LIMIT = 90;

/** Marks as recovered what the log alone could not know to be over. */
export function settleGroups(groups: ErrorGroup[], checks: CheckResult[]): ErrorGroup[] {
  const isOk = (id: string) => checks.some((check) => check.id === id && check.status === 'ok');
  return groups.map((group) => {
    // A model that thinks too long is behind a way that is free.
    const isSlowModel = group.kind === 'model' && group.class === 'timeout';
    const wayIsFree = TRANSIENT.has(group.class) && !isSlowModel && isOk(`net.${group.platform}.http`);
    const isAccepted = group.kind === 'push' && IDENTITY.has(group.class) && isOk(`cred.${group.platform}`);
    // A later message of another organisation does not help the lost one; a binding does.
    if (group.class === 'unknown_tenant') return { ...group, recovered: isOk('ev.ignored') };
    return { ...group, recovered: group.recovered || wayIsFree || isAccepted };
  });
}

export function findSymptoms(
  checks: CheckResult[],
  groups: ErrorGroup[],
  weightOf: (checkId: string) => number,
): Symptom[] {
  const failed = checks
    .filter((check) => check.status === 'fail')
    .map((check): Symptom => {
      const onset = onsetOf(check, groups);
      const text = `${check.title}: ${check.summary}`;
      return { id: check.id, kind: 'check', weight: weightOf(check.id), text, ...(onset ? { onset } : {}) };
    });
  const logged = groups
    .filter((group) => !group.recovered && isFault(group, checks))
    .map((group): Symptom => {
      const weight = Math.min(group.count, GROUP_WEIGHT_LIMIT);
      return { id: group.id, kind: 'errorGroup', weight, text: describeGroup(group), onset: group.firstSeen };
    });
  return [...failed, ...logged];
}

function onsetOf(check: CheckResult, groups: ErrorGroup[]): string | undefined {
  const platform = /^cred\.(\w+)$/.exec(check.id)?.[1];
  const related = groups.filter((group) => group.platform === platform && !group.recovered);
  return related.map((group) => group.firstSeen).sort()[0];
}

function isFault(group: ErrorGroup, checks: CheckResult[]): boolean {
  if (group.kind === 'callback') return isFaultOfOurs(group, checks);
  return !(group.kind === 'push' ? ABOUT_ONE_PUSH : ABOUT_ONE_QUESTION).has(group.class);
}

/** Callbacks we answered with an error of our own always count; refused ones only if they look like the platform's. */
function isFaultOfOurs(group: ErrorGroup, checks: CheckResult[]): boolean {
  if (['store_failed', 'not_configured', 'unknown_tenant'].includes(group.class)) return true;
  const looksGenuine = ['signature_mismatch', 'decrypt_failed', 'stale_timestamp', 'unknown_app', 'overloaded'];
  if (!looksGenuine.includes(group.class)) return false;
  const secretIsGood = checks.some((check) => check.id === `cred.${group.platform}` && check.status === 'ok');
  // Such callbacks are signed with the secret that was just accepted, so the signature is another sender's.
  if (secretIsGood && isSignedBySecret(group)) return false;
  return group.count >= FORGEABLE_LEAST;
}

function isSignedBySecret({ platform, class: reason }: ErrorGroup): boolean {
  return descriptors().some(({ id, diagnosis }) => id === platform && diagnosis.secretFault.callbackReason === reason);
}
