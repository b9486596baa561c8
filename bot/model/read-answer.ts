// Reads a chat completion: server-sent events, or one JSON body from endpoints that do not stream. The first
// character decides which of them it is, because the content type is often wrong.
import { createParser, type ParseError } from 'eventsource-parser';
import { parseJson } from '../json.ts';
import type { HttpStream } from '../outgoing/http-client.ts';
import { beginningOf, LONGEST_ANSWER, LONGEST_BODY, LONGEST_THOUGHTS, ROOM_FOR_REMARK } from './bounds.ts';
import { errorInAnswer } from './failures.ts';
import { errorOfFinish, kindOfFinish } from './finish-reasons.ts';
import { isObject } from './loose-json.ts';
import { ModelError } from './model.ts';
import { type Completion, readCompletion } from './read-completion.ts';
import { createThoughtFilter, type ThoughtFilter, type ThoughtFilterOptions } from './thoughts/hide-thoughts.ts';

/** An answer, without reasoning. */
export interface Answer {
  text: string;
  /** As the endpoint named it. */
  finish: string | undefined;
  /** It ended at a limit of length, of the model or of the bot. */
  isCut: boolean;
  /** The reasoning came in the content, and only its end was marked. */
  thinksUnopened: boolean;
  promptTokens: number | undefined;
  completionTokens: number | undefined;
}

export interface ReadOptions extends ThoughtFilterOptions {
  /** Host of the endpoint: some codes mean something else there. */
  host: string;
  /** Something came, also a comment or a blank line: the endpoint is alive. */
  onLife: () => void;
  /** Called with the answer as far as it is. */
  onText: (text: string) => void;
}

/** Throws `ModelError`. A stream that ends without its end was cut: half an answer is not passed off as one. */
export async function readAnswer(stream: HttpStream, options: ReadOptions): Promise<Answer> {
  const reader = createReader(options);
  for await (const part of stream.chunks) {
    options.onLife();
    reader.push(part);
    if (reader.isFull()) break;
  }
  return reader.end(stream.headers.get('content-type') ?? '');
}

interface Reader {
  push(part: string): void;
  /** The answer has reached its bound. */
  isFull(): boolean;
  /** `contentType` decides nothing but the name of the error for a body that is neither. */
  end(contentType: string): Answer;
}

/** `page`: HTML, as a login page or a proxy sends it. */
type Kind = 'unknown' | 'json' | 'events' | 'page';

function kindOf(beginning: string): Kind {
  const [first] = beginning.replace(/^[\s\uFEFF]+/, '');
  if (first === undefined) return 'unknown';
  if (first === '<') return 'page';
  return first === '{' || first === '[' ? 'json' : 'events';
}

function createReader(options: ReadOptions): Reader {
  const answer = createAnswerBuilder(options);
  const events = createEvents(answer.take);
  let kind: Kind = 'unknown';
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
      if (length > LONGEST_BODY) throw malformed('BODY_TOO_LONG', 'The model sent a body without an end.');
      body.push(part);
    },
    isFull: answer.isFull,
    end(contentType) {
      if (kind === 'json') takeBody(body.join(''), answer.take);
      else events.end();
      body = [];
      if (answer.isEmpty() && !events.isDone() && /json/i.test(contentType)) throw noCompletion();
      return answer.end(kind === 'json' || events.isDone());
    },
  };
}

/** One value, or one value a line (JSON Lines). */
function takeBody(body: string, take: (json: unknown) => void): void {
  const whole = parseJson(body);
  // Gemini's gateway puts its error into a list.
  if (whole !== undefined) take(Array.isArray(whole) ? whole[0] : whole);
  else for (const line of body.split('\n')) if (line.trim() !== '') take(parseJson(line));
}

interface Events {
  feed(part: string): void;
  end(): void;
  /** `[DONE]` came. */
  isDone(): boolean;
}

function createEvents(take: (json: unknown) => void): Events {
  let done = false;
  const takeData = (data: string) => {
    const text = data.trim();
    if (text === '[DONE]') done = true;
    // An event without data is a sign of life.
    if (done || text === '') return;
    const json = parseJson(text);
    if (json !== undefined || !text.includes('\n')) return take(json);
    // Without an empty line between them, several events come as one.
    for (const line of text.split('\n')) takeData(line);
  };
  const parser = createParser({
    onEvent: ({ data }) => takeData(data),
    onError: (error) => takeStray(error, take),
    maxBufferSize: LONGEST_BODY,
  });
  return {
    feed: (part) => parser.feed(part),
    // Some servers leave out the empty line that ends the last event.
    end: () => parser.feed('\n\n'),
    isDone: () => done,
  };
}

