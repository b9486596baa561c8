// Starts a Feishu channel that receives callbacks over real HTTP from the lab.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CallbackResult } from '../../../../bot/domain/callback.ts';
import { createFeishuChannel } from '../../../../bot/platforms/feishu/channel.ts';
import { generateCredentials, type Lab, startLab } from '../../../../ops/lab/start-lab.ts';
import { PATIENCE_MS } from '../../../support/patience.ts';
import { createObservedClient } from '../observed-client.ts';

export interface ListeningChannel {
  lab: Lab;
  channel: ReturnType<typeof createFeishuChannel>;
  /** Results of all callbacks, in order. */
  results: CallbackResult[];
  /** Paths of all calls to Feishu. */
  paths: string[];
  /** Advances the channel's clock. */
  later(ms: number): void;
  appId: string;
  botOpenId: string;
  stop(): Promise<void>;
}

export async function startListeningChannel(): Promise<ListeningChannel> {
  const credentials = generateCredentials();
  const http = createObservedClient();
  const results: CallbackResult[] = [];
  let ahead = 0;
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const headers = incoming.headers as Record<string, string>; // the lab repeats no header
    const result = channel.receive({ headers, query: {}, rawBody: Buffer.concat(chunks), now: Date.now() });
    results.push(result);
    response.end(JSON.stringify('body' in result ? result.body : {}));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo; // a server listening on TCP always has one
  const lab = await startLab({ credentials, botUrl: `http://127.0.0.1:${port}`, ackWithinMs: PATIENCE_MS });
  const clock = () => Date.now() + ahead;
  const channel = createFeishuChannel({ apps: [credentials.feishu], baseUrl: lab.urls.feishu, http, clock });
  return {
    lab,
    channel,
    results,
    paths: http.paths,
    later: (ms) => {
      ahead += ms;
    },
    appId: credentials.feishu.appId,
    botOpenId: credentials.feishu.botOpenId,
    async stop() {
      await lab.stop();
      http.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
