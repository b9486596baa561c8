// Tracks whether the end of a streamed text is inside Markdown code.

export interface CodeTracker {
  feed(text: string): void;
  /** True inside a fenced block or an inline code span. */
  inside(): boolean;
  /** True inside a fenced block, and at its closing line. */
  inFence(): boolean;
  /** Number of marks with a language inside fences. A fence with one most likely was never closed. */
  openedInside(): number;
  /** True at the start of the text and after a newline with at most spaces since. */
  atLineStart(): boolean;
}

export function createCodeTracker(): CodeTracker {
  let fence: string | undefined;
  let openedInside = 0;
  let lineStart = '';
  let backtickRuns = 0;
  let last = '\n';
  // Backticks after the mark make it a span: https://spec.commonmark.org/0.31.2/#fenced-code-blocks.
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
    // A fence is at the beginning of a line; 100 characters hold any of them.
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
