// Shows one status line on a terminal while a diagnosis runs longer than two seconds.
import { drawLine } from '../process/terminal.ts';

export interface Progress {
  show(outstanding: string[]): void;
  clear(): void;
}

/** Milliseconds until the line is shown, and between its updates. */
const INTERVAL_MS = 2000;

/** Returns a progress line. Prints nothing on a pipe, and nothing in the first two seconds. */
export function createProgress(stream: NodeJS.WriteStream, wanted: boolean): Progress {
  if (!wanted || !stream.isTTY) return { show: () => undefined, clear: () => undefined };
  let waiting: string[] = [];
  let shown = false;
  const timer = setInterval(() => {
    const [slowest] = waiting;
    if (!slowest) return;
    drawLine(` still waiting for ${slowest}`, stream);
    shown = true;
  }, INTERVAL_MS).unref();
  return {
    show(outstanding) {
      waiting = outstanding;
    },
    clear() {
      clearInterval(timer);
      if (shown) drawLine('', stream);
    },
  };
}
