// Counts genuine callbacks that were ignored: by reason, and by organisation if no tenant is bound to it.
import { IGNORED_REASONS } from '../../../bot/domain/callback.ts';
import type { Ignored, Stranger } from '../facts.ts';
import type { LogLine } from './log-source.ts';

export interface IgnoredTally {
  add(line: LogLine, at: string): void;
  reasons(): Ignored[];
  /** Organisations that no tenant is bound to. */
  strangers(): Stranger[];
  /** Number of messages that were accepted on the platform. */
  accepted(platform: string): number;
}

/** Returns a counter of ignored callbacks. */
export function createIgnoredTally(): IgnoredTally {
  const reasons = new Map<string, Ignored>();
  const strangers = new Map<string, Stranger>();
  const accepted = new Map<string, number>();

  function addStranger(line: LogLine, platform: string, at: string): void {
    const [appId, organisation] = [text(line['chatbot.app_id']), text(line['chatbot.organisation'])];
    if (organisation === '') return;
    const key = JSON.stringify([platform, appId, organisation]);
    const entry = strangers.get(key) ?? { platform, appId, organisation, count: 0, firstAt: at, lastAt: at };
    strangers.set(key, entry);
    entry.count += 1;
    if (at < entry.firstAt) entry.firstAt = at;
    if (at > entry.lastAt) entry.lastAt = at;
  }

  return {
    add(line, at) {
      if (line['event.action'] !== 'callback-received') return;
      const [platform, reason] = [text(line['chatbot.platform']), text(line['event.reason'])];
      if (reason === 'message') accepted.set(platform, (accepted.get(platform) ?? 0) + 1);
      if (!IGNORED_REASONS.some((known) => known === reason)) return;
      const key = `${platform} ${reason}`;
      const entry = reasons.get(key) ?? { platform, reason, count: 0 };
      reasons.set(key, entry);
      entry.count += 1;
      if (reason === 'unknown_tenant') addStranger(line, platform, at);
    },
    reasons: () => sortedValues(reasons),
    strangers: () => sortedValues(strangers),
    accepted: (platform) => accepted.get(platform) ?? 0,
  };
}

/** Sorts by key, because the lines do not come in the order of time. */
function sortedValues<T>(entries: Map<string, T>): T[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
