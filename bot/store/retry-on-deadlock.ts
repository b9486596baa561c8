// Retries a statement that MariaDB rolled back to break a deadlock.

const ATTEMPTS = 5;

/**
 * Runs `work` again after a deadlock. `work` must be one statement, or a transaction that can run again from its start.
 */
export async function retryOnDeadlock<T>(work: () => PromiseLike<T>, attempt = 1): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (attempt >= ATTEMPTS || (error as { code?: unknown }).code !== 'ER_LOCK_DEADLOCK') throw error;
    return retryOnDeadlock(work, attempt + 1);
  }
}
