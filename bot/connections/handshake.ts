// Waits for a WebSocket to stand, within a bound, and says why it does not.
import type { IncomingMessage } from 'node:http';
import type WebSocket from 'ws';
import { ConnectionRejectedError } from '../domain/connection.ts';

/** Rejects with `ConnectionRejectedError`, with the error of the system, or with `ETIMEDOUT` after `openMs`. */
export async function handshake(socket: WebSocket, openMs: number, signal: AbortSignal): Promise<void> {
  let isLate = false;
  const giveUp = () => socket.terminate();
  signal.addEventListener('abort', giveUp);
  // Not the library's own bound: it starts with the socket, which a proxy that hangs never hands out.
  const timer = setTimeout(() => {
    isLate = true;
    giveUp();
  }, openMs).unref();
  try {
    await opened(socket);
  } catch (error) {
    throw isLate ? tooLate(openMs) : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('unexpected-response', (request, response) => {
      reject(refusalOf(response));
      request.destroy();
    });
  });
}

/** A ticket can simply have been too old, so another attempt follows soon. */
function refusalOf({ statusCode, headers }: IncomingMessage): ConnectionRejectedError {
  const code = String(headers['handshake-status'] ?? statusCode);
  const message = String(headers['handshake-msg'] ?? `the handshake was answered with HTTP ${statusCode}`);
  return new ConnectionRejectedError({ code, message, lasting: false });
}

const tooLate = (ms: number) =>
  Object.assign(new Error(`the handshake was not answered within ${ms} ms`), { code: 'ETIMEDOUT' });
