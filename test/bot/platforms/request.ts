// Builds a callback as the bot's HTTP server passes it to a channel.
import type { CallbackRequest } from '../../../bot/domain/callback.ts';

/** Time of the tests: 2023-11-14T22:13:20Z. */
export const NOW = 1_700_000_000_000;

/** Builds a request from `given`. A `body` that is no string is serialised as JSON. */
export function requestOf(given: Partial<CallbackRequest> & { body?: unknown }): CallbackRequest {
  const { body, ...rest } = given;
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? {});
  return { headers: {}, query: {}, now: NOW, rawBody: Buffer.from(text), ...rest };
}
