// Required members of messages to DingTalk, by type, and the text that a user sees.
import { asRecord, asText } from '../common/json-body.ts';

/** An accepted message: its type, and its text as a user sees it. */
export interface DisplayedMessage {
  type: string;
  text: string;
}

type Fields = Record<string, unknown>;

/** The required members of a message type, and the members that a user sees. */
interface Shape {
  needs: readonly string[];
  shows: readonly string[];
}

/** Message types of webhooks (session webhook, custom robot). */
const webhookShapes: Readonly<Record<string, Shape>> = {
  text: { needs: ['content'], shows: ['content'] },
  markdown: { needs: ['title', 'text'], shows: ['text'] },
  actionCard: { needs: ['title', 'text'], shows: ['text', 'singleTitle'] },
  link: { needs: ['title', 'text', 'messageUrl'], shows: ['title', 'text'] },
  feedCard: { needs: [], shows: [] },
};

const numbered = (count: number, title: string, url: string) =>
  Array.from({ length: count }, (_, index) => [`${title}${index + 1}`, `${url}${index + 1}`]).flat();

function buttons(count: number, title = 'actionTitle', url = 'actionURL'): Shape {
  const all = numbered(count, title, url);
  return { needs: ['title', 'text', ...all], shows: ['text', ...all.filter((name) => name.startsWith(title))] };
}

/** Message templates of the API, by `msgKey`. */
const templateShapes: Readonly<Record<string, Shape>> = {
  sampleText: { needs: ['content'], shows: ['content'] },
  sampleMarkdown: { needs: ['title', 'text'], shows: ['text'] },
  sampleImageMsg: { needs: ['photoURL'], shows: ['photoURL'] },
  sampleLink: { needs: ['title', 'text', 'messageUrl'], shows: ['title', 'text'] },
  sampleActionCard: { needs: ['title', 'text', 'singleTitle', 'singleURL'], shows: ['text', 'singleTitle'] },
  sampleActionCard2: buttons(2),
  sampleActionCard3: buttons(3),
  sampleActionCard4: buttons(4),
  sampleActionCard5: buttons(5),
  sampleActionCard6: buttons(2, 'buttonTitle', 'buttonUrl'),
  sampleAudio: { needs: ['mediaId', 'duration'], shows: ['mediaId'] },
  sampleFile: { needs: ['mediaId', 'fileName', 'fileType'], shows: ['fileName'] },
  sampleVideo: { needs: ['videoMediaId', 'videoType', 'picMediaId', 'duration'], shows: ['videoMediaId'] },
};

/** Error of a message: its type is unknown, or a member is missing. */
export type MessageProblem = { unknownType: true } | { missing: string };

/** Reads the body of a webhook message. */
export function readWebhookMessage(body: Fields): DisplayedMessage | MessageProblem {
  const type = asText(body.msgtype);
  const fields = asRecord(body[type]);
  const read = readShape(webhookShapes, type, fields);
  if (!('text' in read)) return read;
  const list = type === 'feedCard' ? 'links' : type === 'actionCard' ? 'btns' : undefined;
  return list === undefined ? read : withItems(read, fields, list);
}

/** Reads the parameters of a message template. */
export function readTemplate(msgKey: string, param: Fields): DisplayedMessage | MessageProblem {
  return readShape(templateShapes, msgKey, param);
}

function readShape(
  shapes: Readonly<Record<string, Shape>>,
  type: string,
  fields: Fields,
): DisplayedMessage | MessageProblem {
  const shape = Object.hasOwn(shapes, type) ? shapes[type] : undefined;
  if (shape === undefined) return { unknownType: true };
  const missing = shape.needs.find((name) => !isGiven(fields, name));
  if (missing !== undefined) return { missing };
  return { type, text: linesOf(fields, shape.shows) };
}

/** Returns true if the member has a value. A button must link to a page or to a place in the client. */
function isGiven(fields: Fields, name: string): boolean {
  const value = asText(fields[name]).trim();
  return /^(action|single|button)URL\d*$/i.test(name) ? /^(https?|dingtalk):\/\/\S+$/i.test(value) : value !== '';
}

/** Adds the buttons of an action card, unless it has a single one, and the links of a feed card. */
function withItems(read: DisplayedMessage, fields: Fields, list: 'links' | 'btns'): DisplayedMessage | MessageProblem {
  if (list === 'btns' && asText(fields.singleTitle) !== '') {
    return isGiven(fields, 'singleURL') ? read : { missing: 'singleURL' };
  }
  const items: unknown[] = Array.isArray(fields[list]) ? fields[list] : [];
  const needs = list === 'btns' ? ['title', 'actionURL'] : ['title', 'messageURL', 'picURL'];
  const records = items.map(asRecord);
  const missing = items.length === 0 ? list : needs.find((name) => records.some((item) => !isGiven(item, name)));
  if (missing !== undefined) return { missing };
  return { ...read, text: [read.text, ...records.map(({ title }) => asText(title))].filter(Boolean).join('\n') };
}

function linesOf(fields: Fields, names: readonly string[]): string {
  const lines = names.map((name) => asText(fields[name]));
  return lines.filter((line) => line !== '').join('\n');
}
