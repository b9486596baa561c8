// The WebSocket side of a fake platform: who may connect, who is connected, and how it all can break.
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';

/** The answer to a handshake that is refused. */
interface Refusal {
  status: number;
  headers?: Record<string, string>;
}

/** What one platform does with connections. */
export interface SocketHostDeps<Client> {
  path: string;
  /** The client that comes with this address; undefined when it may not. */
  admit(url: URL): Client | undefined;
  refusal: Refusal;
  onOpen?(socket: WebSocket, client: Client): void;
  onMessage(socket: WebSocket, data: Buffer, client: Client): void;
}

/** The open connections of one platform. */
export interface SocketHost<Client> {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  readonly clients: ReadonlyMap<WebSocket, Client>;
  /** How many connections there have been. */
  readonly opened: number;
  /** True plays a server that hangs: nothing is read, answered or sent, handshakes included. */
  isSilent: boolean;
  /** True refuses every handshake, as if all tickets were too old. */
  isRefusing: boolean;
  /** Sends frames to one of the clients that `takes` accepts, chosen at random; false when there is none. */
  sendToOne(frames: readonly (string | Buffer)[], takes?: (client: Client) => boolean): boolean;
  /** Breaks every connection without a word. */
  kick(): void;
}

/** Creates the host. */
export function createSocketHost<Client>(deps: SocketHostDeps<Client>): SocketHost<Client> {
  const server = new WebSocketServer({ noServer: true, autoPong: false });
  const clients = new Map<WebSocket, Client>();
  let opened = 0;
  const host: SocketHost<Client> = {
    clients,
    get opened() {
      return opened;
    },
    isSilent: false,
    isRefusing: false,
    sendToOne(frames, takes = () => true) {
      const able = [...clients].filter(([, client]) => takes(client));
      const [socket] = able[Math.floor(Math.random() * able.length)] ?? [];
      if (!host.isSilent) for (const frame of frames) socket?.send(frame);
      return socket !== undefined;
    },
    kick() {
      for (const socket of clients.keys()) socket.terminate();
    },
    upgrade(request, stream, head) {
      if (host.isSilent) return;
      const url = new URL(request.url ?? '/', 'http://lab');
      const client = url.pathname === deps.path && !host.isRefusing ? deps.admit(url) : undefined;
      if (client === undefined) refuseHandshake(stream, deps.refusal);
      else server.handleUpgrade(request, stream, head, (socket) => serve(socket, client));
    },
  };

  function serve(socket: WebSocket, client: Client): void {
    clients.set(socket, client);
    opened += 1;
    socket.on('ping', (data) => {
      if (!host.isSilent) socket.pong(data);
    });
    socket.on('message', (data) => {
      if (!host.isSilent) deps.onMessage(socket, data as Buffer, client); // `ws` hands over Buffers unless told otherwise
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => clients.delete(socket));
    deps.onOpen?.(socket, client);
  }
  return host;
}

function refuseHandshake(stream: Duplex, { status, headers = {} }: Refusal): void {
  const lines = Object.entries({ ...headers, connection: 'close', 'content-length': '0' });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n`);
}
