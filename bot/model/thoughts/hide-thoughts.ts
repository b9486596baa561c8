// Separates the answer from reasoning in `content` while it streams.
import { type CodeTracker, createCodeTracker } from './code-tracker.ts';
import { ANSWER_MARKS, isClosing, markPattern, unfinishedMark, WRAPPINGS, type Wrapping } from './marks.ts';
import { soundsLikeThinking } from './unopened.ts';

export interface ThoughtFilter {
  push(content: string): void;
  /** Ends the content and releases text that was held back. */
  end(): void;
  /** Reasoning came in a separate field, so the content holds none without an opening mark. */
  sawSeparateThoughts(): void;
  /** The answer so far. Becomes shorter if a part of it turns out as reasoning. */
  readonly text: string;
  /** Increases when `text` changes. Comparing texts would flatten the string for each chunk. */
  readonly revision: number;
  /** UTF-16 units of reasoning and of text that is held back. */
  readonly thoughtLength: number;
  /** True after a closing mark without its opening mark. */
  readonly wasUnopened: boolean;
}

export interface ThoughtFilterOptions {
  /** Holds back text without a mark until a closing mark or the end shows whether it is reasoning. */
  expectUnopened: boolean;
}

/**
 * `start`: nothing of the answer came yet. `thoughts`: inside a wrapping. `held`: reasoning or answer, not known yet.
 * `answer`: the rest is the answer, unless a closing mark without its opening mark follows.
 */
type Phase = 'start' | 'thoughts' | 'held' | 'answer';

interface State {
  phase: Phase;
  /** Received and not classified yet. */
  pending: string;
  text: string;
  revision: number;
  held: string;
  /** End of the last closing mark in `held` that a fence quotes. */
  endOfQuoted: number;
  /** Fences that were opened inside others before that mark. */
  openedBefore: number;
  dropped: number;
  ended: boolean;
  /** True after any reasoning. */
  thought: boolean;
  separate: boolean;
  unopened: boolean;
  /** Answer that a closing mark in the middle of a line ended. It is restored if nothing follows. */
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
    held: '',
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
      if (state.phase === 'held' && isUnclosed(state)) {
        endThoughts(state);
        run();
      }
      if (state.phase === 'held') grow(state, state.held);
      if (state.phase === 'start' && state.withdrawn !== '') restore(state);
      // White space alone, which is no reasoning.
      else if (state.phase === 'start' && !state.thought) grow(state, state.pending);
    },
    sawSeparateThoughts() {
      state.separate = true;
    },
    get text() {
      return state.text;
    },
    get revision() {
      return state.revision;
    },
    get thoughtLength() {
      return state.dropped + state.held.length;
    },
    get wasUnopened() {
      return state.unopened;
    },
  };
}

/** UTF-16 units of white space before an answer that are kept. */
const LONGEST_BLANK = 1_000;

const steps: Record<Phase, Step> = { start, thoughts, held, answer };

function start(state: State, options: ThoughtFilterOptions): boolean {
  const content = state.pending.replace(/^[\s\uFEFF\u200B]+/, '');
  if (content === '') {
    // Models that fail may send spaces without an end.
    drop(state, Math.max(0, state.pending.length - LONGEST_BLANK));
    return false;
  }
  const mark = firstMark(content);
  if (mark && isClosing(mark)) {
    state.pending = content.slice(mark.length);
    found(state);
    return true;
  }
  if (openWrapping(state, content) || openAnswer(state, content)) return true;
  if (!state.ended && mayBecomeMark(state, content)) return false;
  const sounds = state.separate || state.thought ? false : soundsLikeThinking(content);
  if (sounds === undefined && !state.ended) return false;
  const expects = options.expectUnopened && !state.separate && !state.thought;
  // Leading whitespace is kept unless reasoning came before it.
  if (state.thought) state.pending = content;
  state.phase = sounds === true || expects || state.nested ? 'held' : 'answer';
  return true;
}

/** The mark at the very beginning of `content`. */
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
    found(state);
    return true;
  }
  if (state.ended && !wrapping.certain) {
    state.pending = state.opening + state.held + state.pending;
    Object.assign(state, { phase: 'answer', held: '' });
    return true;
  }
  if (state.ended || state.pending.length > 1_000) {
    const length = state.ended ? state.pending.length : lengthWithoutMark(state.pending, wrapping);
    if (wrapping.certain) drop(state, length);
    else {
      state.held += state.pending.slice(0, length);
      state.pending = state.pending.slice(length);
    }
  }
  return false;
}

/** Returns how much of `pending` holds no closing mark, no part of a mark, and not the character before one. */
function lengthWithoutMark(pending: string, { close }: Wrapping): number {
  const rest = pending.length - 100;
  let length = rest - unfinishedMark(pending.slice(0, rest));
  // A quoted mark is none because of what is before it.
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

function grow(state: State, part: string): void {
  if (part === '') return;
  state.text += part;
  state.revision += 1;
}

/** Handles the end of reasoning: all text before it was reasoning, and another block may follow. */
function found(state: State): void {
  state.dropped += state.held.length;
  if (state.text !== '') state.revision += 1;
  Object.assign(state, { phase: 'start', thought: true, held: '', text: '', depth: 0, code: createCodeTracker() });
}

/** Returns true if the fence around the last quoted mark was never closed, so that nothing was quoted. */
function isUnclosed({ endOfQuoted, openedBefore, code }: State): boolean {
  return endOfQuoted > 0 && (code.inFence() || code.openedInside() > openedBefore);
}

/** Ends the reasoning at the mark in a fence. */
function endThoughts(state: State): void {
  state.pending = state.held.slice(state.endOfQuoted);
  state.held = state.held.slice(0, state.endOfQuoted);
  state.unopened = true;
  found(state);
}

/** Restores an answer that only mentions the mark: reasoning is followed by an answer. */
function restore(state: State): void {
  grow(state, state.withdrawn + state.pending);
  Object.assign(state, { pending: '', withdrawn: '', unopened: false });
}

/** Holds the text back until a closing mark shows that it was reasoning. */
function held(state: State): boolean {
  return scan(state, {
    take: (part) => {
      state.held += part;
    },
    isEnd: (mark, after) => {
      const isQuoted = state.code.inside() && !(isClosing(mark) && endsSpan(state, after));
      if (isQuoted && isClosing(mark) && touchesLineEnd(state, after)) {
        state.endOfQuoted = state.held.length + mark.length;
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
    take: (part) => grow(state, part),
    isEnd: (mark, after) => isUnopenedEnd(state, mark, after),
  });
}

function closeAnswer(state: State, end: RegExp): boolean {
  const index = state.pending.search(end);
  if (index === -1) return false;
  grow(state, state.pending.slice(0, index).trimEnd());
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

interface Scan {
  take(part: string): void;
  /** `after` is the character after the mark; empty at the end. */
  isEnd(mark: string, after: string): boolean;
}

/** Takes classified text, up to a mark that ends reasoning. */
function scan(state: State, { take, isEnd }: Scan): boolean {
  const pattern = markPattern();
  const { pending } = state;
  let done = 0;
  const passOn = (until: number) => {
    const part = pending.slice(done, until);
    take(part);
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
      found(state);
      return true;
    }
    passOn(end);
  }
  passOn(state.ended ? pending.length : pending.length - unfinishedMark(pending.slice(done)));
  state.pending = pending.slice(done);
  return false;
}
