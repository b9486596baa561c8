// Shows a line that counts the seconds on a terminal, and nothing without a terminal.
import { drawLine } from './terminal.ts';

/** Shows the text with the elapsed time. `stop` clears the line. */
export function showWaiting(text: string): { stop: () => void } {
  if (!process.stderr.isTTY) return { stop: () => undefined };
  const startedAt = Date.now();
  const draw = () => drawLine(`${text} … ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  const timer = setInterval(draw, 100).unref();
  return {
    stop: () => {
      clearInterval(timer);
      drawLine('');
    },
  };
}
