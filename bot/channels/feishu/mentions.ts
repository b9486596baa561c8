// Who is mentioned in a message: the bot, by its own `open_id` and by nothing else, and others by their names.
import { z } from 'zod';

export const mentionList = z
  .array(
    z.object({
      key: z.string(),
      name: z.string().optional(),
      id: z.object({ open_id: z.string().nullish() }).optional(),
    }),
  )
  .optional();

export type Mentions = NonNullable<z.infer<typeof mentionList>>;

/** Ids of those mentioned. `@all` has none: it is not meant for the bot. */
export function mentionedIds(mentions: Mentions): string[] {
  return mentions.flatMap(({ id }) => (id?.open_id ? [id.open_id] : []));
}

/** What stands for each placeholder, such as `@_user_1`: a name, and nothing for the bot. */
export function namesOf(mentions: Mentions, botId: string | undefined): ReadonlyMap<string, string> {
  // While the bot's id is not known the first one mentioned is taken for it: if it is not, the message is dropped.
  const own = botId === undefined ? mentions[0] : mentions.find(({ id }) => id?.open_id === botId);
  const names = mentions.map(
    (mention) => [mention.key, mention === own ? '' : `@${mention.name ?? 'someone'}`] as const,
  );
  return new Map([['@_all', '@all'], ...names]);
}

/** One pass over the text: what a name contains is not read again, and `@_user_12` is not `@_user_1`. */
export function withNames(text: string, names: ReadonlyMap<string, string>): string {
  return text.replaceAll(/@_[a-z]+(?:_\d+)?/g, (key) => names.get(key) ?? key);
}
