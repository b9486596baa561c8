// Shortens texts of other servers for a log line.
import { cutText } from '../telemetry/cut-text.ts';

/** Returns the first 200 characters, because such texts can be long and can repeat the request. */
export function shorten(text: unknown): string {
  return cutText(String(text ?? ''), 200);
}
