// Starts a small real proxy, and sets the variables that configure it.
import { createServer, type IncomingMessage, request as requestTo } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Loopbacks } from './loopback.ts';

const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'] as const;
export type ProxyVariables = Partial<Record<(typeof names)[number], string>>;

/** Sets these variables and deletes the others. Lower-case spellings are deleted too, because they have precedence. */
export function setEnvironment(variables: ProxyVariables): void {
  for (const name of [...names, ...names.map((upper) => upper.toLowerCase())]) delete process.env[name];
  Object.assign(process.env, variables);
}

/** Address to which the proxy resolves every name. */
const host = '127.0.0.1';

/**
 * Forwards absolute-form requests, opens tunnels, and records both. With `rejectWith` it answers all with this status.
 */
export async function startProxy(loopback: Loopbacks, { rejectWith }: { rejectWith?: number } = {}) {
  const asked: { line: string; auth: string | undefined }[] = [];
  const record = ({ method, url, headers }: IncomingMessage) =>
    asked.push({ line: `${method} ${url}`, auth: headers['proxy-authorization'] });
  const server = createServer((request, response) => {
    record(request);
    if (rejectWith !== undefined) {
      response.writeHead(rejectWith).end('by the proxy');
      return;
    }
    const { method = 'GET', headers, url = '' } = request;
    const { port, pathname: path } = new URL(url);
    const onward = requestTo({ host, port, path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => request.socket.destroy());
    request.pipe(onward);
  });
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    record(request);
    if (rejectWith !== undefined) {
      client.end(`HTTP/1.1 ${rejectWith} Rejected\r\n\r\n`);
      return;
    }
    const port = Number(request.url?.split(':')[1]);
    const onward = connect(port, host, () => client.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    for (const socket of [onward, client]) socket.on('error', () => {});
    onward.once('close', () => client.destroy());
    client.once('close', () => onward.destroy());
    onward.pipe(client).pipe(onward);
  });
  return { ...(await loopback.listen(server)), asked };
}
