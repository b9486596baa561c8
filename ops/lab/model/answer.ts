// Builds the fake model's answers. The same conversation always gets the same answer.

/** One message of a chat completion request. */
export interface ChatMessage {
  role: string;
  content: string;
}

/** Repeats the last user message and reports the number of earlier messages in the request. */
export function answerTo(messages: readonly ChatMessage[]): string {
  const last = messages.findLast((message) => message.role === 'user')?.content ?? '';
  const earlier = messages.filter((message) => message.role !== 'system').length - 1;
  const context = earlier === 1 ? '1 earlier message' : `${Math.max(0, earlier)} earlier messages`;
  return `You said: ${last}\n\n(The lab's model read it with ${context} as context.)`;
}

/** Cuts a text into at most 200 pieces of about 12 characters for streaming, never through a character. */
export function piecesOf(text: string): string[] {
  const characters = [...text];
  const size = Math.max(12, Math.ceil(characters.length / 200));
  const count = Math.ceil(characters.length / size);
  return Array.from({ length: count }, (_, index) => characters.slice(index * size, (index + 1) * size).join(''));
}

/** Estimates the number of tokens: four characters per token. */
export function tokensIn(text: string): number {
  return Math.ceil(text.length / 4);
}
