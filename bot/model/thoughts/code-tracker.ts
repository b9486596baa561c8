// Tracks whether a streamed text ends inside Markdown code.

export interface CodeTracker {
  /** Adds the next piece of the text. */
  feed(text: string): void;
  /** Returns true inside a fenced block or an inline code span. */
  inside(): boolean;
  /** Returns true inside a fenced block, and at its closing line. */
  inFence(): boolean;
  /** Returns the number of marks with a language inside fences. A fence that holds one was most likely never closed. */
  openedInside(): number;
  /** Returns true at the start of the text, and if only white space follows the last newline. */
  atLineStart(): boolean;
}

export function createCodeTracker(): CodeTracker {
  let fence: string | undefined;
  let openedInside = 0;
  let lineStart = '';
  let backtickRuns = 0;
  let last = '\n';
  // Backticks after the mark make it a span: https://spec.commonmark.org/0.31.2/#fenced-code-blocks (read 2026-11).
  const opening = () => {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(lineStart)?.[1];
    return mark?.startsWith('`') && backtickRuns > 1 ? undefined : mark;
  };
  const endLine = () => {
    const mark = opening();
    if (fence === undefined) fence = mark;
    else if (mark?.startsWith(fence)) {
      if (lineStart.trim() === mark) fence = undefined;
      else openedInside += 1;
    }
    lineStart = '';
    backtickRuns = 0;
  };
  const inLine = (piece: string) => {
    // A fence is at the beginning of a line, so 100 characters are enough to recognise it.
    if (lineStart.length < 100) lineStart += piece.slice(0, 100);
    const runs = piece.match(/`+/g)?.length ?? 0;
    backtickRuns += runs > 0 && last === '`' && piece.startsWith('`') ? runs - 1 : runs;
  };
  return {
    feed(text) {
      for (const [index, piece] of text.split('\n').entries()) {
        if (index > 0) {
          endLine();
          last = '\n';
        }
        if (piece === '') continue;
        inLine(piece);
        last = piece.slice(-1);
      }
    },
    inFence: () => fence !== undefined,
    openedInside: () => openedInside,
    inside: () => fence !== undefined || backtickRuns % 2 === 1 || opening() !== undefined,
    atLineStart: () => lineStart.trim() === '',
  };
}
