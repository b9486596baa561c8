// How long each phase of an outgoing request took, read from the events of its socket.
import type { Agent, ClientRequest } from 'node:http';
import type { Socket } from 'node:net';

/** Milliseconds from the start of the request; a phase that did not happen (reused socket, plain HTTP) is absent. */
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

/** What `node:http` needs of an agent: it calls nothing else for a request. */
export interface RequestAgent {
  addRequest(request: ClientRequest, options: object): void;
}

/**
 * Wraps `agent` for one request, so that the marks of this request are not mixed with those of others on the
 * same agent. The marks are written into `phases` as they happen.
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
        // A socket that a request had to wait for is a used one too, and Node does not say so: nothing may stay on it.
        const once = (event: string, note: () => void) => {
          socket.once(event, note);
          request.once('close', () => socket.off(event, note));
        };
        once('lookup', mark('dns'));
        // A proxy's agent hands out sockets that are connected already.
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
