// Disables node-fetch's own check of the end of a chunked body, in favour of Node's parser.
import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { RequestAgent } from './phases.ts';

/**
 * Wraps `agent` for one request. node-fetch searches the packets of the socket for the last chunk, to detect truncated
 * answers (`fixResponseChunkedTransferBadEnding`). If that chunk arrives in pieces, with trailers or with an extension,
 * node-fetch reports a complete answer as truncated. Node's parser detects a truncated body itself.
 */
export function withChunkedEnds(agent: Agent): Agent {
  const wrapper: RequestAgent = {
    addRequest(request: ClientRequest, options) {
      // node-fetch adds its listener later, and builds the headers of its response from `rawHeaders`.
      request.once('response', ({ headers }: IncomingMessage) => {
        delete headers['transfer-encoding'];
      });
      (agent as unknown as RequestAgent).addRequest(request, options); // not in the published types of node:http
    },
  };
  return Object.assign(Object.create(agent), wrapper) as Agent;
}
