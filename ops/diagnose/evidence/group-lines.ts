// Counts callbacks, pushes and model calls of a window, and groups equal failures.
import { IGNORED_REASONS } from '../../../bot/domain/callback.ts';
import type { Platform } from '../../../bot/domain/platform.ts';
import type { Traffic } from '../facts.ts';
import type { ErrorGroup } from '../report.ts';
import type { LogLine } from './log-source.ts';

/** Counter of one kind of log lines. */
export interface Tally {
  add(line: LogLine, at: string): void;
  groups(): ErrorGroup[];
  traffic(): Traffic[];
}

/** Fields of one log line that a tally counts. */
interface Attempt {
  platform: string;
  /** Undefined for a success. */
  failure?: { stage: string; code: string; class: string };
}

/** Counts pushes. Every attempt counts. A success is an attempt that the platform confirmed. */
export function createPushTally(): Tally {
  return createTally('push', (line) => {
    if (line['event.action'] !== 'push-attempted') return undefined;
    const platform = textOf(line['chatbot.platform']);
    if (line['event.outcome'] === 'success') return { platform };
    const reason = textOf(line['event.reason']);
    const code = textOf(line['chatbot.code'] ?? line['error.code'] ?? reason);
    return { platform, failure: { stage: textOf(line['chatbot.stage'] ?? 'send'), code, class: reason } };
  });
}

/** Reasons of genuine callbacks. `unknown_tenant` is genuine too, but it is a failure, because no reply is sent. */
const GENUINE = new Set<string>([
  ...['message', 'url_verification', 'check_url', 'duplicate'],
  ...IGNORED_REASONS.filter((reason) => reason !== 'unknown_tenant'),
]);
/**
 * Reasons that are not counted. Platforms always sign their requests or send a token, so unsigned requests come from
 * scanners and from the probe of the diagnosis.
 */
const NOISE = new Set(['missing_signature']);

/**
 * Counts callbacks. Every genuine callback is a success, even if the bot ignored it. HTTP requests in the name of a
 * platform in `byConnection` are not counted: it delivers over long connections, so they come from other senders.
 */
export function createCallbackTally(byConnection: readonly Platform[] = []): Tally {
  return createTally('callback', (line) => {
    const reason = textOf(line['event.reason']);
    if (line['event.action'] !== 'callback-received' || NOISE.has(reason)) return undefined;
    const platform = textOf(line['chatbot.platform']);
    if (line['client.ip'] !== undefined && byConnection.some((name) => name === platform)) return undefined;
    return GENUINE.has(reason)
      ? { platform }
      : { platform, failure: { stage: 'received', code: reason, class: reason } };
  });
}

/** Counts model calls. They have no platform, so `platform` is `model`. */
export function createModelTally(): Tally {
  return createTally('model', (line) => {
    if (line['event.action'] !== 'model-completed') return undefined;
    if (line['event.outcome'] === 'success') return { platform: 'model' };
    const reason = textOf(line['event.reason']);
    return {
      platform: 'model',
      failure: { stage: 'model', code: textOf(line['error.code'] ?? reason), class: reason },
    };
  });
}

interface Counted {
  traffic: Traffic;
  chats: Set<string>;
}

const PREFIX = { push: 'ev.pushes', callback: 'ev.callbacks', model: 'ev.model' } as const;

function createTally(kind: ErrorGroup['kind'], read: (line: LogLine) => Attempt | undefined): Tally {
  const platforms = new Map<string, Counted>();
  const groups = new Map<string, { group: ErrorGroup; chats: Set<string> }>();

  function addTraffic({ platform, failure }: Attempt, at: string, chat: string): void {
    const entry = platforms.get(platform) ?? emptyTraffic(platform, at);
    platforms.set(platform, entry);
    const { traffic } = entry;
    traffic.attempted += 1;
    if (at > traffic.lastAt) traffic.lastAt = at;
    if (failure) {
      traffic.failed += 1;
      if (chat) entry.chats.add(chat);
    } else if (traffic.lastSuccessAt === null || at > traffic.lastSuccessAt) traffic.lastSuccessAt = at;
  }

  function addFailure({ platform, failure }: Attempt, line: LogLine, at: string): void {
    if (!failure) return;
    const { stage, code } = failure;
    const id = `${PREFIX[kind]}:${kind === 'push' ? `${platform}:${stage}` : platform}:${code}`;
    const traceId = textOf(line['trace.id']);
    const group = { id, kind, platform, ...failure, count: 0, attempted: 1, chats: 0, recovered: false };
    const entry = groups.get(id) ?? { group: { ...group, firstSeen: at, lastSeen: at }, chats: new Set<string>() };
    groups.set(id, entry);
    entry.group.count += 1;
    if (at < entry.group.firstSeen) entry.group.firstSeen = at;
    if (at >= entry.group.lastSeen) Object.assign(entry.group, { lastSeen: at }, traceId ? { traceId } : {});
    const chat = textOf(line['chatbot.chat_hash']);
    if (chat) entry.chats.add(chat);
  }

  return {
    add(line, at) {
      const attempt = read(line);
      if (!attempt?.platform) return;
      addTraffic(attempt, at, textOf(line['chatbot.chat_hash']));
      addFailure(attempt, line, at);
    },
    traffic: () =>
      [...platforms.values()]
        .map(({ traffic, chats }) => ({ ...traffic, chats: chats.size }))
        .sort((a, b) => (a.platform < b.platform ? -1 : 1)),
    groups: () =>
      [...groups.values()].map(({ group, chats }) => {
        const traffic = platforms.get(group.platform)?.traffic;
        const recovered = (traffic?.lastSuccessAt ?? '') > group.lastSeen;
        return { ...group, chats: chats.size, attempted: traffic?.attempted ?? group.count, recovered };
      }),
  };
}

function emptyTraffic(platform: string, at: string): Counted {
  const traffic = { platform, attempted: 0, failed: 0, chats: 0, lastAt: at, lastSuccessAt: null };
  return { traffic, chats: new Set() };
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
