// Ranges of addresses in NO_PROXY, such as `10.0.0.0/8`. The library for proxies knows host names only.
import { BlockList, isIP } from 'node:net';
import { withoutBrackets } from '../runtime/host-name.ts';

/** Returns true if the host of a URL is an address in one of the ranges of `noProxy`. */
export function isInRange(hostname: string, noProxy: string): boolean {
  const address = withoutBrackets(hostname);
  const family = isIP(address);
  if (family === 0 || !noProxy.includes('/')) return false;
  return noProxy.split(/[\s,]+/).some((entry) => readRange(entry)?.check(address, family === 4 ? 'ipv4' : 'ipv6'));
}

/** Returns the range of an entry, or undefined if the entry is none. */
export function readRange(entry: string): BlockList | undefined {
  const [, network = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
  const family = isIP(network);
  if (family === 0 || Number(bits) > (family === 4 ? 32 : 128)) return undefined;
  const range = new BlockList();
  range.addSubnet(network, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return range;
}
