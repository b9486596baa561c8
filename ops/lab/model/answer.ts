// What the fake model says: always the same for the same conversation.

/** One message of a chat completion request. */
export interface ChatMessage {
  role: string;
  content: string;
}

/** Repeats the last user message and tells how much of the conversation came with it. */
export function answerTo(messages: readonly ChatMessage[]): string {
  const last = messages.findLast((message) => message.role === 'user')?.content ?? '';
  const earlier = messages.filter((message) => message.role !== 'system').length - 1;
  const context = earlier === 1 ? '1 earlier message' : `${Math.max(0, earlier)} earlier messages`;
  return `You said: ${last}\n\n(The lab's model read it with ${context} as context.)`;
}

/** Cuts a text into streamed pieces of about 12 characters, never through a character; at most 200 pieces. */
export function piecesOf(text: string): string[] {
  const characters = [...text];
  const size = Math.max(12, Math.ceil(characters.length / 200));
  const count = Math.ceil(characters.length / size);
  return Array.from({ length: count }, (_, index) => characters.slice(index * size, (index + 1) * size).join(''));
}

/** A rough token count: four characters a token. */
export function tokensIn(text: string): number {
  return Math.ceil(text.length / 4);
}
