// Gathers the facts of readiness, each within a bound, and keeps them for a moment so that probes stay cheap.
import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ConnectionFacts } from '../connections/facts.ts';
import type { Store } from '../store/open-store.ts';
import { type Readiness, type ReadinessFacts, readinessOf } from './readiness.ts';

/** Half of what the doctor waits for `/status`. */
const WRITE_TIMEOUT_MS = 1_000;
const KEEP_MS = 1_000;

export interface GatherOptions {
  store: Store;
  logDir: string;
  isDraining: () => boolean;
  readConnections: () => ConnectionFacts[];
  clock: () => number;
}

/** What takes a while to find out. */
type GatheredFacts = Omit<ReadinessFacts, 'draining' | 'connections' | 'now'>;

export interface ReadinessProbe {
  /** Reads the conditions of readiness; facts are kept for a second. */
  read(): Promise<Readiness>;
}

export function createReadiness(options: GatherOptions): ReadinessProbe {
  let kept: { at: number; facts: Promise<GatheredFacts> } | undefined;
  return {
    async read() {
      const now = options.clock();
      // Also after the clock was set back.
      if (!kept || Math.abs(now - kept.at) > KEEP_MS) kept = { at: now, facts: gather(options) };
      const facts = {
        ...(await kept.facts),
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
    // A file system that does not tell is not held against the bot: the database condition sees what matters.
    statfs(dataDir).then(
      ({ bavail, blocks }) => (blocks === 0 ? 1 : bavail / blocks),
      () => 1,
    ),
  ]);
  return { databaseFailure, dialect: store.dialect, logDirWritable, logDir, diskFree };
}
