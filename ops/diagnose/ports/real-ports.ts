// Creates the ports of a real run.

import { Agent } from 'node:http';
import { join } from 'node:path';
import { createHttpClient, type HttpClient } from '../../../bot/http-client/http-client.ts';
import { portOwner } from '../../process/port-owner.ts';
import { findRunning, RUN_DIR } from '../../process/run-file.ts';
import { createLogEvidence } from '../evidence/log-evidence.ts';
import { createCallMemory } from './call-memory.ts';
import { createDbPort } from './db-port.ts';
import { createFilesPort } from './files-port.ts';
import { createGate, type Gate } from './gate.ts';
import { createNetPort } from './net-port.ts';
import type { HttpPort, Ports, ProcPort } from './ports.ts';

/** Creates the ports. `dir` is the folder of the installation, which contains `data/run`. */
export function createRealPorts({ dir }: { dir: string }): Ports {
  const gate = createGate();
  const clock = { now: () => Date.now() };
  const net = createNetPort(gate);
  return {
    clock,
    net,
    http: createHttpPort(createHttpClient(), gate),
    local: createHttpPort(createDirectClient(), gate),
    files: createFilesPort(),
    proc: createProcPort(dir),
    db: createDbPort(),
    logs: createLogEvidence(),
    memory: createCallMemory({ path: join(dir, RUN_DIR, 'diagnose.json'), clock }),
  };
}

function createHttpPort(client: HttpClient, gate: Gate): HttpPort {
  return {
    request: (request) => gate.run(new URL(request.url).host, () => client.request(request)),
    close: () => client.close(),
  };
}

function createDirectClient(): HttpClient {
  const agent = new Agent({ keepAlive: false });
  return createHttpClient({ agents: { for: () => ({ agent }), close: () => agent.destroy() } });
}

/** Returns undefined also if this user may not read the record. */
function findRecorded(dir: string): { pid: number } | undefined {
  try {
    return findRunning(dir, 'bot');
  } catch {
    return undefined;
  }
}

function createProcPort(dir: string): ProcPort {
  return {
    ownUser: () => process.getuid?.() ?? 0,
    owner: portOwner,
    recordedBot: () => findRecorded(dir),
  };
}
