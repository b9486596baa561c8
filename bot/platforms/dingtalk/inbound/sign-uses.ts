// Remembers used robot signatures. A robot signature does not cover the body, so an attacker with a captured one could
// sign any message until its timestamp expires.
// https://open.dingtalk.com/document/orgapp/receive-message (read 2026-11).

/** Time after the first use in which other messages may share the signature, because it covers only a timestamp. */
export const SHARED_FOR_MS = 10_000;
/** Maximum number of messages with one signature. */
const MAX_MESSAGES = 256;
/** Maximum number of remembered signatures; about 3 MB. Covers the validity of one hour at five messages a second. */
export const MAX_SIGNATURES = 20_000;

interface Use {
  firstAt: number;
  /** Id of the message, or the ids if there are several. */
  messages: string | Set<string>;
}

export interface SignUses {
  /** Returns false if the signature was used for another message. Times are in milliseconds since 1970. */
  note(use: { sign: string; signedAt: number; messageId: string; now: number }): boolean;
}

/**
 * Creates the memory of this process. Each replica, and each process after a restart, accepts a signature for its own
 * ten seconds. `most` is the maximum number of remembered signatures. Signatures that are not newer than a forgotten
 * one are rejected, so that an attacker cannot wait until a captured one is forgotten.
 */
export function createSignUses(most = MAX_SIGNATURES): SignUses {
  const uses = new Map<string, Use>();
  let forgottenUntil = Number.NEGATIVE_INFINITY;

  function forgetOldest(): void {
    const [oldest] = uses;
    if (!oldest) return;
    uses.delete(oldest[0]);
    forgottenUntil = Math.max(forgottenUntil, signedAtOf(oldest[0]));
  }

  return {
    note({ sign, signedAt, messageId, now }) {
      const key = `${signedAt} ${sign}`;
      const use = uses.get(key);
      if (use) return addMessage(use, messageId, now);
      if (signedAt <= forgottenUntil) return false;
      uses.set(key, { firstAt: now, messages: messageId });
      if (uses.size > most) forgetOldest();
      return true;
    },
  };
}

function signedAtOf(key: string): number {
  return Number(key.slice(0, key.indexOf(' ')));
}

function addMessage(use: Use, messageId: string, now: number): boolean {
  const { messages, firstAt } = use;
  if (typeof messages === 'string' ? messages === messageId : messages.has(messageId)) return true;
  // If the first use lies in the future, the clock was set back, so the difference counts in both directions.
  if (Math.abs(now - firstAt) > SHARED_FOR_MS) return false;
  const all = typeof messages === 'string' ? new Set([messages]) : messages;
  if (all.size >= MAX_MESSAGES) return false;
  use.messages = all.add(messageId);
  return true;
}
