// Writes a chat completion in its two forms: one body, or a stream of chunks.
import { once } from 'node:events';
import type { Response } from 'express';
import type { FaultSet } from '../faults.ts';
import { piecesOf, tokensIn } from './answer.ts';

/** A complete answer. */
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

/**
 * Returns the content of an answer, with the reasoning that some servers leave in it: vLLM without a parser
 * (https://docs.vllm.ai/en/latest/features/reasoning_outputs/), templates of DeepSeek-R1
 * (https://github.com/deepseek-ai/DeepSeek-R1/issues/526) (read 2026-11).
 */
function contentOf(text: string, faults: FaultSet): string {
  if (faults.has('model-reasons-in-tags')) return `<think>\n${reasoning}\n</think>\n\n${text}`;
  return faults.has('model-reasons-unopened') ? `${reasoning}\n</think>\n\n${text}` : text;
}

/**
 * Returns the content as text, or as a list of parts as Mistral does: https://docs.mistral.ai/capabilities/reasoning/
 * (read 2026-11).
 */
function shaped(content: string, faults: FaultSet): unknown {
  return faults.has('model-odd-shapes') ? [{ type: 'text', text: content }] : content;
}

/** Returns the usage of a chunk that is not the last: null, or the partial usage that LiteLLM sends. */
function usageSoFar({ promptTokens }: Completed, withUsage: boolean, faults: FaultSet): object {
  if (faults.has('model-odd-shapes')) return { usage: { prompt_tokens: promptTokens, total_tokens: promptTokens } };
  return withUsage ? { usage: null } : {};
}

/** Returns the answer as one JSON body. */
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

/** Options of a streamed answer. */
export interface StreamOptions {
  answer: Completed;
  /** True if the last chunk contains the token counts. */
  withUsage: boolean;
  /** Milliseconds to spread over the chunks. */
  delay: number;
  /** Waits unless `ms` is below 1. */
  pause(ms: number): Promise<unknown> | undefined;
  faults: FaultSet;
}

type Send = (delta: object, finish?: string) => void;

/** Streams the answer as server-sent events. Faults end it halfway. */
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

/** Returns the finish reason of the answer, or undefined if the connection ended. */
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
