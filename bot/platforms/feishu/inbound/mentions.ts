// Mentions in a message: the bot's, found by its own `open_id` and by nothing else, and others' by their names.
import { z } from 'zod';
import { lenient, listOf, optional } from '../../shared/optional.ts';

const mention = z.object({
  key: z.string(),
  name: lenient(z.string()),
  id: lenient(z.object({ open_id: optional(z.string()) })),
  /** `bot` or `user`; older versions of the platform leave it out. */
  mentioned_type: lenient(z.string()),
});

/** `mentions` of a message; missing when nobody is mentioned. */
export const mentionList = optional(listOf(mention));

export type Mention = z.infer<typeof mention>;
export type Mentions = readonly Mention[];

/** Ids of those mentioned. `@all` has none: it is not meant for the bot. */
export function mentionedIds(mentions: Mentions): string[] {
  return mentions.flatMap(({ id }) => (id?.open_id ? [id.open_id] : []));
}

/**
 * Mentions of the bot; one message can hold several. While the bot's id is not known, the choice is a guess:
 * if it is wrong and the bot is not among them, the message is dropped later.
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

/** Replacement of each placeholder (`@_user_1`) and id: a name, and nothing for the bot's `own`. */
export function namesOf(mentions: Mentions, own: Mentions): ReadonlyMap<string, string> {
  const names = mentions.flatMap((one) => {
    const shown = own.includes(one) ? '' : `@${one.name || 'someone'}`;
    return [one.key, ...(one.id?.open_id ? [one.id.open_id] : [])].map((key) => [key, shown] as const);
  });
  return new Map([['@_all', '@all'], ['all', '@all'], ...names]);
}

const PLACEHOLDER = /@_[a-z]+(?:_\d+)?/g;
/** Placeholders count up to the mentions of one message. */
const LONGEST_KEY = '@_user_99999'.length;

/** One pass over the text: a name's own text is not read again, and `@_user_12` is not `@_user_1`. */
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
 * Without a space behind the mention, the digits of a text such as `2+2` continue its placeholder. Only one that `all`
 * lacks can be meant, because each mention has its placeholder.
 */
function withDigitsBehind(found: string, names: ReadonlyMap<string, string>, all: ReadonlySet<string>): string {
  for (let end = Math.min(found.length - 1, LONGEST_KEY); /\d/.test(found.charAt(end - 1)); end -= 1) {
    const key = found.slice(0, end);
    const name = names.get(key);
    if (name !== undefined && !all.has(key)) return name + found.slice(end);
  }
  return found;
}
