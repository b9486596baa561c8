// The side effects checks may have. Tests use the real ones on loopback, and others only for what cannot be provoked.
import type { HttpRequest, HttpResponse } from '../../../bot/http-client/http-client.ts';
import type { PortOwner } from '../../process/port-owner.ts';
import type { LogEvidence } from '../evidence/log-evidence.ts';

export interface Ports {
  clock: { now(): number };
  net: NetPort;
  http: HttpPort;
  /** The same, never through a proxy: for the bot on this machine. */
  local: HttpPort;
  files: FilesPort;
  proc: ProcPort;
  db: DbPort;
  logs: LogEvidence;
  memory: CallMemory;
}

interface Endpoint {
  host: string;
  port: number;
}

interface Certificate {
  subject: string;
  issuer: string;
  validTo: string;
}

export interface NetPort {
  /** The addresses the system resolver gives, as the bot's own requests use them. */
  resolve(host: string): Promise<string[]>;
  /** Opens and closes a connection; resolves with the address it reached. */
  connect(endpoint: Endpoint, limits: { timeoutMs: number; signal: AbortSignal }): Promise<string>;
  /** Completes a TLS handshake with any certificate and says what is wrong with it. Sends nothing. */
  handshake(
    endpoint: Endpoint,
    limits: { timeoutMs: number; signal: AbortSignal },
  ): Promise<{ problem: { code: string; message: string } | undefined; certificate: Certificate }>;
  /** The proxy requests to this address go through, if any. */
  proxyFor(url: string): string | undefined;
}

export interface HttpPort {
  /** By the bot's own HTTP client, so proxies and limits are the bot's. */
  request(request: HttpRequest): Promise<HttpResponse>;
  close(): void;
}

export interface FilesPort {
  /** Free space of the file system that holds `path` or its nearest existing parent. */
  space(path: string): Promise<{ path: string; freeBytes: number; totalBytes: number }>;
  /** Writes, syncs and removes a small file; resolves with the system's code when that fails. */
  tryWrite(dir: string): Promise<string | null>;
  memory(): Promise<{ availableBytes: number; totalBytes: number }>;
}

export interface ProcPort {
  /** The program that listens on a local TCP port; empty when the system does not tell. */
  owner(port: number): PortOwner;
  /** The bot that `ops up` started, if it still runs. */
  recordedBot(): { pid: number } | undefined;
}

export interface QueueRows {
  inbox: { depth: number; dead: number; oldestAt: number | null };
  outbox: { pending: number; unknown: number; dead: number; oldestAt: number | null };
  /** Parts that wait for people; the code is the platform's, of the last attempt. */
  givenUp: { platform: string; code: string | null; count: number }[];
}

export interface DbPort {
  /** One direct connection, not a pool: a pool hides the server's own error code. Reads only. */
  check(databaseUrl: string, signal: AbortSignal): Promise<void>;
  queues(databaseUrl: string, signal: AbortSignal): Promise<QueueRows>;
}

export interface CallMemory {
  /** When this question was last answered well, if that was within ten minutes and about the same secret. */
  recall(question: string, secret: string): Promise<Date | undefined>;
  remember(question: string, secret: string): Promise<void>;
}
