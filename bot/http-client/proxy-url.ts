// Reads the address of a proxy as curl does, into the form that the proxy agents accept.
import { isHost } from '../runtime/host-name.ts';
import { decodePercent } from '../runtime/percent.ts';

/**
 * `http://user:password@host:port`, or `undefined` for what is no HTTP proxy. An address without a scheme is an HTTP
 * proxy, as for curl: https://curl.se/docs/manpage.html#-x
 */
export function readProxyUrl(value: string): string | undefined {
  const address = value.includes('://') ? value : `http://${value}`;
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  const hasRest = url.pathname !== '/' || url.search !== '' || url.hash !== '';
  if (hasRest || !isHost(url.hostname) || url.port === '0') return undefined;
  // The agents decode both with `decodeURIComponent`, which throws at a lone `%`.
  url.username = encodeURIComponent(decodePercent(url.username).toWellFormed());
  url.password = encodeURIComponent(decodePercent(url.password).toWellFormed());
  return url.href.replace(/\/$/, '');
}
