// The name and the password in an address: node-fetch rejects such addresses, so both travel in a header.
import { decodePercent } from '../runtime/percent.ts';

/** Returns the header that curl would send for them; none without a name and a password. */
export function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodePercent(username)}:${decodePercent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

export function withoutCredentials(url: URL): string {
  const plain = new URL(url);
  plain.username = '';
  plain.password = '';
  return plain.href;
}
