// Durations of the phases of an outgoing request, measured by the events of its socket.
import type { Agent, ClientRequest } from 'node:http';
import type { Socket } from 'node:net';

/** Milliseconds from the start of the request. A phase that did not happen (reused socket, plain HTTP) is absent. */
export interface Phases {
  dns?: number;
  connect?: number;
  tls?: number;
  firstByte?: number;
  total?: number;
  reusedSocket?: boolean;
  /** The proxy's HTTP status for the tunnel to the target. */
  tunnelStatus?: number;
}

/** The only method of an agent that `node:http` calls for a request. */
export interface RequestAgent {
  addRequest(request: ClientRequest, options: object): void;
}

/**
 * Wraps `agent` for one request, so that its times are kept apart from those of other requests on the same agent.
 * Writes each time into `phases` when the event happens.
 */
export function withPhases(agent: Agent, phases: Phases, now: () => number): Agent {
  const start = now();
  const mark = (phase: 'dns' | 'connect' | 'tls' | 'firstByte') => () => {
    phases[phase] ??= now() - start;
  };
  const wrapper: RequestAgent = {
    addRequest(request, options) {
      request.once('socket', (socket: Socket) => {
        phases.reusedSocket = request.reusedSocket;
        if (request.reusedSocket) return;
        // If a request had to wait for a socket, the socket was used before, but `reusedSocket` is false. So every
        // listener is removed when the request closes.
        const once = (event: string, listener: () => void) => {
          socket.once(event, listener);
          request.once('close', () => socket.off(event, listener));
        };
        once('lookup', mark('dns'));
        // The agent of a proxy provides sockets that are already connected.
        if (socket.connecting) once('connect', mark('connect'));
        else mark('connect')();
        once('secureConnect', mark('tls'));
      });
      request.once('proxyConnect', ({ statusCode }: { statusCode?: number }) => {
        if (statusCode !== undefined) phases.tunnelStatus = statusCode;
      });
      request.once('response', mark('firstByte'));
      (agent as unknown as RequestAgent).addRequest(request, options); // not in the published types of node:http
    },
  };
  return Object.assign(Object.create(agent), wrapper) as Agent;
}
