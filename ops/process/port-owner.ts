// Says which program listens on a TCP port of this machine.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { commandLine } from './identity.ts';

export interface Listen {
  host: string;
  port: number;
  /** The setting that moves the port. */
  setting: string;
}

export interface PortOwner {
  /** Unknown when the program belongs to another user. */
  pid?: number;
  command?: string;
}

/** The program that listens on the port; empty when it cannot be named, e.g. because it is another user's. */
export function portOwner(port: number): PortOwner {
  const inodes = listeningInodes(port);
  for (const pid of readNames('/proc').filter((name) => /^\d+$/.test(name))) {
    const sockets = readNames(`/proc/${pid}/fd`).map((fd) => readLink(`/proc/${pid}/fd/${fd}`));
    if (!sockets.some((target) => inodes.has(target))) continue;
    const command = commandLine(Number(pid));
    return { pid: Number(pid), ...(command !== undefined && { command }) };
  }
  return {};
}

/** Why the port cannot be listened on (`EADDRINUSE`, `EACCES`, …), found out by trying; undefined when it can. */
export function listenProblem({ host, port }: { host: string; port: number }): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** The targets of `/proc/<pid>/fd` links that are listening sockets on the port, over IPv4 and IPv6. */
function listeningInodes(port: number): Set<string> {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readLines(table)) {
      // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === '0A' && local?.endsWith(`:${hexPort}`)) inodes.add(`socket:[${inode}]`);
    }
  }
  return inodes;
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function readNames(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return []; // ended meanwhile, or another user's
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
