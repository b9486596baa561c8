// A platform with scripted answers, for cases that the lab does not support: HTML, cut connections, no answer.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseJson } from '../../../bot/runtime/json.ts';

export interface ScriptedRequest {
  path: string;
  headers: NodeJS.Dict<string | string[]>;
  json: unknown;
}

export type ScriptedAnswer =
  | { status?: number; headers?: Record<string, string>; body: string | object }
  /** Reads the complete request, then cuts the connection, or never answers. */
  | 'cut'
  | 'silence';

export interface ScriptedPlatform {
  url: string;
  requests: ScriptedRequest[];
  stop(): Promise<void>;
}

/** Starts the platform on a free port. `answer` returns the answer to each request. */
export async function startScriptedPlatform(
  answer: (request: ScriptedRequest) => ScriptedAnswer,
): Promise<ScriptedPlatform> {
  const requests: ScriptedRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const json = parseJson(Buffer.concat(chunks).toString());
    const request = { path: incoming.url ?? '', headers: incoming.headers, json };
    requests.push(request);
    const scripted = answer(request);
    if (scripted === 'silence') return;
    if (scripted === 'cut') {
      incoming.socket.destroy();
      return;
    }
    const { status = 200, headers = {}, body } = scripted;
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server listening on TCP always has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
