// Cuts a conversation to the tokens a model takes: the oldest goes first.
import type { ChatMessage } from '../domain/chat-message.ts';

export interface TrimOptions {
  /** Instructions that go before the messages and count as well. */
  system?: string | undefined;
  /** Oldest first. */
  context: ChatMessage[];
  question: string;
  maxTokens: number;
  countTokens: (text: string) => number;
}

/** Tokens that mark the role and the ends of a message. */
const PER_MESSAGE = 4;
/** However long the instructions are, this share is the question's. */
const LEAST_FOR_QUESTION = 1 / 4;
const CUT_REMARK = '\n\n[The rest of this message was left out: it is too long.]';

/** What goes to the model: the newest exchanges that fit, never beginning with an answer, and the question last. */
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

/** The longest beginning that fits with a remark; never through a character. */
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
