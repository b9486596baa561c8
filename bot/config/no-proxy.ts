// Parses NO_PROXY, also in the forms that Windows and web pages use.
import { readRange } from '../http-client/address-range.ts';
import { cleanValue } from './clean-value.ts';

/** Returns host names and address ranges, separated by commas. Accepts URLs, and semicolons as on Windows. */
export function readNoProxy(value: string): string {
  const entries = cleanValue(value).split(/[\s,;]+/);
  return entries
    .map((entry) => entry.replace(/^[a-z]+:\/\//i, ''))
    .map((entry) => (readRange(entry) ? entry : entry.replace(/\/.*$/, '')))
    .filter((entry) => entry !== '')
    .join(',');
}
