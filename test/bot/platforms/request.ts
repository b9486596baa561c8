// A callback as the bot's HTTP side hands it to a channel.
import type { CallbackRequest } from '../../../bot/domain/callback.ts';

/** 2023-11-14T22:13:20Z, the clock of the tests. */
export const NOW = 1_700_000_000_000;

/** Takes over what is given; a body that is no bytes and no text is sent as JSON. */
export function requestOf(given: Partial<CallbackRequest> & { body?: unknown }): CallbackRequest {
  const { body, ...rest } = given;
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? {});
  return { headers: {}, query: {}, now: NOW, rawBody: Buffer.from(text), ...rest };
}
