// Load balancer in front of several bots: requests go to the bots in turn, some to two bots at the same time.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Balancer {
  url: string;
  /** Number of requests that went to two bots. */
  readonly duplicated: number;
  stop(): Promise<void>;
}

/** One request in this number goes to two bots. */
const DUPLICATE_EVERY = 4;

/**
 * `targets` are base addresses. If a bot is down, its requests fail, as behind a load balancer without health checks.
 */
export async function startBalancer(targets: readonly string[]): Promise<Balancer> {
  let [requests, duplicated] = [0, 0];
  const targetOf = (n: number) => targets[n % targets.length] ?? '';

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const n = requests++;
    const body = await buffer(request);
    const twice = n % DUPLICATE_EVERY === 0;
    if (twice) duplicated += 1;
    const chosen = [targetOf(n), ...(twice ? [targetOf(n + 1)] : [])];
    const headers = headersOf(request);
    const statuses = await Promise.all(chosen.map((target) => post(`${target}${request.url}`, headers, body)));
    const answer = statuses.find(({ status }) => status === 200) ?? statuses[0];
    response.writeHead(answer?.status ?? 502, { 'content-type': 'application/json' }).end(answer?.text);
  }

  const server = createServer((request, response) => void forward(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // it listens on a port
    get duplicated() {
      return duplicated;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Headers of one connection, which are not forwarded. */
const HOP = new Set(['connection', 'content-length', 'host']);

function headersOf({ headers }: IncomingMessage): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]) => (HOP.has(name) ? [] : [[name, String(value)]]));
}

async function post(url: string, headers: [string, string][], body: Buffer): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, { method: 'POST', headers, body });
    return { status: response.status, text: await response.text() };
  } catch {
    return { status: 502, text: '{}' };
  }
}
