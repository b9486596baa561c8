// Reads a chat completion: server-sent events, or a JSON body from endpoints that do not stream. The first character
// decides between them, because the content type is often wrong.
import { createParser, type ParseError } from 'eventsource-parser';
import { HttpClientError } from '../http-client/errors.ts';
import type { HttpStream } from '../http-client/http-client.ts';
import { parseJson } from '../runtime/json.ts';
import { beginningOf, LONGEST_BODY, LONGEST_THOUGHTS, MAX_ANSWER_BYTES, ROOM_FOR_REMARK } from './bounds.ts';
import { errorInAnswer } from './failures.ts';
import { errorOfFinish, kindOfFinish } from './finish-reasons.ts';
import { isObject } from './loose-json.ts';
import { ModelError } from './model.ts';
import { type Completion, readCompletion } from './read-completion.ts';
import { createThoughtFilter, type ThoughtFilter, type ThoughtFilterOptions } from './thoughts/hide-thoughts.ts';

/** Answer of a model, without reasoning. */
export interface ModelAnswer {
  text: string;
  /** Finish reason as received. */
  finish: string | undefined;
  /** True if the model or the bot ended the answer at a length limit. */
  isCut: boolean;
  /** True if the content held reasoning with a closing mark only. */
  thinksUnopened: boolean;
  promptTokens: number | undefined;
  completionTokens: number | undefined;
}

export interface ReadOptions extends ThoughtFilterOptions {
  /** Host name of the endpoint. It changes the meaning of some error codes. */
  host: string;
  /** Called for each received piece, also for comments and blank lines. */
  onActivity: () => void;
  /** Called at the finish reason, at content after it, and at `[DONE]`. Most likely only by-products follow. */
  onComplete?: () => void;
  /** Called with the answer so far. */
  onText: (text: string) => void;
}

/**
 * Returns the answer. Throws `ModelError`, also for a stream that ends early, because an incomplete answer is not
 * delivered. Throws `HttpClientError` if the connection breaks before the answer is complete.
 */
export async function readAnswer(stream: HttpStream, options: ReadOptions): Promise<ModelAnswer> {
  const reader = createReader(options);
  try {
    for await (const part of stream.chunks) {
      options.onActivity();
      reader.push(part);
      if (reader.isFull()) break;
    }
  } catch (error) {
    // If the answer is complete, ignore the error, because only by-products such as usage are missing.
    if (!(error instanceof HttpClientError && reader.isComplete())) throw error;
  }
  return reader.end(stream.headers.get('content-type') ?? '');
}

interface BodyReader {
  push(part: string): void;
  /** True if the answer has reached `MAX_ANSWER_BYTES`. */
  isFull(): boolean;
  /** True after `[DONE]` or a finish reason. */
  isComplete(): boolean;
  /** Returns the answer. `contentType` only selects the error for an empty body. */
  end(contentType: string): ModelAnswer;
}

/** Format of the body. `page`: HTML, such as a login page or the error page of a proxy. */
type BodyKind = 'unknown' | 'json' | 'events' | 'page';

function kindOf(beginning: string): BodyKind {
  const [first] = beginning.replace(/^[\s\uFEFF]+/, '');
  if (first === undefined) return 'unknown';
  if (first === '<') return 'page';
  return first === '{' || first === '[' ? 'json' : 'events';
}

function createReader(options: ReadOptions): BodyReader {
  const answer = createAnswerBuilder(options);
  const events = createEvents(answer.add, options.onComplete);
  let kind: BodyKind = 'unknown';
  let body: string[] = [];
  let length = 0;
  return {
    push(part) {
      if (kind === 'unknown') kind = kindOf(part);
      if (kind === 'page') throw noCompletion();
      if (kind === 'events') {
        events.feed(part);
        return;
      }
      length += part.length;
      if (length > LONGEST_BODY) throw malformed('BODY_TOO_LONG', BODY_TOO_LONG);
      body.push(part);
    },
    isFull: answer.isFull,
    isComplete: () => events.isDone() || answer.hasFinish(),
    end(contentType) {
      if (kind === 'json') parseBody(body.join(''), answer.add);
      // If the answer is full, skip the rest, because reading stopped at the limit, most likely within an event.
      else if (!answer.isFull()) events.end();
      body = [];
      if (answer.isEmpty() && !events.isDone() && /json/i.test(contentType)) throw noCompletion();
      return answer.end(kind === 'json' ? !answer.isStream() : events.isDone());
    },
  };
}

