// Reads the bodies of requests within one budget for all unfinished ones, so that strangers cannot fill the memory.
import type { IncomingMessage } from 'node:http';
import type { BodyTerms, RejectedReason } from '../domain/callback.ts';

/** Memory of a chunk beside its bytes. A body sent byte by byte takes hundreds of times its length. */
const CHUNK_OVERHEAD_BYTES = 512;

/** A body of 1 MB in packets has some 700 pieces. Each one costs processor time, however small it is. */
const MAX_CHUNKS = 2_000;

/** A body, or the reason why there is none. */
export type ReadBody = Buffer | Extract<RejectedReason, 'too_large' | 'incomplete_body' | 'overloaded'>;

export interface BodyReader {
  read(request: IncomingMessage, terms: BodyTerms): Promise<ReadBody>;
}

interface UnfinishedBody {
  proven: boolean;
  /** Bytes of the budget. */
  held: number;
  end(result: ReadBody): void;
}

/**
 * Beyond the budget the largest unfinished body is given up, so the budget is shared evenly: a genuine callback of a
 * few kilobytes is in before thousands of strangers have shrunk that share to its size. Bodies whose sender is proven
 * go last.
 */
export function createBodyReader(budgetBytes: number): BodyReader {
  const unfinished = new Set<UnfinishedBody>();
  let held = 0;

  function keepToBudget(): void {
    while (held > budgetBytes) largest(unfinished)?.end('overloaded');
  }

  return {
    read: (request, { maxBytes, proven }) =>
      new Promise((resolve) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        const body: UnfinishedBody = {
          proven,
          held: 0,
          end(result) {
            if (!unfinished.delete(body)) return;
            held -= body.held;
            chunks.length = 0;
            if (typeof result === 'string') request.socket.pause(); // until the answer closes the connection
            resolve(result);
          },
        };
        unfinished.add(body);
        request.on('data', (chunk: Buffer) => {
          if (!unfinished.has(body)) return; // given up: what was read before the pause is still on its way
          bytes += chunk.length;
          if (bytes > maxBytes) return body.end('too_large');
          chunks.push(chunk);
          if (chunks.length > MAX_CHUNKS) {
            body.end('too_large');
            request.destroy(); // an answer would cost the rest of the pieces
            return;
          }
          body.held += chunk.length + CHUNK_OVERHEAD_BYTES;
          held += chunk.length + CHUNK_OVERHEAD_BYTES;
          keepToBudget();
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
    if (!found || (found.proven === body.proven ? body.held > found.held : found.proven)) found = body;
  }
  return found;
}
