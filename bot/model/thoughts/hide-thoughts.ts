// Separates the answer from reasoning in `content` while the content streams.
import { type CodeTracker, createCodeTracker } from './code-tracker.ts';
import { ANSWER_MARKS, isClosing, markPattern, unfinishedMark, WRAPPINGS, type Wrapping } from './marks.ts';
import { soundsLikeThinking } from './unopened.ts';

export interface ThoughtFilter {
  /** Adds the next piece of the content. */
  push(content: string): void;
  /** Ends the content and releases buffered text. */
  end(): void;
  /** Records that reasoning came in a separate field. After that, the content holds none without an opening mark. */
  recordSeparateReasoning(): void;
  /** Answer so far. It becomes shorter if a part of it turns out to be reasoning. */
  readonly text: string;
  /** Number that increases when `text` changes. Comparing texts would flatten the string for each chunk. */
  readonly revision: number;
  /** UTF-16 units of reasoning and of buffered text. */
  readonly thoughtLength: number;
  /** True after a closing mark without its opening mark. */
  readonly wasUnopened: boolean;
}

export interface ThoughtFilterOptions {
  /** Buffers text without a mark until a closing mark or the end shows whether it is reasoning. */
  expectUnopened: boolean;
}

/**
 * `start`: before the answer. `thoughts`: inside a wrapping. `buffering`: not known yet whether reasoning or answer.
 * `answer`: the rest is the answer, unless a closing mark without its opening mark follows.
 */
type Phase = 'start' | 'thoughts' | 'buffering' | 'answer';

interface State {
  phase: Phase;
  /** Received text that is not classified yet. */
  pending: string;
  text: string;
  revision: number;
  /** Text in the phase `buffering`. */
  buffered: string;
  /** End of the last closing mark in `buffered` that a fence quotes. */
  endOfQuoted: number;
  /** Number of fences that were opened inside others before that mark. */
  openedBefore: number;
  dropped: number;
  ended: boolean;
  /** True after any reasoning. */
  thought: boolean;
  separate: boolean;
  unopened: boolean;
  /** Answer before a closing mark in the middle of a line. It is restored if nothing follows. */
  withdrawn: string;
  wrapping: Wrapping | undefined;
  /** Opening mark as received. It is restored if an uncertain wrapping has no end. */
  opening: string;
  /** True if the reasoning contained an opening mark. */
  nested: boolean;
  /** Unclosed opening marks in the text after the reasoning. */
  depth: number;
  endOfAnswer: RegExp | undefined;
  code: CodeTracker;
}

/** Returns false when more content is needed. */
type Step = (state: State, options: ThoughtFilterOptions) => boolean;

export function createThoughtFilter(options: ThoughtFilterOptions): ThoughtFilter {
  const state: State = {
    phase: 'start',
    pending: '',
    text: '',
    revision: 0,
    buffered: '',
    endOfQuoted: 0,
    openedBefore: 0,
    dropped: 0,
    ended: false,
    thought: false,
    separate: false,
    unopened: false,
    withdrawn: '',
    wrapping: undefined,
    opening: '',
    nested: false,
    depth: 0,
    endOfAnswer: undefined,
    code: createCodeTracker(),
  };
  const run = () => {
    while (state.pending !== '' && steps[state.phase](state, options));
  };
  return {
    push(content) {
      state.pending += content;
      run();
    },
    end() {
      state.ended = true;
      run();
      if (state.phase === 'buffering' && isUnclosed(state)) {
        endReasoningAtQuotedMark(state);
        run();
      }
      if (state.phase === 'buffering') append(state, state.buffered);
      if (state.phase === 'start' && state.withdrawn !== '') restore(state);
      // If there is only white space, keep it, because it is no reasoning.
      else if (state.phase === 'start' && !state.thought) append(state, state.pending);
    },
    recordSeparateReasoning() {
      state.separate = true;
    },
    get text() {
      return state.text;
    },
    get revision() {
      return state.revision;
    },
    get thoughtLength() {
      return state.dropped + state.buffered.length;
    },
    get wasUnopened() {
      return state.unopened;
    },
  };
}

/** UTF-16 units of white space before an answer that are kept. */
const LONGEST_BLANK = 1_000;

const steps: Record<Phase, Step> = { start, thoughts, buffering, answer };