/** Parses one JSON value, or one value per line (JSON Lines). */
function parseBody(body: string, onValue: (json: unknown) => void): void {
  const json = parseJson(body);
  // The OpenAI-compatible endpoint of Gemini wraps an error into a list.
  if (json !== undefined) onValue(Array.isArray(json) ? json[0] : json);
  else for (const line of body.split('\n')) if (line.trim() !== '') onValue(parseJson(line));
}

interface EventReader {
  feed(part: string): void;
  end(): void;
  /** True after `[DONE]`. */
  isDone(): boolean;
}

/** Matches events that only keep the connection alive: no data, or a word instead of JSON. */
const KEEP_ALIVE = /^(?:\W{0,2}(?:ping|pong|heart-?beat|keep-?alive)\W{0,2}|"")?$/i;

function createEvents(onValue: (json: unknown) => void, onDone = () => {}): EventReader {
  let done = false;
  const parseData = (data: string) => {
    const text = data.trim();
    if (text === '[DONE]' && !done) {
      done = true;
      onDone();
    }
    if (done || KEEP_ALIVE.test(text)) return;
    const json = parseJson(text);
    if (json !== undefined || !text.includes('\n')) return onValue(json);
    // The parser joins events if no empty line separates them.
    for (const line of text.split('\n')) parseData(line);
  };
  const parser = createParser({
    onEvent: ({ data }) => parseData(data),
    onError: (error) => parseStray(error, onValue),
    maxBufferSize: LONGEST_BODY,
  });
  return {
    feed: (part) => parser.feed(part),
    // Some servers omit the empty line after the last event.
    end: () => parser.feed('\n\n'),
    isDone: () => done,
  };
}

/**
 * Reads a bare line of JSON, which is an error in the middle of a stream: https://docs.ollama.com/api/errors (read
 * 2026-11).
 */
