// Sends arbitrary bytes to a server and collects its answers.
import { connect } from 'node:net';
import { PATIENCE_MS } from '../support/patience.ts';

/** Time after which the client ends its side, because a server may wait for the rest of a damaged request. */
const SETTLED_MS = 60;
/** Wait for a second answer after the first one, because some inputs are two requests. */
const QUIET_MS = 5;
const GIVE_UP_MS = PATIENCE_MS;

/**
 * Resolves to the status of every answer; none if the server closed the connection without one. `hung`: the server
 * neither answered nor closed.
 */
export function exchange(port: number, bytes: Buffer): Promise<{ statuses: number[]; hung: boolean }> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let received = '';
    const end = (hung: boolean) => {
      clearTimeout(noMore);
      clearTimeout(giveUp);
      // A reset leaves no port in TIME_WAIT; a long run would use up the ports.
      socket.resetAndDestroy();
      const statuses = [...received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
      resolve({ statuses, hung });
    };
    let noMore = setTimeout(() => socket.end(), SETTLED_MS);
    const giveUp = setTimeout(() => end(true), GIVE_UP_MS);
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      clearTimeout(noMore);
      noMore = setTimeout(() => end(false), QUIET_MS);
    });
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => end(false));
    socket.write(bytes);
  });
}
