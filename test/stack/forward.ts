// Forwards connections from containers to a server that listens on the host's loopback only.

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { runCommand } from '../../ops/process/run-command.ts';

export interface Forward {
  /** Port on the gateway's address. */
  port: number;
  stop(): void;
}

/** Returns the host's address on Docker's default bridge, which containers reach as `host-gateway`. */
export async function gatewayAddress(): Promise<string> {
  const format = '{{ (index .IPAM.Config 0).Gateway }}';
  const { code, stdout, stderr } = await runCommand('docker', ['network', 'inspect', 'bridge', '--format', format], {
    timeoutMs: 20_000,
  });
  if (code !== 0) throw new Error(`Docker did not report its gateway: ${stderr}`);
  return stdout.trim();
}

/** Forwards every connection from a free port of `host` to a port of the loopback. */
export async function forward(host: string, targetPort: number): Promise<Forward> {
  const sockets = new Set<Socket>();
  const server = createServer((inside) => {
    const outside = connect(targetPort, '127.0.0.1');
    for (const socket of [inside, outside]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    // If one side ends or fails, the other side ends too.
    inside.on('error', () => outside.destroy());
    outside.on('error', () => inside.destroy());
    inside.pipe(outside).pipe(inside);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port number.');
  return {
    port: address.port,
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
