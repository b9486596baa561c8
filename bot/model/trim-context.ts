// Trims a conversation to the token limit of the model. The oldest messages are dropped first.
import type { ChatMessage } from '../domain/chat-message.ts';

export interface TrimOptions {
  /** Instructions before the messages. They count towards the limit. */
  system?: string | undefined;
  /** Oldest first. */
  context: ChatMessage[];
  question: string;
  maxTokens: number;
  countTokens: (text: string) => number;
}

/** Tokens that mark the role, the beginning and the end of a message. */
const PER_MESSAGE = 4;
/** Share of the tokens that is reserved for the question, however long the instructions are. */
const LEAST_FOR_QUESTION = 1 / 4;
const CUT_REMARK = '\n\n[The rest of this message was left out: it is too long.]';

/** Returns the newest messages that fit, with the question last. The first message is never an answer. */
export function trimContext({ system = '', context, question, maxTokens, countTokens }: TrimOptions): ChatMessage[] {
  const count = (text: string) => countTokens(text) + PER_MESSAGE;
  const instructions = system === '' ? 0 : count(system);
  const room = Math.max(maxTokens - instructions, maxTokens * LEAST_FOR_QUESTION);
  const asked = cut(question, room, count);
  let left = room - count(asked);
  let first = context.length;
  for (const { content } of context.toReversed()) {
    left -= count(content);
    if (left < 0) break;
    first -= 1;
  }
  while (context[first]?.role === 'assistant') first += 1;
  return [...context.slice(first), { role: 'user', content: asked }];
}

/** Returns the longest beginning that fits with the remark. Does not split a character. */
function cut(text: string, room: number, count: (text: string) => number): string {
  if (count(text) <= room) return text;
  const beginning = (length: number) => text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '') + CUT_REMARK;
  let fits = 0;
  let tooLong = text.length;
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (count(beginning(middle)) <= room) fits = middle;
    else tooLong = middle;
  }
  return beginning(fits);
}
