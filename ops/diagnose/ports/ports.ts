// Interfaces of the side effects of checks. Tests use the real ones, and fakes only for faults that they cannot cause.
import type { HttpRequest, HttpResponse } from '../../../bot/http-client/http-client.ts';
import type { PortOwner } from '../../process/port-owner.ts';
import type { LogEvidence } from '../evidence/log-evidence.ts';

export interface Ports {
  clock: { now(): number };
  net: NetPort;
  http: HttpPort;
  /** HTTP without a proxy, for the bot on this machine. */
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
  /** Resolves with the addresses of the system resolver, which the bot's requests use too. Rejects with its error. */
  resolve(host: string): Promise<string[]>;
  /** Opens and closes a connection. Resolves with the remote address. Rejects with `ETIMEDOUT` at the limit. */
  connect(endpoint: Endpoint, limits: { timeoutMs: number; signal: AbortSignal }): Promise<string>;
  /** Completes a TLS handshake with any certificate and returns the problem of the certificate. Sends no data. */
  handshake(
    endpoint: Endpoint,
    limits: { timeoutMs: number; signal: AbortSignal },
  ): Promise<{ problem: { code: string; message: string } | undefined; certificate: Certificate }>;
  /** Returns the proxy for requests to this URL, or undefined. */
  proxyFor(url: string): string | undefined;
}

export interface HttpPort {
  /**
   * Sends a request with the bot's HTTP client, so that proxies and limits are the same. Rejects with
   * `HttpClientError`.
   */
  request(request: HttpRequest): Promise<HttpResponse>;
  close(): void;
}

export interface FilesPort {
  /** Returns the free space of the file system with `path` or its nearest existing parent. */
  space(path: string): Promise<{ path: string; freeBytes: number; totalBytes: number }>;
  /** Writes, syncs and removes a small file. Resolves with the error code of the system, or null if it succeeds. */
  tryWrite(dir: string): Promise<string | null>;
  memory(): Promise<{ availableBytes: number; totalBytes: number }>;
  /** Returns the user id of the owner of `path` or of its nearest visible parent. */
  owner(path: string): Promise<number>;
  /** Returns the name of a user, or its number if it has no name on this machine. */
  userName(id: number): Promise<string>;
}

export interface ProcPort {
  /** User id of this process. */
  ownUser(): number;
  /** Returns the program that listens on a local TCP port, without fields that the system hides. */
  owner(port: number): PortOwner;
  /** Returns the bot that `ops up` started, if it still runs. */
  recordedBot(): { pid: number } | undefined;
}

export interface QueueRows {
  inbox: { depth: number; dead: number; oldestAt: number | null };
  outbox: { pending: number; unknown: number; dead: number; oldestAt: number | null };
  /** Number of parts that wait for an operator, by platform and the code of the last attempt. */
  givenUp: { platform: string; code: string | null; count: number }[];
}

export interface DbPort {
  /**
   * Runs a query on a direct connection, because a pool hides the error code of the server. Rejects with that error.
   */
  check(databaseUrl: string, signal: AbortSignal): Promise<void>;
  /** Counts the rows of the queues. Rejects with the error of the database. */
  queues(databaseUrl: string, signal: AbortSignal): Promise<QueueRows>;
}

export interface CallMemory {
  /**
   * Resolves with the time of the last success of this request, if it is at most ten minutes old and for this secret.
   */
  recall(question: string, secret: string): Promise<Date | undefined>;
  /** Stores a success with the current time. */
  remember(question: string, secret: string): Promise<void>;
}
