// A platform that answers by script, for what the lab never does: pages, cut connections, silence.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseJson } from '../../../bot/runtime/json.ts';

export interface ScriptedRequest {
  path: string;
  headers: NodeJS.Dict<string | string[]>;
  json: unknown;
}

export type Answer =
  | { status?: number; headers?: Record<string, string>; body: string | object }
  /** The whole request is read, then the connection is cut, or nothing is ever said. */
  | 'cut'
  | 'silence';

export interface ScriptedPlatform {
  url: string;
  requests: ScriptedRequest[];
  stop(): Promise<void>;
}

/** Starts it on a free port; `answer` is asked for every request. */
export async function startScriptedPlatform(answer: (request: ScriptedRequest) => Answer): Promise<ScriptedPlatform> {
  const requests: ScriptedRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const json = parseJson(Buffer.concat(chunks).toString());
    const request = { path: incoming.url ?? '', headers: incoming.headers, json };
    requests.push(request);
    const said = answer(request);
    if (said === 'silence') return;
    if (said === 'cut') {
      incoming.socket.destroy();
      return;
    }
    const { status = 200, headers = {}, body } = said;
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
