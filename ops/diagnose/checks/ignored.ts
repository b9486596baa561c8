// Messages that were acknowledged and not answered: normal, or users who are lost.
import { platformIds, platformName } from '../../../bot/platforms/registry.ts';
import type { Check, CheckOutcome } from '../engine/check.ts';
import type { Ignored, Stranger } from '../facts.ts';
import { type BotStatus, fetchStatus } from './bot-status.ts';
import { asFarAsRead, readCallbackLog } from './evidence.ts';

/** So many ignored messages without one that was accepted are no accident. */
const SUSPICIOUS_LEAST = 10;

/** Reasons that hide users if the bot is set up wrongly, and what to look at. The other reasons are normal. */
const HIDES_USERS: Record<string, string> = {
  not_mentioned: 'does the app still belong to the bot that people mention?',
  not_text: 'does a client send messages of a new kind?',
  empty_text: 'does a client send messages of a new kind?',
  unknown_event_type: 'are the right events subscribed?',
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
    if (strangers.length > 0) return lost(strangers, reasons, status);
    const doubts = [...unknownBots(status), ...silentPlatforms(reasons, ignored.accepted)];
    const facts = { 'ev.ignored.reasons': reasons };
    const summary = reasons.map(inWords).join(', ') || 'none in the window';
    const found: CheckOutcome =
      doubts.length > 0
        ? { status: 'warn', code: 'NOBODY_HEARD', summary: doubts.join('; '), facts }
        : { status: 'ok', summary, facts };
    return asFarAsRead(complete, found);
  },
};

function lost(strangers: Stranger[], reasons: Ignored[], status: BotStatus | undefined): CheckOutcome {
  const summary = strangers
    .map(({ platform, appId, organisation, count }) => `${count} messages of ${platform}:${appId}:${organisation}`)
    .join(', ');
  // The organisations that have the app now: one of them may be the lost one's former id.
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

/** Bound since, so that its next message is answered. */
function isBound({ platform, appId, organisation }: Stranger, status: BotStatus | undefined): boolean {
  return (status?.organisations.bound ?? []).some(
    (one) => one.platform === platform && one.appId === appId && one.organisation === organisation,
  );
}

/** Without the bot's own id no group message can be told from one to others. */
function unknownBots(status: BotStatus | undefined): string[] {
  return Object.values(status?.platforms ?? {}).flatMap(({ botIdProblems }) =>
    Object.entries(botIdProblems).map(
      ([appId, problem]) => `group messages to ${appId} wait, because the bot's own id is unknown: ${problem}`,
    ),
  );
}

function silentPlatforms(reasons: Ignored[], accepted: (platform: string) => number): string[] {
  return platformIds().flatMap((platform) => {
    const hidden = reasons.filter((one) => one.platform === platform && one.reason in HIDES_USERS);
    const count = hidden.reduce((sum, one) => sum + one.count, 0);
    if (accepted(platform) > 0 || count < SUSPICIOUS_LEAST) return [];
    const hints = [...new Set(hidden.map(({ reason }) => HIDES_USERS[reason]))].join(' ');
    return [`${platformName(platform)}: no message was accepted, ${hidden.map(inReason).join(', ')}: ${hints}`];
  });
}

const inReason = ({ reason, count }: Ignored) => `${count} ${reason}`;

function inWords({ platform, reason, count }: Ignored): string {
  return `${platform}: ${count} ${reason}`;
}
