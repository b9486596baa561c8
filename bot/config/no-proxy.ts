// Reads NO_PROXY as people write it.
import { readRange } from '../http-client/address-range.ts';
import { cleanValue } from './clean-value.ts';

/** Host names and ranges separated by commas, also from URLs and from the list with semicolons of Windows. */
export function readNoProxy(value: string): string {
  const entries = cleanValue(value).split(/[\s,;]+/);
  return entries
    .map((entry) => entry.replace(/^[a-z]+:\/\//i, ''))
    .map((entry) => (readRange(entry) ? entry : entry.replace(/\/.*$/, '')))
    .filter((entry) => entry !== '')
    .join(',');
}
