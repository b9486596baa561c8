// Removes the bot's mention from a message. Most clients replace the mention by a space; some keep it as text.
import type { RobotMessage } from './robot-message.ts';

export type Mentioned = Pick<RobotMessage, 'conversationType' | 'chatbotUserId' | 'atUsers' | 'isInAtList'>;

/** A mention. The name ends at white space or punctuation. `MENTION` excludes addresses such as `a@b.c`. */
const NAME = '[@＠][^\\s@＠/／,，。:：;；!！?？、\\u200b-\\u200f\\u2060\\ufeff]{1,64}';
const ONLY_NAME = new RegExp(`^\\s*${NAME}\\s*$`);
/** A name can contain spaces, like a sentence. Only a command in the next item distinguishes a name from a sentence. */
const ONLY_NAME_WITH_SPACES = /^\s*[@＠][^@＠\n]{1,64}$/;
/** Invisible characters that some clients put around a mention. */
const INVISIBLE = '[\\u200b-\\u200f\\u2060\\ufeff]*';
const MENTION = new RegExp(`(?<![A-Za-z0-9._%+-])${NAME}${INVISIBLE}`, 'g');
const ONLY_INVISIBLE = new RegExp(`^${INVISIBLE}$`);
const FIRST = new RegExp(`^${INVISIBLE}${NAME}`);
const BEFORE_COMMAND = new RegExp(`^\\s+${NAME}${INVISIBLE}\\s+[/／]`);

/** Returns the pieces of a rich text without the bot's mention. */
export function withoutOwnMention(pieces: readonly string[], message: Mentioned): string[] {
  const people = peopleOf(message);
  if (!people) return [...pieces];
  // On HarmonyOS a mention is a separate item (https://github.com/AstrBotDevs/AstrBot/pull/9389, read 2026-11).
  const mentions = [...pieces.keys()].filter((index) => isMention(pieces[index], pieces[index + 1]));
  if (mentions.length > people.others) {
    const own = mentions.length === people.others + 1 ? mentions[people.place] : mentions[0];
    return pieces.filter((_piece, index) => index !== own);
  }
  return [withoutMentionInText(pieces.join(''), people)];
}

function isMention(piece = '', next = ''): boolean {
  return ONLY_NAME.test(piece) || (ONLY_NAME_WITH_SPACES.test(piece) && /^\s*[/／]/.test(next));
}

interface People {
  /** Number of mentioned people besides the bot. */
  others: number;
  /** Position of the bot among all mentions. */
  place: number;
}

/** Counts the mentions. Returns undefined for a private chat without a mention of the bot: an `@name` is a person. */
function peopleOf({ conversationType, chatbotUserId, atUsers = [], isInAtList }: Mentioned): People | undefined {
  const place = atUsers.findIndex(({ dingtalkId }) => dingtalkId !== undefined && dingtalkId === chatbotUserId);
  if (place === -1 && conversationType === '1' && !isInAtList) return undefined;
  if (place !== -1) return { others: atUsers.filter(({ dingtalkId }) => dingtalkId !== chatbotUserId).length, place };
  return { others: Math.max(0, atUsers.length - 1), place: 0 };
}

/** Removes the bot's mention. The text contains it if it has more mentions than there are other mentioned people. */
function withoutMentionInText(text: string, { others, place }: People): string {
  const found = [...text.matchAll(MENTION)];
  if (found.length <= others) return text;
  const all = found.length === others + 1;
  // A leading space replaces the mention, so that an `@` in the text has another meaning, as in `@types/node`.
  const removed = /^[ \t]/.test(text) && !BEFORE_COMMAND.test(text);
  const own = all && !removed ? found[place] : FIRST.test(text) || BEFORE_COMMAND.test(text) ? found[0] : undefined;
  if (own === undefined || removed) return text;
  return `${text.slice(0, own.index).replace(ONLY_INVISIBLE, '')} ${text.slice(own.index + own[0].length)}`;
}
