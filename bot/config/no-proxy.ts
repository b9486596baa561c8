// Reads NO_PROXY as people write it. The library for proxies knows host names separated by commas, and no ranges.
import { BlockList, isIP } from 'node:net';
import { cleanValue } from './clean-value.ts';
import { withoutBrackets } from './host-name.ts';

/** Host names and ranges separated by commas, also from URLs and from the list with semicolons of Windows. */
export function readNoProxy(value: string): string {
  const entries = cleanValue(value).split(/[\s,;]+/);
  return entries
    .map((entry) => entry.replace(/^[a-z]+:\/\//i, ''))
    .map((entry) => (readRange(entry) ? entry : entry.replace(/\/.*$/, '')))
    .filter((entry) => entry !== '')
    .join(',');
}

/** Whether the host of a URL is an address in one of the ranges, such as `10.0.0.0/8`. */
export function isInRange(hostname: string, noProxy: string): boolean {
  const address = withoutBrackets(hostname);
  const family = isIP(address);
  if (family === 0 || !noProxy.includes('/')) return false;
  return noProxy.split(/[\s,]+/).some((entry) => readRange(entry)?.check(address, family === 4 ? 'ipv4' : 'ipv6'));
}

function readRange(entry: string): BlockList | undefined {
  const [, network = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
  const family = isIP(network);
  if (family === 0 || Number(bits) > (family === 4 ? 32 : 128)) return undefined;
  const range = new BlockList();
  range.addSubnet(network, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return range;
}
