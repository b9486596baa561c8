// Gathers the facts of readiness, each within a time limit, and caches them so that probes stay cheap.
import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ConnectionFacts } from '../connections/facts.ts';
import type { Store } from '../store/open-store.ts';
import { type Readiness, type ReadinessFacts, readinessOf } from './readiness.ts';

/** Time limit of the write check in milliseconds. Half of the doctor's time limit for `/status`. */
const WRITE_TIMEOUT_MS = 1_000;
/** Milliseconds for which gathered facts are reused. */
const CACHE_MS = 1_000;

export interface GatherOptions {
  store: Store;
  logDir: string;
  isDraining: () => boolean;
  readConnections: () => ConnectionFacts[];
  clock: () => number;
}

/** Facts that need I/O. */
type GatheredFacts = Omit<ReadinessFacts, 'draining' | 'connections' | 'now'>;

export interface ReadinessProbe {
  /** Returns the readiness. Gathered facts are reused for one second. */
  read(): Promise<Readiness>;
}

export function createReadiness(options: GatherOptions): ReadinessProbe {
  let cached: { at: number; facts: Promise<GatheredFacts> } | undefined;
  return {
    async read() {
      const now = options.clock();
      // The absolute difference expires the cache also after the clock was set back.
      if (!cached || Math.abs(now - cached.at) > CACHE_MS) cached = { at: now, facts: gather(options) };
      const facts = {
        ...(await cached.facts),
        draining: options.isDraining(),
        connections: options.readConnections(),
        now,
      };
      return readinessOf(facts);
    },
  };
}

async function gather({ store, logDir }: GatherOptions): Promise<GatheredFacts> {
  const dataDir = store.file === undefined ? logDir : dirname(store.file);
  const [databaseFailure, logDirWritable, diskFree] = await Promise.all([
    store.checkWritable(WRITE_TIMEOUT_MS),
    access(logDir, constants.W_OK).then(
      () => true,
      () => false,
    ),
    // If the free space is unknown, count the disk as free, because the database condition detects a full disk too.
    statfs(dataDir).then(
      ({ bavail, blocks }) => (blocks === 0 ? 1 : bavail / blocks),
      () => 1,
    ),
  ]);
  return { databaseFailure, dialect: store.dialect, logDirWritable, logDir, diskFree };
}
