// Finds the symptoms that verdicts have to explain: failed checks, and failures in the log that are not over.
import { descriptorOf } from '../../../bot/platforms/registry.ts';
import type { CheckResult, ErrorGroup, Symptom } from '../report.ts';
import { type Advice, adviceForCode, adviceForGroup } from './advice.ts';
import { describeGroup } from './knowledge.ts';

/** Error classes of the network. They are over if the HTTP check of the server is ok now. */
const NETWORK_CLASSES = new Set(['network', 'timeout']);
/** Error classes of the credentials. They are over if the platform accepts the credentials now. */
const CREDENTIAL_CLASSES = new Set(['credentials']);
/** Minimum number of rejected callbacks for a fault, because any sender on the internet can cause a few of them. */
const MIN_REJECTED_CALLBACKS = 3;
/** Error classes that usually concern one question and not the model. */
const SINGLE_QUESTION_CLASSES = new Set(['context_length', 'content_filter', 'aborted']);
/**
 * Error classes that usually concern one reply or one chat. The reply becomes a dead letter, for which `queue.outbox`
 * warns.
 */
const SINGLE_PUSH_CLASSES = new Set(['target_gone', 'content_rejected', 'too_large']);
/** Share of the attempts from which a class that usually concerns one question or chat concerns all of them. */
const COMMON_SHARE = 0.5;
/** Minimum number of failed questions, or of chats with a failed reply, for the same. */
const COMMON_COUNT = 3;
/** Maximum weight of a group of log lines, so that a busy hour does not outweigh a process that is down. */
const GROUP_WEIGHT_LIMIT = 90;

/** Marks groups as recovered if a check shows that they are over. The log alone cannot show it. */
export function markRecovered(groups: ErrorGroup[], checks: CheckResult[]): ErrorGroup[] {
  const isOk = (id: string) => checks.some((check) => check.id === id && check.status === 'ok');
  return groups.map((group) => {
    // A slow model times out although its server can be reached.
    const isSlowModel = group.kind === 'model' && group.class === 'timeout';
    const isReachable = NETWORK_CLASSES.has(group.class) && !isSlowModel && isOk(`net.${group.platform}.http`);
    const isAccepted = group.kind === 'push' && CREDENTIAL_CLASSES.has(group.class) && isOk(`cred.${group.platform}`);
    // Only a binding ends this fault. A later message of another organisation does not.
    if (group.class === 'unknown_tenant') return { ...group, recovered: isOk('ev.ignored') };
    return { ...group, recovered: group.recovered || isReachable || isAccepted };
  });
}

/** Returns a symptom for each failed check and for each group of failures that is a fault and not over. */
export function findSymptoms(
  checks: CheckResult[],
  groups: ErrorGroup[],
  weightOf: (checkId: string) => number,
): Symptom[] {
  const failed = checks
    .filter((check) => check.status === 'fail')
    .map((check): Symptom => {
      const onset = onsetOf(check, groups);
      const advice = adviceForCheck(check);
      const text = `${check.title}: ${check.summary}`;
      return { id: check.id, kind: 'check', weight: weightOf(check.id), text, ...(onset ? { onset } : {}), ...advice };
    });
  const logged = groups
    .filter((group) => !group.recovered && isFault(group, checks))
    .map((group): Symptom => {
      const weight = Math.min(group.count, GROUP_WEIGHT_LIMIT);
      const text = describeGroup(group);
      return { id: group.id, kind: 'errorGroup', weight, text, onset: group.firstSeen, ...adviceForGroup(group) };
    });
  return [...failed, ...logged];
}

function adviceForCheck({ id, code }: CheckResult): Advice {
  const platform = platformOfCredentials(id);
  return platform === undefined || code === undefined ? {} : adviceForCode(platform, code);
}

function platformOfCredentials(checkId: string): string | undefined {
  return /^cred\.(\w+)$/.exec(checkId)?.[1];
}

function onsetOf(check: CheckResult, groups: ErrorGroup[]): string | undefined {
  const platform = platformOfCredentials(check.id);
  const related = groups.filter((group) => group.platform === platform && !group.recovered);
  return related.map((group) => group.firstSeen).sort()[0];
}

function isFault(group: ErrorGroup, checks: CheckResult[]): boolean {
  if (group.kind === 'callback') return isCallbackFault(group, checks);
  const isSingle = (group.kind === 'push' ? SINGLE_PUSH_CLASSES : SINGLE_QUESTION_CLASSES).has(group.class);
  return !isSingle || isCommon(group);
}

function isCommon({ kind, count, attempted, chats }: ErrorGroup): boolean {
  return count >= COMMON_SHARE * attempted && (kind === 'push' ? chats : count) >= COMMON_COUNT;
}

/** Counts callbacks that failed in the bot, and rejected callbacks only if they look like callbacks of the platform. */
function isCallbackFault(group: ErrorGroup, checks: CheckResult[]): boolean {
  if (['store_failed', 'not_configured', 'unknown_tenant'].includes(group.class)) return true;
  const looksGenuine = ['signature_mismatch', 'decrypt_failed', 'stale_timestamp', 'unknown_app', 'overloaded'];
  if (!looksGenuine.includes(group.class)) return false;
  const secretIsGood = checks.some((check) => check.id === `cred.${group.platform}` && check.status === 'ok');
  // The platform signs callbacks with the secret that it accepts now, so these came from another sender.
  if (secretIsGood && isSignedBySecret(group)) return false;
  return group.count >= MIN_REJECTED_CALLBACKS;
}

function isSignedBySecret({ platform, class: reason }: ErrorGroup): boolean {
  return descriptorOf(platform)?.diagnosis.secretFault.callbackReason === reason;
}
