// Servers and clients on the loopback address for one test file. All are closed after each test.
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { afterEach } from '@jest/globals';
import type { Agents } from '../../../bot/http-client/agents.ts';
import { HttpClientError } from '../../../bot/http-client/errors.ts';
import { createHttpClient, type HttpClient } from '../../../bot/http-client/http-client.ts';

export interface Loopback {
  port: number;
  /** `http://127.0.0.1:<port>`. */
  url: string;
  /** Connections that are currently open. */
  open: Set<Socket>;
  /** Returns the number of connections since the start. */
  connections(): number;
  close(): Promise<void>;
}

export type Loopbacks = ReturnType<typeof useLoopback>;

/** Returns functions that start servers and clients. Must be called once at the top of a test file. */
export function useLoopback() {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  async function listen(server: Server): Promise<Loopback> {
    const open = new Set<Socket>();
    let connections = 0;
    server.on('connection', (socket) => {
      connections += 1;
      open.add(socket);
      socket.on('error', () => {}); // the tests cut connections on purpose
      socket.once('close', () => open.delete(socket));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // a TCP server has no other kind of address
    const close = async () => {
      for (const socket of open) socket.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    };
    closers.push(close);
    return { port, url: `http://127.0.0.1:${port}`, open, connections: () => connections, close };
  }

  return {
    listen,
    serve: (handler: RequestListener) => listen(createHttpServer(handler)),
    serveTcp: (onSocket: (socket: Socket) => void) => listen(createTcpServer(onSocket)),
    client(agents?: Agents): HttpClient {
      const client = createHttpClient(agents ? { agents } : {});
      closers.push(() => client.close());
      return client;
    },
  };
}

/** Returns the error of a request. Throws if the request succeeds, or throws another error. */
export async function errorOf(attempt: Promise<unknown>): Promise<HttpClientError> {
  const error = await attempt.then(
    () => new Error('The request succeeded, but the test expects an error.'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof HttpClientError) return error;
  throw error;
}

/** Returns the members of the error that callers base decisions on. */
export async function factsOf(attempt: Promise<unknown>) {
  const { kind, code, target, maybeReceived } = await errorOf(attempt);
  return { kind, code, target, maybeReceived };
}
