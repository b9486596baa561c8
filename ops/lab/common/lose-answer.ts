// An answer that never arrives: the work is done, and the connection breaks where the answer would have been.
import type { Response } from 'express';

/** Lets the handler do its work and breaks the connection when it answers. */
export function loseAnswer(response: Response): void {
  response.json = () => response.destroy();
}
