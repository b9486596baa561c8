// Builds the texts and conditions that several verdicts share.

import { platformName } from '../../../bot/platforms/registry.ts';
import type { Failure, Hop } from '../facts.ts';
import type { Knowledge } from '../judge/knowledge.ts';
import type { ErrorGroup, Symptom, Verdict } from '../report.ts';
import type { TargetInfo } from '../targets.ts';

export const DIAGNOSE = './chatbot diagnose';
export const RESTART = 'make down && make up';

/** Returns the impact of failing pushes of a platform, with their number. */
export function pushImpact(known: Knowledge, platform: string): Verdict['impact'] {
  const name = platformName(platform);
  const traffic = known.traffic('push', platform);
  if (!traffic || traffic.failed === 0) {
    const before = traffic
      ? `; the ${traffic.attempted} earlier pushes in the window succeeded`
      : '; no push was tried in the window';
    return { text: `the bot cannot answer in ${name}${before}`, platform };
  }
  const { failed, attempted, chats } = traffic;
  const inChats = chats > 0 ? ` in ${chats} chat${chats === 1 ? '' : 's'}` : '';
  return { text: `${failed} of ${attempted} pushes to ${name} failed${inChats}`, platform, failed, attempted, chats };
}

/** Returns a test for symptoms that follow if nothing can be sent to a platform. */
export function followsFromPlatform(platform: string, classes: readonly string[]) {
  return (symptom: Symptom, group: ErrorGroup | undefined): boolean => {
    if (group) return group.platform === platform && group.kind === 'push' && classes.includes(group.class);
    if (symptom.id === `conn.${platform}`) return classes.includes('credentials');
    return symptom.id === `cred.${platform}` || symptom.id === 'queue.outbox';
  };
}

/** A failed step of the chain of a server. */
export interface FailedHop {
  target: TargetInfo;
  checkId: string;
  failure: Failure;
}

/** Returns the failure of one hop of a target, or undefined if the hop did not fail. */
export function failedHop(known: Knowledge, target: TargetInfo, hop: Hop): FailedHop | undefined {
  const checkId = `net.${target.id}.${hop}`;
  const failure = known.fact(`net.${target.id}.${hop}.failure`);
  return failure ? { target, checkId, failure } : undefined;
}
