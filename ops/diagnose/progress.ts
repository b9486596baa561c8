// One status line on a terminal while a diagnosis takes longer than people expect.
import { drawLine } from '../process/terminal.ts';

export interface Progress {
  show(outstanding: string[]): void;
  clear(): void;
}

const PATIENCE_MS = 2000;

/** Says nothing on a pipe, and nothing before two seconds have passed. */
export function createProgress(stream: NodeJS.WriteStream, wanted: boolean): Progress {
  if (!wanted || !stream.isTTY) return { show: () => undefined, clear: () => undefined };
  let waiting: string[] = [];
  let shown = false;
  const timer = setInterval(() => {
    const [slowest] = waiting;
    if (!slowest) return;
    drawLine(` still waiting for ${slowest}`, stream);
    shown = true;
  }, PATIENCE_MS).unref();
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
