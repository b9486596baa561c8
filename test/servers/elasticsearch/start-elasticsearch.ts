// Starts a real Elasticsearch node with security for one test file, with its own data folder and port.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PATIENCE_MS } from '../../support/patience.ts';
import { spawnMarked } from '../../support/spawn-marked.ts';

export interface ElasticsearchNode {
  url: string;
  /** Password of the user elastic. */
  password: string;
  /** Stops the node and removes its folder. */
  stop(): Promise<void>;
}

const SCRIPT = fileURLToPath(new URL('./run.sh', import.meta.url));
const PASSWORD = 'first-boot-password';
/** The node starts within 20 s on an idle machine, and uses mostly processor time. */
const START_TIMEOUT_MS = 4 * PATIENCE_MS;
/** Number of lines in the error. */
const LAST_LINES = 20;

/** Starts a node within about 20 s. Rejects with the node's last lines if it does not answer. */
export async function startElasticsearch(): Promise<ElasticsearchNode> {
  const folder = await mkdtemp(join(tmpdir(), 'chatbot-elasticsearch-'));
  const port = await freePortPair();
  const child = spawnMarked(SCRIPT, [String(port), folder], {
    env: { ...process.env, ELASTIC_PASSWORD: PASSWORD },
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => lines.push(...text.trimEnd().split('\n')));
  }
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(url, child);
  } catch (error) {
    await stop();
    throw new Error(`Elasticsearch did not start:\n${lines.slice(-LAST_LINES).join('\n')}`, { cause: error });
  }
  return { url, password: PASSWORD, stop };
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  while (child.exitCode === null && child.signalCode === null) {
    signal.throwIfAborted();
    // With security, the node answers 401 as soon as it serves requests.
    const answer = await fetch(url, { signal }).catch(() => undefined);
    if (answer?.status === 401) return;
    await sleep(250);
  }
  throw new Error(`the process ended with ${child.exitCode ?? child.signalCode}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await once(child, 'exit');
  clearTimeout(force);
}

/** Resolves with a free port. The next port, which the node's transport uses, is free too. */
async function freePortPair(): Promise<number> {
  for (;;) {
    const first = await listen(0);
    const { port } = first.address() as { port: number }; // a TCP server that listens has a port
    const second = await listen(port + 1).catch(() => undefined);
    for (const server of [first, second]) server?.close();
    if (second) return port;
  }
}

async function listen(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening'); // rejects on 'error'
  return server;
}
