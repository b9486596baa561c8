// Sentences that several verdicts need.

import { platformName } from '../../../bot/platforms/registry.ts';
import type { Failure, Hop } from '../facts.ts';
import type { Knowledge } from '../judge/knowledge.ts';
import type { ErrorGroup, Symptom, Verdict } from '../report.ts';
import type { TargetInfo } from '../targets.ts';

export const DIAGNOSE = 'npm run -s diagnose --';
export const RESTART = 'make down && make up';

/** What a platform's failing pushes mean in numbers. */
export function pushImpact(known: Knowledge, platform: string): Verdict['impact'] {
  const name = platformName(platform);
  const traffic = known.traffic('push', platform);
  if (!traffic || traffic.failed === 0) {
    const before = traffic ? `; the ${traffic.attempted} pushes before went well` : ', and nobody tried in the window';
    return { text: `the bot cannot answer in ${name}${before}`, platform };
  }
  const { failed, attempted, chats } = traffic;
  const inChats = chats > 0 ? ` in ${chats} chat${chats === 1 ? '' : 's'}` : '';
  return { text: `${failed} of ${attempted} pushes to ${name} failed${inChats}`, platform, failed, attempted, chats };
}

/** Symptoms that follow when a platform cannot be sent to. */
export function followsFromPlatform(platform: string, classes: readonly string[]) {
  return (symptom: Symptom, group: ErrorGroup | undefined): boolean => {
    if (group) return group.platform === platform && group.kind === 'push' && classes.includes(group.class);
    if (symptom.id === `conn.${platform}`) return classes.includes('credentials');
    return symptom.id === `cred.${platform}` || symptom.id === 'queue.outbox';
  };
}

export interface FailedHop {
  target: TargetInfo;
  checkId: string;
  failure: Failure;
}

/** The failure of one hop of a target, if that is where its chain broke. */
export function failedHop(known: Knowledge, target: TargetInfo, hop: Hop): FailedHop | undefined {
  const checkId = `net.${target.id}.${hop}`;
  const failure = known.fact(`net.${target.id}.${hop}.failure`);
  return failure ? { target, checkId, failure } : undefined;
}
