// The WebSocket server of a fake platform: admits clients, tracks connections, and simulates failures.
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';

/** Answer to a rejected handshake. */
interface HandshakeRejection {
  status: number;
  headers?: Record<string, string>;
}

/** Rules of one platform for its connections. */
export interface SocketHostDeps<Client> {
  path: string;
  /** Returns the client of a handshake with this address; undefined if the handshake is rejected. */
  admit(url: URL): Client | undefined;
  rejection: HandshakeRejection;
  onOpen?(socket: WebSocket, client: Client): void;
  onMessage(socket: WebSocket, data: Buffer, client: Client): void;
}

/** The open connections of one platform. */
export interface SocketHost<Client> {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  readonly clients: ReadonlyMap<WebSocket, Client>;
  /** Number of connections opened so far. */
  readonly opened: number;
  /** True simulates a server that hangs: nothing is read, answered or sent, handshakes included. */
  isSilent: boolean;
  /** True rejects every handshake, as if all tickets had expired. */
  rejectsHandshakes: boolean;
  /** Sends frames to a random client that `accepts` returns true for. Returns false if there is no such client. */
  sendToOne(frames: readonly (string | Buffer)[], accepts?: (client: Client) => boolean): boolean;
  /** Destroys every connection without a close frame. */
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
    rejectsHandshakes: false,
    sendToOne(frames, accepts = () => true) {
      const candidates = [...clients].filter(([, client]) => accepts(client));
      const [socket] = candidates[Math.floor(Math.random() * candidates.length)] ?? [];
      if (!host.isSilent) for (const frame of frames) socket?.send(frame);
      return socket !== undefined;
    },
    kick() {
      for (const socket of clients.keys()) socket.terminate();
    },
    upgrade(request, stream, head) {
      if (host.isSilent) return;
      const url = new URL(request.url ?? '/', 'http://lab');
      const client = url.pathname === deps.path && !host.rejectsHandshakes ? deps.admit(url) : undefined;
      if (client === undefined) rejectHandshake(stream, deps.rejection);
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
      if (!host.isSilent) deps.onMessage(socket, data as Buffer, client); // by default, `ws` passes Buffers
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => clients.delete(socket));
    deps.onOpen?.(socket, client);
  }
  return host;
}

function rejectHandshake(stream: Duplex, { status, headers = {} }: HandshakeRejection): void {
  const lines = Object.entries({ ...headers, connection: 'close', 'content-length': '0' });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n`);
}
