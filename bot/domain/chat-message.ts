// Defines a message of a conversation with a language model.

export interface ChatMessage {
  role: 'user' | 'assistant';
  content: string;
}
