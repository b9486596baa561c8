// Checks the host of an address: a name with a sign that no name has would fail only in DNS.
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

const HOST_NAME = /^(?=.{1,253}$)(?![\d.]+$)\w([\w-]*\w)?(\.\w([\w-]*\w)?)*\.?$/;

/** An IPv6 address without the brackets that URLs put around it; any other text as it is. */
export const withoutBrackets = (value: string): string => value.replace(/^\[(.*)\]$/, '$1');

/** True for an IP address, also in brackets, and for a host name, also in Chinese. */
export function isHost(value: string): boolean {
  return isIP(withoutBrackets(value)) !== 0 || HOST_NAME.test(domainToASCII(value));
}
