// Takes the bot's mention out of a message. Most clients leave only a space where it was; some keep it as text.
import type { RobotMessage } from './robot-message.ts';

export type Mentioned = Pick<RobotMessage, 'conversationType' | 'chatbotUserId' | 'atUsers' | 'isInAtList'>;

/** A name ends at white space and at the marks of a sentence. In an address such as `a@b.c` the sign names nobody. */
const NAME = '[@＠][^\\s@＠/／,，。:：;；!！?？、\\u200b-\\u200f\\u2060\\ufeff]{1,64}';
const WHOLE = new RegExp(`^\\s*${NAME}\\s*$`);
/** A name can hold spaces; so can a sentence. Only a command in the next item tells them apart. */
const WHOLE_WITH_SPACES = /^\s*[@＠][^@＠\n]{1,64}$/;
/** Marks that show nothing, as some clients put them around a mention. */
const INVISIBLE = '[\\u200b-\\u200f\\u2060\\ufeff]*';
const MENTION = new RegExp(`(?<![A-Za-z0-9._%+-])${NAME}${INVISIBLE}`, 'g');
const ONLY_INVISIBLE = new RegExp(`^${INVISIBLE}$`);
const FIRST = new RegExp(`^${INVISIBLE}${NAME}`);
const BEFORE_COMMAND = new RegExp(`^\\s+${NAME}${INVISIBLE}\\s+[/／]`);

/** The pieces of a rich text, without the bot's mention. */
export function withoutOwnMention(pieces: readonly string[], message: Mentioned): string[] {
  const people = peopleOf(message);
  if (!people) return [...pieces];
  // HarmonyOS: the mention is an item of its own (https://github.com/AstrBotDevs/AstrBot/pull/9389).
  const whole = [...pieces.keys()].filter((index) => isWhole(pieces[index], pieces[index + 1]));
  if (whole.length > people.others) {
    const own = whole.length === people.others + 1 ? whole[people.place] : whole[0];
    return pieces.filter((_piece, index) => index !== own);
  }
  return [withoutMentionInText(pieces.join(''), people)];
}

function isWhole(piece = '', next = ''): boolean {
  return WHOLE.test(piece) || (WHOLE_WITH_SPACES.test(piece) && /^\s*[/／]/.test(next));
}

interface People {
  /** Number of people mentioned beside the bot. */
  others: number;
  /** Position of the bot among all mentions. */
  place: number;
}

/** Undefined in a private chat that does not mention the bot: an `@name` there is somebody else. */
function peopleOf({ conversationType, chatbotUserId, atUsers = [], isInAtList }: Mentioned): People | undefined {
  const place = atUsers.findIndex(({ dingtalkId }) => dingtalkId !== undefined && dingtalkId === chatbotUserId);
  if (place === -1 && conversationType === '1' && !isInAtList) return undefined;
  if (place !== -1) return { others: atUsers.filter(({ dingtalkId }) => dingtalkId !== chatbotUserId).length, place };
  return { others: Math.max(0, atUsers.length - 1), place: 0 };
}

/** More mentions in the text than other people are mentioned: one of them is the bot's. */
function withoutMentionInText(text: string, { others, place }: People): string {
  const found = [...text.matchAll(MENTION)];
  if (found.length <= others) return text;
  const all = found.length === others + 1;
  // A space in front is what the client left of the mention, so the sign belongs to something else (`@types/node`).
  const removed = /^[ \t]/.test(text) && !BEFORE_COMMAND.test(text);
  const own = all && !removed ? found[place] : FIRST.test(text) || BEFORE_COMMAND.test(text) ? found[0] : undefined;
  if (own === undefined || removed) return text;
  return `${text.slice(0, own.index).replace(ONLY_INVISIBLE, '')} ${text.slice(own.index + own[0].length)}`;
}
