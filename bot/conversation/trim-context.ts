// Cuts a conversation to the tokens a model takes: the oldest goes first.
import type { ChatMessage } from './sessions.ts';

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

/** The beginning that fits, with a remark; never through a character. */
function cut(text: string, room: number, count: (text: string) => number): string {
  let kept = text;
  let length = text.length;
  while (length > 0 && count(kept) > room) {
    length = Math.floor(length * Math.min(0.95, room / count(kept)));
    kept = text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '') + CUT_REMARK;
  }
  return kept;
}
