// Tries a statement again that MariaDB ended to break a deadlock: it has left nothing behind.

const ATTEMPTS = 5;

/** `work` is one statement, or a whole transaction, that can run again from its start. */
export async function retryOnDeadlock<T>(work: () => PromiseLike<T>, attempt = 1): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (attempt >= ATTEMPTS || (error as { code?: unknown }).code !== 'ER_LOCK_DEADLOCK') throw error;
    return retryOnDeadlock(work, attempt + 1);
  }
}
