// The two forms of a chat completion: one body, or a stream of chunks.
import { once } from 'node:events';
import type { Response } from 'express';
import type { FaultSet } from '../faults.ts';
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

const reasoning = 'The user wrote something, so I repeat it.';

/** The content of an answer, with the reasoning that some servers leave in it. */
function contentOf(text: string, faults: FaultSet): string {
  if (faults.has('model-reasons-in-tags')) return `<think>\n${reasoning}\n</think>\n\n${text}`;
  return faults.has('model-reasons-unopened') ? `${reasoning}\n</think>\n\n${text}` : text;
}

/** Content as text, or as Mistral sends it: https://docs.mistral.ai/capabilities/reasoning/ (read 2026-11-27). */
function shaped(content: string, faults: FaultSet): unknown {
  return faults.has('model-odd-shapes') ? [{ type: 'text', text: content }] : content;
}

/** Usage in a chunk that is not the last: null, or what LiteLLM sends there. */
function usageSoFar({ promptTokens }: Completed, withUsage: boolean, faults: FaultSet): object {
  if (faults.has('model-odd-shapes')) return { usage: { prompt_tokens: promptTokens, total_tokens: promptTokens } };
  return withUsage ? { usage: null } : {};
}

/** The answer as one JSON body. */
export function completion(answer: Completed, faults: FaultSet): object {
  const isFiltered = faults.has('model-filter-answer');
  const content = isFiltered ? '' : shaped(contentOf(answer.text, faults), faults);
  const message = { role: 'assistant', content };
  return {
    id: answer.id,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: answer.model,
    choices: [{ index: 0, message, finish_reason: isFiltered ? 'content_filter' : 'stop' }],
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
  faults: FaultSet;
}

type Send = (delta: object, finish?: string) => void;

/** Streams the answer as server-sent events; faults end it halfway. */
export async function stream(response: Response, options: StreamOptions): Promise<void> {
  const { answer, withUsage, faults } = options;
  const head = {
    id: answer.id,
    object: 'chat.completion.chunk',
    created: Math.floor(Date.now() / 1000),
    model: answer.model,
  };
  const write = (fields: object) => response.write(`data: ${JSON.stringify({ ...head, ...fields })}\n\n`);
  const send: Send = (delta, finish) =>
    write({ choices: [{ index: 0, delta, finish_reason: finish ?? null }], ...usageSoFar(answer, withUsage, faults) });
  response.set({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  send({ role: 'assistant', content: '' });
  if (faults.has('model-reasons')) {
    for (const reasoning_content of piecesOf(reasoning)) send({ reasoning_content });
  }
  const finish = await sendPieces(response, send, options);
  if (!finish) return;
  send({}, finish);
  if (withUsage) write({ choices: [], usage: usageOf(answer) });
  response.end('data: [DONE]\n\n');
}

/** The reason for which the answer ended, or undefined when the connection did. */
async function sendPieces(
  response: Response,
  send: Send,
  { answer, delay, pause, faults }: StreamOptions,
): Promise<string | undefined> {
  const pieces = piecesOf(contentOf(answer.text, faults));
  const started = performance.now();
  for (const [index, content] of pieces.entries()) {
    if (response.destroyed) return undefined;
    if (index >= pieces.length / 2) {
      if (faults.has('model-filter-answer')) return 'content_filter';
      if (faults.has('model-stream-stall')) return void (await once(response, 'close'));
      if (faults.has('model-stream-cut')) return void response.destroy();
    }
    send({ content: shaped(content, faults) });
    await pause(started + (delay * (index + 1)) / pieces.length - performance.now());
  }
  return 'stop';
}
