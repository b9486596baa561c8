// Finds the program that listens on a TCP port of this machine.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { commandLine } from './identity.ts';

export interface Listen {
  host: string;
  port: number;
  /** Name of the setting that changes the port. */
  setting: string;
}

export interface PortOwner {
  /** Missing if the program belongs to another user. */
  pid?: number;
  command?: string;
}

/**
 * Returns the program that listens on the port. Returns an empty object if it is not visible, for example because it
 * belongs to another user.
 */
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

/**
 * Tries to listen on the port. Returns the error code (`EADDRINUSE`, `EACCES`, …), or undefined if the port is free.
 */
export function listenProblem({ host, port }: { host: string; port: number }): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/**
 * Returns the targets of `/proc/<pid>/fd` links that are listening sockets on the port, over IPv4 and IPv6. See
 * https://man7.org/linux/man-pages/man5/proc_pid_fd.5.html (read 2026-11).
 */
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
    return []; // ended in the meantime, or belongs to another user
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
