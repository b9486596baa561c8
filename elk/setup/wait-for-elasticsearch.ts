// Waits until Elasticsearch takes orders from the superuser, and tells a wrong password from a node that is starting.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, errors } from '@elastic/elasticsearch';
import { SetupError } from './settings.ts';

interface WaitLimits {
  /** Milliseconds until the wait is given up. */
  deadlineMs: number;
  /** Milliseconds for which a refused password may still be a node that has not read its users yet. */
  refusedMs: number;
  /** Milliseconds between two tries. */
  pauseMs: number;
}

const WAIT_LIMITS: WaitLimits = { deadlineMs: 180_000, refusedMs: 15_000, pauseMs: 1000 };

/** Resolves when the cluster is at least yellow. Throws `SetupError` with the remedy otherwise. */
export async function waitForElasticsearch(client: Client, limits: WaitLimits = WAIT_LIMITS): Promise<void> {
  const start = performance.now();
  let refusedSince: number | undefined;
  for (;;) {
    const problem = await askHealth(client);
    if (problem === undefined) return;
    const now = performance.now();
    const refused = problem instanceof errors.ResponseError && problem.statusCode === 401;
    refusedSince = refused ? (refusedSince ?? now) : undefined;
    if (refusedSince !== undefined && now - refusedSince >= limits.refusedMs) throw wrongPassword(problem);
    if (now - start >= limits.deadlineMs) throw notReady(problem, limits.deadlineMs);
    await sleep(limits.pauseMs);
  }
}

async function askHealth(client: Client): Promise<unknown> {
  try {
    const health = await client.cluster.health({ wait_for_status: 'yellow', timeout: '5s' });
    return health.timed_out ? new Error(`the cluster is ${health.status}`) : undefined;
  } catch (error) {
    return error;
  }
}

function wrongPassword(cause: unknown): SetupError {
  return new SetupError(
    [
      'Elasticsearch refuses the password of user elastic.',
      'ELASTIC_PASSWORD in .env counts on the first start only; since then the volume elasticsearch-data keeps it.',
      'Either put the earlier password back into .env, or set the one from .env anew:',
      '  docker compose exec -it elasticsearch bin/elasticsearch-reset-password -u elastic -i',
      'then run make up again. See "Passwords" in docs/operations.md.',
    ].join('\n'),
    1,
    { cause },
  );
}

function notReady(problem: unknown, deadlineMs: number): SetupError {
  const reason = problem instanceof Error ? problem.message : String(problem);
  return new SetupError(
    `Elasticsearch was not ready after ${Math.round(deadlineMs / 1000)} s: ${reason}. Look at: docker compose logs elasticsearch`,
    1,
    { cause: problem },
  );
}
