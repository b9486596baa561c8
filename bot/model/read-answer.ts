// Reads a chat completion: server-sent events, or one JSON body from endpoints that do not stream.
import { createParser } from 'eventsource-parser';
import { z } from 'zod';
import { parseJson } from '../json.ts';
import type { HttpStream } from '../outgoing/http-client.ts';
import { errorBody, errorInAnswer } from './failures.ts';
import { ModelError } from './model.ts';

const said = z.looseObject({ content: z.string().nullish() });
const completion = z.looseObject({
  choices: z
    .array(z.looseObject({ delta: said.nullish(), message: said.nullish(), finish_reason: z.string().nullish() }))
    .nullish(),
  usage: z.looseObject({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
});

/** An answer as far as it has come. */
export interface Answer {
  text: string;
  finish?: string;
  promptTokens?: number;
  completionTokens?: number;
}

/** Called for every piece, also for one without text: a model that reasons is alive. */
export type OnPiece = (answer: Answer, grew: boolean) => void;

/** A stream that ends without its end was cut: half an answer is not passed off as one. */
export async function readAnswer(stream: HttpStream, onPiece: OnPiece): Promise<Answer> {
  const answer: Answer = { text: '' };
  const take = (json: unknown) => onPiece(answer, takePiece(answer, json));
  const isWhole = /json/i.test(stream.headers.get('content-type') ?? '');
  await (isWhole ? readWhole(stream, answer, take) : readEvents(stream, answer, take));
  if (answer.finish === 'content_filter') {
    throw new ModelError('content_filter', 'content_filter', 'The provider filtered the answer.');
  }
  return answer;
}

async function readWhole(stream: HttpStream, answer: Answer, take: (json: unknown) => void): Promise<void> {
  let body = '';
  for await (const text of stream.chunks) body += text;
  take(parseJson(body));
  if (answer.text === '' && !answer.finish) throw malformed();
}

async function readEvents(stream: HttpStream, answer: Answer, take: (json: unknown) => void): Promise<void> {
  let done = false;
  const parser = createParser({
    onEvent({ data }) {
      if (data === '[DONE]') done = true;
      else take(parseJson(data));
    },
  });
  for await (const text of stream.chunks) parser.feed(text);
  // Some servers leave out the empty line that ends the last event.
  parser.feed('\n\n');
  if (!done && !answer.finish) {
    throw new ModelError('stream_cut', 'NO_DONE', 'The model stopped in the middle of its answer.');
  }
}

const malformed = () =>
  new ModelError('malformed_answer', 'NO_COMPLETION', 'The model sent something that is no completion.');

/** Whether the answer grew. */
function takePiece(answer: Answer, json: unknown): boolean {
  const failed = errorBody.safeParse(json).data;
  if (failed) throw errorInAnswer(failed.error);
  const { data } = completion.safeParse(json);
  if (!data) throw malformed();
  const choice = data.choices?.[0];
  const text = (choice?.delta ?? choice?.message)?.content ?? '';
  answer.text += text;
  if (choice?.finish_reason) answer.finish = choice.finish_reason;
  if (data.usage) {
    answer.promptTokens = data.usage.prompt_tokens;
    answer.completionTokens = data.usage.completion_tokens;
  }
  return text !== '';
}