/** An error in the middle of a stream often comes as a bare line of JSON: https://docs.ollama.com/api/errors. */
function takeStray({ type, line = '' }: ParseError, take: (json: unknown) => void): void {
  if (type === 'max-buffer-size-exceeded') throw malformed('BODY_TOO_LONG', 'The model sent an event without an end.');
  const json = type === 'unknown-field' && /^\s*\{/.test(line) ? parseJson(line) : undefined;
  if (isObject(json)) take(json);
}

interface AnswerBuilder {
  take(json: unknown): void;
  isFull(): boolean;
  /** No completion came at all. */
  isEmpty(): boolean;
  end(isWhole: boolean): Answer;
}

function createAnswerBuilder({ onText, ...options }: ReadOptions): AnswerBuilder {
  const filter = createThoughtFilter(options);
  const content = createContent(filter);
  let facts: Pick<Answer, 'finish' | 'promptTokens' | 'completionTokens'> = {
    finish: undefined,
    promptTokens: undefined,
    completionTokens: undefined,
  };
  let hasChoice = false;
  let separateThoughts = 0;
  let shown = 0;
  const show = () => {
    const { text, revision } = filter;
    if (revision === shown) return;
    shown = revision;
    if (!isBlank(text)) onText(textWithin(text));
  };
  return {
    take(json) {
      // `null` is no value, as if the event had not been sent.
      if (json === null) return;
      const failed = errorInAnswer(json, options.host);
      if (failed) throw failed;
      const completion = readCompletion(json);
      if (!completion) throw noCompletion();
      hasChoice ||= completion.hasChoice;
      facts = factsOf(completion, facts);
      separateThoughts += completion.thoughts;
      if (separateThoughts > 0) filter.sawSeparateThoughts();
      content.add(completion);
      if (separateThoughts + filter.thoughtLength > LONGEST_THOUGHTS) {
        throw malformed('ENDLESS_THOUGHTS', `The model thought for more than ${LONGEST_THOUGHTS} characters.`);
      }
      show();
    },
    isFull: () => filter.text.length > LONGEST_ANSWER,
    isEmpty: () => !hasChoice,
    end(isWhole) {
      filter.end();
      const isFull = filter.text.length > LONGEST_ANSWER;
      if (!isFull && !isWhole && facts.finish === undefined) throw cutOff();
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

/** What came last counts; a missing value does not erase an earlier one. */
function factsOf(
  { finish, promptTokens, completionTokens }: Completion,
  before: Pick<Answer, 'finish' | 'promptTokens' | 'completionTokens'>,
) {
  return {
    finish: finish ?? before.finish,
    promptTokens: promptTokens ?? before.promptTokens,
    completionTokens: completionTokens ?? before.completionTokens,
  };
}

/** Adds up content. A `message` in a stream repeats what came, or continues it; the last of MiniMax does the first. */
function createContent(filter: ThoughtFilter): { add(completion: Completion): void } {
  let raw = '';
  let byDelta = false;
  const add = (text: string) => {
    raw += text;
    filter.push(text);
  };
  return {
    add({ delta, whole, refusal }) {
      if (delta !== '') {
        byDelta = true;
        add(delta);
      } else if (whole !== '') {
        if (whole.startsWith(raw)) add(whole.slice(raw.length));
        else if (!byDelta) add(whole);
      } else if (refusal !== '') add(refusal);
    },
  };
}

/** Looks at a short text only: looking at a long one after every piece would take time. */
function isBlank(text: string): boolean {
  return text.length < 1_000 && text.trim() === '';
}

/** The part of a long answer that leaves room for the remark. */
function textWithin(text: string): string {
  return text.length <= LONGEST_ANSWER ? text : beginningOf(text, LONGEST_ANSWER - ROOM_FOR_REMARK);
}

const malformed = (code: string, message: string) => new ModelError('malformed_answer', code, message);
const noCompletion = () => malformed('NO_COMPLETION', 'The model sent something that is no completion.');
const cutOff = () => new ModelError('stream_cut', 'NO_DONE', 'The model stopped in the middle of its answer.');
