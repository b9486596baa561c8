// Sends bytes that may not be a request at all, and takes whatever comes back.
import { connect } from 'node:net';
import { PATIENCE_MS } from '../support/patience.ts';

/** A server that waits for the rest of a broken request is told after this long that there is none. */
const SETTLED_MS = 60;
/** After an answer, so long for a second one: some inputs are two requests. */
const QUIET_MS = 5;
const GIVE_UP_MS = PATIENCE_MS;

/** The status of every answer; none when the server closed without a word. `hung`: it neither answered nor closed. */
export function exchange(port: number, bytes: Buffer): Promise<{ statuses: number[]; hung: boolean }> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let received = '';
    const end = (hung: boolean) => {
      clearTimeout(noMore);
      clearTimeout(giveUp);
      // A reset leaves no port in TIME_WAIT: a long run would use them up.
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
