// Cuts one line that is too large for a part: between words or sentences, never inside what a reader sees as one sign.

/** Pieces of at most `room` as `measure` counts; joined they are `line`. */
export function cutLine(line: string, room: number, measure: (text: string) => number): string[] {
  const pieces: string[] = [];
  let piece = '';
  let size = 0;
  const put = (sign: string, added: number) => {
    if (size + added > room && piece !== '') {
      const keep = wordEnd(piece);
      pieces.push(piece.slice(0, keep));
      piece = piece.slice(keep);
      size = measure(piece);
    }
    piece += sign;
    size += added;
  };
  for (const { segment } of new Intl.Segmenter().segment(line)) {
    const added = measure(segment);
    // A letter can carry marks without end; then there is nothing left but to cut between them.
    if (added <= room / 2) put(segment, added);
    else for (const sign of segment) put(sign, measure(sign));
  }
  return [...pieces, piece].filter((text) => text !== '');
}

/** Behind the last blank or full stop of the second half, or at the very end. */
function wordEnd(text: string): number {
  const half = Math.floor(text.length / 2);
  const tail = /[\s。！？；](?=[^\s。！？；]*$)/u.exec(text.slice(half));
  return tail ? half + tail.index + 1 : text.length;
}
