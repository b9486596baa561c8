// Sends one request over TLS that trusts only the given certificate authority.

import { once } from 'node:events';
import { request } from 'node:https';

export interface TlsRequest {
  /** An address under https://localhost. */
  url: string;
  /** PEM of the only trusted authority. */
  ca: string;
  headers?: Record<string, string>;
  /** Body of a POST. Without a body, the request is a GET. */
  body?: Buffer;
}

/** Resolves to status and body. Rejects if the certificate is not of that authority or not for that name. */
export async function tlsRequest({
  url,
  ca,
  headers = {},
  body,
}: TlsRequest): Promise<{ status: number; body: string }> {
  const outgoing = request(url, { ca, headers, method: body ? 'POST' : 'GET', agent: false, timeout: 10_000 });
  outgoing.once('timeout', () => outgoing.destroy(new Error(`No answer from ${url} within 10 s`)));
  outgoing.end(body);
  const [response] = await once(outgoing, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, body: Buffer.concat(chunks).toString() };
}
