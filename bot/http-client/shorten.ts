// Words of another server, fit for a log line.
import { cutText } from '../telemetry/cut-text.ts';

/** The first 200 characters: such texts can be long and can repeat what was sent. */
export function shorten(text: unknown): string {
  return cutText(String(text ?? ''), 200);
}
