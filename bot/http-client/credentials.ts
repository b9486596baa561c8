// Moves the name and the password of an address to a header, because node-fetch rejects such addresses.
import { decodePercent } from '../runtime/percent.ts';

/** Returns the `authorization` header for the name and the password of an address; empty if it has neither. */
export function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodePercent(username)}:${decodePercent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** Returns the address without the name and the password. */
export function withoutCredentials(url: URL): string {
  const plain = new URL(url);
  plain.username = '';
  plain.password = '';
  return plain.href;
}
