// The two forms of a chat completion: one body, or a stream of chunks.
import type { Response } from 'express';
import { piecesOf, tokensIn } from './answer.ts';

/** A whole answer. */
export interface Completed {
  text: string;
  promptTokens: number;
  model: string;
  id: string;
}

function usageOf({ text, promptTokens }: Completed) {
  const completionTokens = tokensIn(text);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

/** The answer as one JSON body. */
export function completion(answer: Completed): object {
  const message = { role: 'assistant', content: answer.text };
  return {
    id: answer.id,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: answer.model,
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    usage: usageOf(answer),
  };
}

/** How to stream an answer. */
export interface StreamOptions {
  answer: Completed;
  /** Whether the last chunk tells the token counts. */
  withUsage: boolean;
  /** Milliseconds to spread over the chunks. */
  delay: number;
  /** Waits unless `ms` is below 1. */
  pause(ms: number): Promise<unknown> | undefined;
  isCut(): boolean;
}

/** Streams the answer as server-sent events; a cut breaks the connection halfway. */
export async function stream(
  response: Response,
  { answer, withUsage, delay, pause, isCut }: StreamOptions,
): Promise<void> {
  const head = {
    id: answer.id,
    object: 'chat.completion.chunk',
    created: Math.floor(Date.now() / 1000),
    model: answer.model,
  };
  const send = (fields: object) => response.write(`data: ${JSON.stringify({ ...head, ...fields })}\n\n`);
  const choice = (delta: object, finish_reason: string | null = null) => ({
    choices: [{ index: 0, delta, finish_reason }],
    ...(withUsage ? { usage: null } : {}),
  });
  response.set({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  send(choice({ role: 'assistant', content: '' }));
  const pieces = piecesOf(answer.text);
  const started = performance.now();
  for (const [index, content] of pieces.entries()) {
    if (response.destroyed) return;
    if (isCut() && index >= pieces.length / 2) {
      response.destroy();
      return;
    }
    send(choice({ content }));
    await pause(started + (delay * (index + 1)) / pieces.length - performance.now());
  }
  send(choice({}, 'stop'));
  if (withUsage) send({ choices: [], usage: usageOf(answer) });
  response.end('data: [DONE]\n\n');
}
