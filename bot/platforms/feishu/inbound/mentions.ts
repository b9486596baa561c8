// Finds the bot's mention in a message by its `open_id` only, and replaces the mentions of others by their names.
import { z } from 'zod';
import { lenient, listOf, optional } from '../../shared/optional.ts';

const mention = z.object({
  key: z.string(),
  name: lenient(z.string()),
  id: lenient(z.object({ open_id: optional(z.string()) })),
  /** `bot` or `user`; older versions of the platform omit it. */
  mentioned_type: lenient(z.string()),
});

/** `mentions` of a message; missing if the message has none. */
export const mentionList = optional(listOf(mention));

export type Mention = z.infer<typeof mention>;
export type Mentions = readonly Mention[];

/** Returns the ids of the mentions. `@all` has no id, because it does not address the bot. */
export function mentionedIds(mentions: Mentions): string[] {
  return mentions.flatMap(({ id }) => (id?.open_id ? [id.open_id] : []));
}

/**
 * Returns the mentions of the bot; one message can contain several. While the bot's id is unknown, the choice is a
 * guess. If the bot turns out not to be mentioned, the message is dropped later.
 */
export function ownMentions(mentions: Mentions, botId: string | undefined): Mentions {
  if (botId !== undefined) return mentions.filter(({ id }) => id?.open_id === botId);
  const bot = mentions.find(isBot) ?? mentions[0];
  return bot === undefined ? [] : mentions.filter(({ id, key }) => key === bot.key || isSame(id, bot.id));
}

export function isBot({ mentioned_type }: Mention): boolean {
  return mentioned_type === 'bot';
}

function isSame(a: Mention['id'], b: Mention['id']): boolean {
  return a?.open_id !== undefined && a.open_id === b?.open_id;
}

/** Maps each placeholder (`@_user_1`) and id to a name, and those of the bot's `own` mentions to an empty text. */
export function namesOf(mentions: Mentions, own: Mentions): ReadonlyMap<string, string> {
  const names = mentions.flatMap((one) => {
    const shown = own.includes(one) ? '' : `@${one.name || 'someone'}`;
    return [one.key, ...(one.id?.open_id ? [one.id.open_id] : [])].map((key) => [key, shown] as const);
  });
  return new Map([['@_all', '@all'], ['all', '@all'], ...names]);
}

const PLACEHOLDER = /@_[a-z]+(?:_\d+)?/g;
/** Maximum length of a placeholder. Its number is at most the number of mentions of the message. */
const LONGEST_KEY = '@_user_99999'.length;

/** Replaces placeholders in one pass, so that names are not scanned again and `@_user_12` is not read as `@_user_1`. */
export function withNames(text: string, names: ReadonlyMap<string, string>): string {
  let all: ReadonlySet<string> | undefined;
  return text.replaceAll(PLACEHOLDER, (found) => {
    const name = names.get(found);
    if (name !== undefined) return name;
    all ??= new Set(text.match(PLACEHOLDER));
    return withDigitsBehind(found, names, all);
  });
}

/**
 * Splits a placeholder from the digits of the text behind it, as in `@_user_1` followed by `2+2` without a space. A
 * shorter placeholder is chosen only if `all` does not contain it, because each mention has its own placeholder.
 */
function withDigitsBehind(found: string, names: ReadonlyMap<string, string>, all: ReadonlySet<string>): string {
  for (let end = Math.min(found.length - 1, LONGEST_KEY); /\d/.test(found.charAt(end - 1)); end -= 1) {
    const key = found.slice(0, end);
    const name = names.get(key);
    if (name !== undefined && !all.has(key)) return name + found.slice(end);
  }
  return found;
}
