// The webhook of a group robot, as settings give it.

export interface Webhook {
  url: string;
  secret: string | undefined;
  /** Milliseconds since 1970. */
  clock: () => number;
}

/** The whole address as it is; a token alone is appended to `base`. */
export function webhookUrl(given: string, base: string): string {
  return URL.canParse(given) ? given : `${base}${given}`;
}

/** Combines the fix for a code with the platform's message, which may name an address or a time. */
export function hintWithMessage(hint: string | undefined, message: string): string {
  return hint ? `${hint} The platform says: ${message}` : message;
}

/** Milliseconds for one request to a robot. */
export const WEBHOOK_TIMEOUT_MS = 5_000;