function start(state: State, options: ThoughtFilterOptions): boolean {
  const content = state.pending.replace(/^[\s\uFEFF\u200B]+/, '');
  if (content === '') {
    // Failing models may send endless spaces.
    drop(state, Math.max(0, state.pending.length - LONGEST_BLANK));
    return false;
  }
  const mark = firstMark(content);
  if (mark && isClosing(mark)) {
    state.pending = content.slice(mark.length);
    endReasoning(state);
    return true;
  }
  if (openWrapping(state, content) || openAnswer(state, content)) return true;
  if (!state.ended && mayBecomeMark(state, content)) return false;
  const soundsLikeReasoning = state.separate || state.thought ? false : soundsLikeThinking(content);
  if (soundsLikeReasoning === undefined && !state.ended) return false;
  const expects = options.expectUnopened && !state.separate && !state.thought;
  // Leading whitespace is kept unless reasoning came before it.
  if (state.thought) state.pending = content;
  state.phase = soundsLikeReasoning === true || expects || state.nested ? 'buffering' : 'answer';
  return true;
}

/** Returns the mark at the very beginning of `content`. */
function firstMark(content: string): string | undefined {
  const match = markPattern().exec(content.slice(0, 300));
  return match?.index === 0 ? match[0] : undefined;
}

function openWrapping(state: State, content: string): boolean {
  for (const wrapping of WRAPPINGS) {
    const opening = wrapping.open.exec(content)?.[0];
    if (opening === undefined) continue;
    Object.assign(state, {
      phase: 'thoughts',
      wrapping,
      opening,
      nested: false,
      pending: content.slice(opening.length),
    });
    if (wrapping.certain) state.thought = true;
    return true;
  }
  return false;
}

function openAnswer(state: State, content: string): boolean {
  for (const mark of ANSWER_MARKS) {
    if (mark.afterThoughts && !state.thought) continue;
    const opening = mark.open.exec(content)?.[0];
    if (opening === undefined) continue;
    const pending = content.slice(opening.length).replace(/^\s+/, '');
    Object.assign(state, { phase: 'answer', endOfAnswer: mark.close, pending });
    return true;
  }
  return false;
}

function mayBecomeMark(state: State, content: string): boolean {
  return (
    WRAPPINGS.some(({ unfinished }) => unfinished.test(content)) ||
    ANSWER_MARKS.some(
      ({ unfinished, afterThoughts }) => (state.thought || !afterThoughts) && unfinished.test(content),
    ) ||
    unfinishedMark(content) === content.length
  );
}

function thoughts(state: State): boolean {
  const { wrapping } = state;
  if (!wrapping) return false;
  const close = wrapping.close.exec(state.pending);
  if (close) {
    drop(state, close.index);
    state.pending = state.pending.slice(close[0].length);
    endReasoning(state);
    return true;
  }
  if (state.ended && !wrapping.certain) {
    state.pending = state.opening + state.buffered + state.pending;
    Object.assign(state, { phase: 'answer', buffered: '' });
    return true;
  }
  if (state.ended || state.pending.length > 1_000) {
    const length = state.ended ? state.pending.length : lengthWithoutMark(state.pending, wrapping);
    if (wrapping.certain) drop(state, length);
    else {
      state.buffered += state.pending.slice(0, length);
      state.pending = state.pending.slice(length);
    }
  }
  return false;
}

/**
 * Returns the length of the beginning of `pending` without a closing mark, a part of a mark, or the character before
 * one.
 */
function lengthWithoutMark(pending: string, { close }: Wrapping): number {
  const rest = pending.length - 100;
  let length = rest - unfinishedMark(pending.slice(0, rest));
  // Keep the character before a mark, because a backtick there makes the mark a quotation.
  while (length > 0 && close.exec(pending.slice(length))?.index === 0) length -= 1;
  return length;
}

/** Drops the next `length` units as reasoning. */
function drop(state: State, length: number): void {
  const gone = state.pending.slice(0, length);
  const marks = gone.match(markPattern()) ?? [];
  state.nested ||= marks.some((mark) => !isClosing(mark));
  state.dropped += length;
  state.pending = state.pending.slice(length);
}

function append(state: State, part: string): void {
  if (part === '') return;
  state.text += part;
  state.revision += 1;
}

/** Discards all text so far as reasoning. Another block of reasoning may follow. */
function endReasoning(state: State): void {
  state.dropped += state.buffered.length;
  if (state.text !== '') state.revision += 1;
  Object.assign(state, { phase: 'start', thought: true, buffered: '', text: '', depth: 0, code: createCodeTracker() });
}