function parseStray({ type, line = '' }: ParseError, onValue: (json: unknown) => void): void {
  if (type === 'max-buffer-size-exceeded') throw malformed('BODY_TOO_LONG', EVENT_TOO_LONG);
  const json = type === 'unknown-field' && /^\s*\{/.test(line) ? parseJson(line) : undefined;
  if (isObject(json)) onValue(json);
}

interface AnswerBuilder {
  add(json: unknown): void;
  isFull(): boolean;
  /** Returns true if no choice was received. */
  isEmpty(): boolean;
  /** Returns true if a delta was received. More deltas or a finish reason must follow. */
  isStream(): boolean;
  hasFinish(): boolean;
  /** Returns the answer. If `isBodyComplete` is false, throws unless a finish reason was received. */
  end(isBodyComplete: boolean): ModelAnswer;
}

function createAnswerBuilder({ onText, onComplete = () => {}, ...options }: ReadOptions): AnswerBuilder {
  const filter = createThoughtFilter(options);
  const content = createContent(filter);
  let facts: Pick<ModelAnswer, 'finish' | 'promptTokens' | 'completionTokens'> = {
    finish: undefined,
    promptTokens: undefined,
    completionTokens: undefined,
  };
  let hasChoice = false;
  let hasDelta = false;
  let separateThoughts = 0;
  let shown = 0;
  const show = () => {
    const { text, revision } = filter;
    if (revision === shown) return;
    shown = revision;
    if (!isBlank(text)) onText(textWithin(text));
  };
  return {
    add(json) {
      if (isIgnored(json, facts.finish)) return;
      const failed = errorInAnswer(json, options.host);
      if (failed) throw failed;
      const completion = readCompletion(json);
      if (!completion) throw noCompletion();
      hasChoice ||= completion.hasChoice;
      hasDelta ||= completion.hasDelta;
      facts = factsOf(completion, facts);
      separateThoughts += completion.thoughts;
      if (separateThoughts > 0) filter.recordSeparateReasoning();
      content.add(completion);
      if (facts.finish !== undefined && isPartOfAnswer(completion)) onComplete();
      if (separateThoughts + filter.thoughtLength > LONGEST_THOUGHTS) {
        throw malformed('ENDLESS_THOUGHTS', `The reasoning of the model exceeds ${LONGEST_THOUGHTS} characters.`);
      }
      show();
    },
    isFull: () => filter.text.length > MAX_ANSWER_BYTES,
    isEmpty: () => !hasChoice,
    isStream: () => hasDelta,
    hasFinish: () => facts.finish !== undefined,
    end(isBodyComplete) {
      filter.end();
      const isFull = filter.text.length > MAX_ANSWER_BYTES;
      if (!isFull && !isBodyComplete && facts.finish === undefined) throw cutOff();
      if (!hasChoice) throw noCompletion();
      const text = textWithin(filter.text);
      const failed = isFull ? undefined : errorOfFinish(facts.finish, isBlank(text));
      if (failed) throw failed;
      show();
      const isCut = isFull || kindOfFinish(facts.finish) === 'cut';
      return { ...facts, text, isCut, thinksUnopened: filter.wasUnopened };
    },
  };
}

/**
 * Returns true for `null`, and for a truncated value after the finish reason, because a connection can end anywhere.
 */
const isIgnored = (json: unknown, finish: string | undefined) =>
  json === null || (finish !== undefined && !isObject(json));

const isPartOfAnswer = ({ finish, delta, fullContent }: Completion) =>
  finish !== undefined || delta !== '' || fullContent !== '';

/** Merges facts. The last value wins; a missing value keeps the earlier one. */
function factsOf(
  { finish, promptTokens, completionTokens }: Completion,
  before: Pick<ModelAnswer, 'finish' | 'promptTokens' | 'completionTokens'>,
) {
  return {
    finish: finish ?? before.finish,
    promptTokens: promptTokens ?? before.promptTokens,
    completionTokens: completionTokens ?? before.completionTokens,
  };
}

/** Collects content. A `message` in a stream repeats the deltas, as in the last chunk of MiniMax, or continues them. */
function createContent(filter: ThoughtFilter): { add(completion: Completion): void } {
  let raw = '';
  let byDelta = false;
  const add = (text: string) => {
    raw += text;
    filter.push(text);
  };
  return {
    add({ delta, fullContent, refusal }) {
      if (delta !== '') {
        byDelta = true;
        add(delta);
      } else if (fullContent !== '') {
        if (fullContent.startsWith(raw)) add(fullContent.slice(raw.length));
        else if (!byDelta) add(fullContent);
      } else if (refusal !== '') add(refusal);
    },
  };
}

/** Checks short texts only, because checking a long text after each chunk would be quadratic. */
function isBlank(text: string): boolean {
  return text.length < 1_000 && text.trim() === '';
}

/** Cuts a long answer so that the remark fits. */
function textWithin(text: string): string {
  return text.length <= MAX_ANSWER_BYTES ? text : beginningOf(text, MAX_ANSWER_BYTES - ROOM_FOR_REMARK);
}

const BODY_TOO_LONG = `The response body exceeds ${LONGEST_BODY} characters.`;
const EVENT_TOO_LONG = `An event of the response exceeds ${LONGEST_BODY} characters.`;
const malformed = (code: string, message: string) => new ModelError('malformed_answer', code, message);
const noCompletion = () =>
  malformed('NO_COMPLETION', 'The response is not a chat completion. Check the address of the model endpoint.');
const cutOff = () => new ModelError('stream_cut', 'NO_DONE', 'The response ended in the middle of the answer.');
