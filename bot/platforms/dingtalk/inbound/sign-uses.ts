// Memory of the robot signatures in use. A robot signature leaves the body out, so whoever saw one could sign any
// message with it as long as its time is accepted (https://open.dingtalk.com/document/orgapp/receive-message).

/** A captured signature is refused with another message after this long. Genuine messages may share a millisecond. */
const SHARED_FOR_MS = 10_000;
/** Messages that may share one signature. */
const MAX_MESSAGES = 256;
/** Signatures remembered; about 3 MB. At five messages a second this covers the hour for which one is valid. */
const MAX_SIGNATURES = 20_000;

interface Use {
  firstAt: number;
  /** The message, or all of them where there are several. */
  messages: string | Set<string>;
}

export interface SignUses {
  /** False when the signature was used for another message before. `signedAt` and `now` in milliseconds since 1970. */
  note(use: { sign: string; signedAt: number; messageId: string; now: number }): boolean;
}

/**
 * In this process only: each replica, and each process after a restart, accepts a signature for its own ten seconds.
 * `most` is the number of signatures remembered. Signatures no younger than a forgotten one are rejected, so that a
 * captured one cannot be used again by waiting for that.
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
  // A use of the future is one before the clock was set back.
  if (Math.abs(now - firstAt) > SHARED_FOR_MS) return false;
  const all = typeof messages === 'string' ? new Set([messages]) : messages;
  if (all.size >= MAX_MESSAGES) return false;
  use.messages = all.add(messageId);
  return true;
}