/** Returns true if the fence around the last quoted mark was never closed. Then the mark was no quotation. */
function isUnclosed({ endOfQuoted, openedBefore, code }: State): boolean {
  return endOfQuoted > 0 && (code.inFence() || code.openedInside() > openedBefore);
}

/** Ends the reasoning at the last mark that seemed to be quoted in a fence. */
function endReasoningAtQuotedMark(state: State): void {
  state.pending = state.buffered.slice(state.endOfQuoted);
  state.buffered = state.buffered.slice(0, state.endOfQuoted);
  state.unopened = true;
  endReasoning(state);
}

/** Restores an answer that only mentions the mark. After reasoning, an answer would have followed. */
function restore(state: State): void {
  append(state, state.withdrawn + state.pending);
  Object.assign(state, { pending: '', withdrawn: '', unopened: false });
}

/** Buffers the text until a closing mark shows that it was reasoning. */
function buffering(state: State): boolean {
  return scan(state, {
    onText: (part) => {
      state.buffered += part;
    },
    isEnd: (mark, after) => {
      const isQuoted = state.code.inside() && !(isClosing(mark) && endsSpan(state, after));
      if (isQuoted && isClosing(mark) && touchesLineEnd(state, after)) {
        state.endOfQuoted = state.buffered.length + mark.length;
        state.openedBefore = state.code.openedInside();
      }
      if (isQuoted) return false;
      if (isClosing(mark)) return state.depth === 0 || touchesLineEnd(state, after);
      state.depth += 1;
      return false;
    },
  });
}

function answer(state: State): boolean {
  if (state.endOfAnswer && closeAnswer(state, state.endOfAnswer)) return false;
  return scan(state, {
    onText: (part) => append(state, part),
    isEnd: (mark, after) => isUnopenedEnd(state, mark, after),
  });
}

function closeAnswer(state: State, end: RegExp): boolean {
  const index = state.pending.search(end);
  if (index === -1) return false;
  append(state, state.pending.slice(0, index).trimEnd());
  state.pending = '';
  // Text after the mark is no part of the answer.
  state.endOfAnswer = /^/;
  return true;
}

/** Returns true for a closing mark without an opening one, outside code, at the beginning or end of a line. */
function isUnopenedEnd(state: State, mark: string, after: string): boolean {
  if (state.separate || state.code.inside()) return false;
  if (!isClosing(mark)) {
    state.depth += 1;
    return false;
  }
  if (state.depth > 0) {
    state.depth -= 1;
    return false;
  }
  return touchesLineEnd(state, after);
}

/** Returns true if the line ends with the mark, so that no backtick can follow and close a code span. */
function endsSpan({ code }: State, after: string): boolean {
  return !code.inFence() && isLineEnd(after);
}

function touchesLineEnd(state: State, after: string): boolean {
  return state.code.atLineStart() || isLineEnd(after);
}

function isLineEnd(after: string): boolean {
  return after === '' || after === '\n' || after === '\r';
}

/** Callbacks of `scan`. */
interface ScanHandlers {
  onText(part: string): void;
  /** Returns true if the mark ends reasoning. `after` is the character after the mark; empty at the end. */
  isEnd(mark: string, after: string): boolean;
}

/** Passes on pending text up to a mark that ends reasoning. Returns true if it found such a mark. */
function scan(state: State, { onText, isEnd }: ScanHandlers): boolean {
  const pattern = markPattern();
  const { pending } = state;
  let done = 0;
  const passOn = (until: number) => {
    const part = pending.slice(done, until);
    onText(part);
    state.code.feed(part);
    done = until;
  };
  for (let match = pattern.exec(pending); match; match = pattern.exec(pending)) {
    const end = match.index + match[0].length;
    passOn(match.index);
    if (end === pending.length && !state.ended) {
      state.pending = pending.slice(done);
      return false;
    }
    if (isEnd(match[0], pending.charAt(end))) {
      state.dropped += state.text.length;
      const isMention = state.phase === 'answer' && !state.code.atLineStart();
      state.withdrawn = isMention ? state.text + match[0] : '';
      state.unopened = true;
      state.pending = pending.slice(end);
      endReasoning(state);
      return true;
    }
    passOn(end);
  }
  passOn(state.ended ? pending.length : pending.length - unfinishedMark(pending.slice(done)));
  state.pending = pending.slice(done);
  return false;
}
