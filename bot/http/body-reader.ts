// Reads request bodies within one memory budget for all unfinished ones, so that no client can exhaust the memory.
import type { IncomingMessage } from 'node:http';
import type { BodyTerms, RejectedReason } from '../domain/callback.ts';

/** Memory of a chunk in addition to its bytes. A body sent byte by byte needs hundreds of times its length. */
const CHUNK_OVERHEAD_BYTES = 512;

/** Maximum chunks of a body, because each one costs CPU time. A body of 1 MB has about 700 packets. */
const MAX_CHUNKS = 2_000;

/** A complete body, or the reason for rejecting it. */
export type ReadBody = Buffer | Extract<RejectedReason, 'too_large' | 'incomplete_body' | 'overloaded'>;

export interface BodyReader {
  /** Reads a body. Never rejects. */
  read(request: IncomingMessage, terms: BodyTerms): Promise<ReadBody>;
}

interface UnfinishedBody {
  proven: boolean;
  /** Bytes of the budget that this body uses. */
  usedBytes: number;
  end(result: ReadBody): void;
}

/**
 * Creates a reader with a budget. If the budget is exceeded, gives up the largest unfinished body. Bodies of a proven
 * sender are given up last. This shares the budget evenly: a genuine callback of a few kilobytes is complete before
 * thousands of other requests reduce its share to that size.
 */
export function createBodyReader(budgetBytes: number): BodyReader {
  const unfinished = new Set<UnfinishedBody>();
  let usedBytes = 0;

  function enforceBudget(): void {
    while (usedBytes > budgetBytes) largest(unfinished)?.end('overloaded');
  }

  return {
    read: (request, { maxBytes, proven }) =>
      new Promise((resolve) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        const body: UnfinishedBody = {
          proven,
          usedBytes: 0,
          end(result) {
            if (!unfinished.delete(body)) return;
            usedBytes -= body.usedBytes;
            chunks.length = 0;
            if (typeof result === 'string') request.socket.pause(); // until the answer has closed the connection
            resolve(result);
          },
        };
        unfinished.add(body);
        request.on('data', (chunk: Buffer) => {
          if (!unfinished.has(body)) return; // given up, but chunks that were read before the pause still arrive
          bytes += chunk.length;
          if (bytes > maxBytes) return body.end('too_large');
          chunks.push(chunk);
          if (chunks.length > MAX_CHUNKS) {
            body.end('too_large');
            request.destroy(); // to answer, the remaining chunks would have to be read
            return;
          }
          body.usedBytes += chunk.length + CHUNK_OVERHEAD_BYTES;
          usedBytes += chunk.length + CHUNK_OVERHEAD_BYTES;
          enforceBudget();
        });
        request.on('end', () => body.end(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
        request.on('error', () => body.end('incomplete_body'));
        request.on('close', () => body.end('incomplete_body'));
      }),
  };
}

function largest(bodies: Iterable<UnfinishedBody>): UnfinishedBody | undefined {
  let found: UnfinishedBody | undefined;
  for (const body of bodies) {
    if (!found || (found.proven === body.proven ? body.usedBytes > found.usedBytes : found.proven)) found = body;
  }
  return found;
}
