// Checks the messages that were acknowledged but not answered, and finds the reasons that are not normal.
import { platformIds, platformName } from '../../../bot/platforms/registry.ts';
import type { Check, CheckOutcome } from '../engine/check.ts';
import type { Ignored, Stranger } from '../facts.ts';
import { type BotStatus, fetchStatus } from './bot-status.ts';
import { asFarAsRead, readCallbackLog } from './evidence.ts';

/** Minimum number of ignored messages, without an accepted one, for a warning. */
const MIN_SUSPICIOUS = 10;

/** Reasons that may hide a setup error, with the item to check. The other reasons are normal. */
const SUSPICIOUS_REASONS: Record<string, string> = {
  not_mentioned: 'check that the app belongs to the bot that people mention',
  not_text: 'check whether a client sends a new type of message',
  empty_text: 'check whether a client sends a new type of message',
  unknown_event_type: 'check which events are subscribed',
};

export const evIgnored: Check = {
  id: 'ev.ignored',
  title: 'Ignored messages',
  layer: 7,
  needs: ['logs.local'],
  after: ['proc.up'],
  critical: false,
  timeoutMs: 3000,
  onTimeout: 'unknown',
  declares: ['ev.ignored.reasons', 'ev.ignored.strangers', 'ev.ignored.instead'],
  async run(ctx) {
    const { ignored, complete } = await readCallbackLog(ctx);
    const status = ctx.dep('proc.up').status === 'ok' ? await fetchStatus(ctx) : undefined;
    const reasons = ignored.reasons();
    const strangers = ignored.strangers().filter((one) => !isBound(one, status));
    if (strangers.length > 0) return unboundOutcome(strangers, reasons, status);
    const warnings = [...unknownBots(status), ...silentPlatforms(reasons, ignored.accepted)];
    const facts = { 'ev.ignored.reasons': reasons };
    const summary = reasons.map(describeIgnored).join(', ') || 'none in the window';
    const found: CheckOutcome =
      warnings.length > 0
        ? { status: 'warn', code: 'NOBODY_HEARD', summary: warnings.join('; '), facts }
        : { status: 'ok', summary, facts };
    return asFarAsRead(complete, found);
  },
};

function unboundOutcome(strangers: Stranger[], reasons: Ignored[], status: BotStatus | undefined): CheckOutcome {
  const summary = strangers
    .map(({ platform, appId, organisation, count }) => `${count} messages of ${platform}:${appId}:${organisation}`)
    .join(', ');
  // The organisations that are bound to the app now. One of them may be the former id of the unbound organisation.
  const instead = (status?.organisations.bound ?? []).filter((one) =>
    strangers.some(({ platform, appId }) => platform === one.platform && appId === one.appId),
  );
  return {
    status: 'fail',
    code: 'UNKNOWN_TENANT',
    summary: `${summary}: bound to no tenant`,
    facts: { 'ev.ignored.reasons': reasons, 'ev.ignored.strangers': strangers, 'ev.ignored.instead': instead },
  };
}

/** Returns true if the organisation was bound in the meantime, so that its next message is answered. */
function isBound({ platform, appId, organisation }: Stranger, status: BotStatus | undefined): boolean {
  return (status?.organisations.bound ?? []).some(
    (one) => one.platform === platform && one.appId === appId && one.organisation === organisation,
  );
}

/** Reports apps whose own bot id is unknown. Without it, messages to the bot look like messages to others. */
function unknownBots(status: BotStatus | undefined): string[] {
  return Object.values(status?.platforms ?? {}).flatMap(({ botIdProblems }) =>
    Object.entries(botIdProblems).map(
      ([appId, problem]) => `group messages to ${appId} wait, because the bot's own id is unknown: ${problem}`,
    ),
  );
}

function silentPlatforms(reasons: Ignored[], accepted: (platform: string) => number): string[] {
  return platformIds().flatMap((platform) => {
    const hidden = reasons.filter((one) => one.platform === platform && one.reason in SUSPICIOUS_REASONS);
    const count = hidden.reduce((sum, one) => sum + one.count, 0);
    if (accepted(platform) > 0 || count < MIN_SUSPICIOUS) return [];
    const hints = [...new Set(hidden.map(({ reason }) => SUSPICIOUS_REASONS[reason]))].join('; ');
    return [`${platformName(platform)}: no message was accepted, ${hidden.map(countedReason).join(', ')}: ${hints}`];
  });
}

const countedReason = ({ reason, count }: Ignored) => `${count} ${reason}`;

function describeIgnored({ platform, reason, count }: Ignored): string {
  return `${platform}: ${count} ${reason}`;
}
