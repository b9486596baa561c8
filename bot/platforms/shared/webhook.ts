// Builds the webhook of a group robot from settings, and the hint for its errors.

export interface Webhook {
  url: string;
  secret: string | undefined;
  /** Milliseconds since 1970. */
  clock: () => number;
}

/** Returns the URL of a webhook. Appends a token to `base`. */
export function webhookUrl(given: string, base: string): string {
  return URL.canParse(given) ? given : `${base}${given}`;
}

/** Appends the platform's message to the hint, because the message may contain an address or a time. */
export function hintWithMessage(hint: string | undefined, message: string): string {
  return hint ? `${hint} Message of the platform: ${message}` : message;
}

/** Timeout of a request to a robot, in milliseconds. */
export const WEBHOOK_TIMEOUT_MS = 5_000;
