// Who is mentioned in a message: the bot, by its own `open_id` and by nothing else, and others by their names.
import { z } from 'zod';

const mention = z.object({
  key: z.string(),
  name: z.string().nullish(),
  id: z.object({ open_id: z.string().nullish() }).nullish(),
  /** `bot` or `user`; not every version of the platform tells. */
  mentioned_type: z.string().nullish(),
});

/** `mentions` of a message; missing when nobody is mentioned. */
export const mentionList = z.array(mention).nullish();

export type Mentions = readonly z.infer<typeof mention>[];

/** Ids of those mentioned. `@all` has none: it is not meant for the bot. */
export function mentionedIds(mentions: Mentions): string[] {
  return mentions.flatMap(({ id }) => (id?.open_id ? [id.open_id] : []));
}

/** Which mention is the bot's. While its id is not known that is a guess: if nobody is the bot, the message is dropped. */
export function ownMention(mentions: Mentions, botId: string | undefined): Mentions[number] | undefined {
  if (botId !== undefined) return mentions.find(({ id }) => id?.open_id === botId);
  return mentions.find(({ mentioned_type }) => mentioned_type === 'bot') ?? mentions[0];
}

/** What stands for each placeholder, such as `@_user_1`: a name, and nothing for the bot's `own`. */
export function namesOf(mentions: Mentions, own: Mentions[number] | undefined): ReadonlyMap<string, string> {
  const names = mentions.map((one) => [one.key, one === own ? '' : `@${one.name || 'someone'}`] as const);
  return new Map([['@_all', '@all'], ...names]);
}

/** One pass over the text: what a name contains is not read again, and `@_user_12` is not `@_user_1`. */
export function withNames(text: string, names: ReadonlyMap<string, string>): string {
  return text.replaceAll(/@_[a-z]+(?:_\d+)?/g, (key) => names.get(key) ?? key);
}
