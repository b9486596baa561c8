// Waits for the handshake of a WebSocket with a timeout, and rejects with the cause if it fails.
import type { IncomingMessage } from 'node:http';
import type WebSocket from 'ws';
import { ConnectionRejectedError } from '../domain/connection.ts';

/**
 * Resolves when the socket is open. Rejects with `ConnectionRejectedError`, with a system error, or with `ETIMEDOUT`
 * after `openMs` milliseconds.
 */
export async function handshake(socket: WebSocket, openMs: number, signal: AbortSignal): Promise<void> {
  let isTimedOut = false;
  const terminate = () => socket.terminate();
  signal.addEventListener('abort', terminate);
  // The timeout of `ws` is not used. It starts with the TCP socket, which a hanging proxy never provides.
  const timer = setTimeout(() => {
    isTimedOut = true;
    terminate();
  }, openMs).unref();
  try {
    await opened(socket);
  } catch (error) {
    throw isTimedOut ? timeoutError(openMs) : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', terminate);
  }
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('unexpected-response', (request, response) => {
      reject(rejectionOf(response));
      request.destroy();
    });
  });
}

/** Builds the error of a rejected handshake. It is not lasting, because the ticket may have expired. */
function rejectionOf({ statusCode, headers }: IncomingMessage): ConnectionRejectedError {
  const code = String(headers['handshake-status'] ?? statusCode);
  const message = String(headers['handshake-msg'] ?? `the handshake was answered with HTTP ${statusCode}`);
  return new ConnectionRejectedError({ code, message, lasting: false });
}

const timeoutError = (ms: number) =>
  Object.assign(new Error(`the handshake was not answered within ${ms} ms`), { code: 'ETIMEDOUT' });
