// Counts callbacks, pushes and model calls of a window: groups of equal failures, with what they are a share of.
import { IGNORED_REASONS } from '../../../bot/domain/callback.ts';
import type { Platform } from '../../../bot/domain/platform.ts';
import type { Traffic } from '../facts.ts';
import type { ErrorGroup } from '../report.ts';
import type { LogLine } from './log-source.ts';

export interface Tally {
  add(line: LogLine, at: string): void;
  groups(): ErrorGroup[];
  traffic(): Traffic[];
}

/** What a tally needs of one line; undefined when the line is about something else. */
interface Reading {
  platform: string;
  /** Undefined for a success. */
  failure?: { stage: string; code: string; class: string };
}

/** Pushes: every attempt counts, and a success is what the platform confirmed. */
export function createPushTally(): Tally {
  return createTally('push', (line) => {
    if (line['event.action'] !== 'push-attempted') return undefined;
    const platform = word(line['chatbot.platform']);
    if (line['event.outcome'] === 'success') return { platform };
    const reason = word(line['event.reason']);
    const code = word(line['chatbot.code'] ?? line['error.code'] ?? reason);
    return { platform, failure: { stage: word(line['chatbot.stage'] ?? 'send'), code, class: reason } };
  });
}

/** Reasons with which a callback was genuine. One of an unknown tenant is, too, but nobody is answered. */
const GENUINE = new Set<string>([
  ...['message', 'url_verification', 'check_url', 'duplicate'],
  ...IGNORED_REASONS.filter((reason) => reason !== 'unknown_tenant'),
]);
/** Unsigned requests come from scanners and from this tool's own probe; platforms always sign or give a token. */
const NOISE = new Set(['missing_signature']);

/**
 * Callbacks: a success is a genuine one, whatever became of it. Whoever posts something refused in the name of a
 * platform of `byConnection`, which delivers over long connections, is somebody else.
 */
export function createCallbackTally(byConnection: readonly Platform[] = []): Tally {
  return createTally('callback', (line) => {
    const reason = word(line['event.reason']);
    if (line['event.action'] !== 'callback-received' || NOISE.has(reason)) return undefined;
    const platform = word(line['chatbot.platform']);
    if (line['client.ip'] !== undefined && byConnection.some((name) => name === platform)) return undefined;
    return GENUINE.has(reason)
      ? { platform }
      : { platform, failure: { stage: 'received', code: reason, class: reason } };
  });
}

/** Model calls. They have no platform, so the model stands in its place. */
export function createModelTally(): Tally {
  return createTally('model', (line) => {
    if (line['event.action'] !== 'model-completed') return undefined;
    if (line['event.outcome'] === 'success') return { platform: 'model' };
    const reason = word(line['event.reason']);
    return { platform: 'model', failure: { stage: 'model', code: word(line['error.code'] ?? reason), class: reason } };
  });
}

interface Counted {
  traffic: Traffic;
  chats: Set<string>;
}

const PREFIX = { push: 'ev.pushes', callback: 'ev.callbacks', model: 'ev.model' } as const;

function createTally(kind: ErrorGroup['kind'], read: (line: LogLine) => Reading | undefined): Tally {
  const platforms = new Map<string, Counted>();
  const groups = new Map<string, { group: ErrorGroup; chats: Set<string> }>();

  function addTraffic({ platform, failure }: Reading, at: string, chat: string): void {
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

  function addFailure({ platform, failure }: Reading, line: LogLine, at: string): void {
    if (!failure) return;
    const { stage, code } = failure;
    const id = `${PREFIX[kind]}:${kind === 'push' ? `${platform}:${stage}` : platform}:${code}`;
    const traceId = word(line['trace.id']);
    const group = { id, kind, platform, ...failure, count: 0, attempted: 1, chats: 0, recovered: false };
    const entry = groups.get(id) ?? { group: { ...group, firstSeen: at, lastSeen: at }, chats: new Set<string>() };
    groups.set(id, entry);
    entry.group.count += 1;
    if (at < entry.group.firstSeen) entry.group.firstSeen = at;
    if (at >= entry.group.lastSeen) Object.assign(entry.group, { lastSeen: at }, traceId ? { traceId } : {});
    const chat = word(line['chatbot.chat_hash']);
    if (chat) entry.chats.add(chat);
  }

  return {
    add(line, at) {
      const reading = read(line);
      if (!reading?.platform) return;
      addTraffic(reading, at, word(line['chatbot.chat_hash']));
      addFailure(reading, line, at);
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

function word(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
