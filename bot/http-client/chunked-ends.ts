// Leaves the end of a chunked answer to Node's own parser.
import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { RequestAgent } from './phases.ts';

/**
 * Wraps `agent` for one request. node-fetch looks for the last chunk in the packets of the socket, to find answers that
 * were cut (`fixResponseChunkedTransferBadEnding`). It takes a whole answer for a cut one when that chunk comes in
 * pieces, with trailers or with an extension. Node's parser reports a cut body itself.
 */
export function withChunkedEnds(agent: Agent): Agent {
  const wrapper: RequestAgent = {
    addRequest(request: ClientRequest, options) {
      // node-fetch listens later, and makes the headers of its answer from `rawHeaders`.
      request.once('response', ({ headers }: IncomingMessage) => {
        delete headers['transfer-encoding'];
      });
      (agent as unknown as RequestAgent).addRequest(request, options); // not in the published types of node:http
    },
  };
  return Object.assign(Object.create(agent), wrapper) as Agent;
}
