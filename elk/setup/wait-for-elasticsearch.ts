// Waits until Elasticsearch accepts the superuser's requests. Distinguishes a wrong password from a starting node.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, errors } from '@elastic/elasticsearch';
import { SetupError } from './settings.ts';

interface WaitLimits {
  /** Milliseconds until the job gives up. */
  deadlineMs: number;
  /** Milliseconds for which status 401 may still mean that the node has not loaded its users yet. */
  rejectedMs: number;
  /** Milliseconds between two requests. */
  pauseMs: number;
}

const WAIT_LIMITS: WaitLimits = { deadlineMs: 180_000, rejectedMs: 15_000, pauseMs: 1000 };

/** Resolves when the cluster is at least yellow. Otherwise throws `SetupError` with the fix. */
export async function waitForElasticsearch(client: Client, limits: WaitLimits = WAIT_LIMITS): Promise<void> {
  const start = performance.now();
  let rejectedSince: number | undefined;
  for (;;) {
    const problem = await checkHealth(client);
    if (problem === undefined) return;
    const now = performance.now();
    const rejected = problem instanceof errors.ResponseError && problem.statusCode === 401;
    rejectedSince = rejected ? (rejectedSince ?? now) : undefined;
    if (rejectedSince !== undefined && now - rejectedSince >= limits.rejectedMs) throw wrongPassword(problem);
    if (now - start >= limits.deadlineMs) throw notReady(problem, limits.deadlineMs);
    await sleep(limits.pauseMs);
  }
}

async function checkHealth(client: Client): Promise<unknown> {
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
      'Elasticsearch rejects the password of user elastic.',
      'ELASTIC_PASSWORD in .env is used on the first start only. Since then the volume elasticsearch-data contains the password.',
      'Either restore the earlier password in .env, or set the password of .env again:',
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
