// Decides from given facts whether the bot is ready.
import type { ConnectionFacts } from '../connections/facts.ts';
import type { StatusReport } from './status-schema.ts';

export type Readiness = StatusReport['readiness'];
type Condition = Readiness['conditions'][number];

export interface ReadinessFacts {
  draining: boolean;
  /** Reason why the database rejects writes; undefined if it accepts them. */
  databaseFailure: string | undefined;
  dialect: string;
  logDirWritable: boolean;
  logDir: string;
  /** Free share of the file system that holds the data, 0 to 1. */
  diskFree: number;
  connections: ConnectionFacts[];
  /** Milliseconds since 1970. */
  now: number;
}

/** Free share of the disk that the database needs, 0 to 1. Its writes can fail before the last byte is used. */
const DISK_FREE_REQUIRED = 0.01;

/**
 * Milliseconds for which a long connection may be down before it is reported. Platforms close connections during normal
 * operation, and a new one is up within seconds.
 */
export const CONNECTION_GRACE_MS = 60_000;

/** Returns the readiness for these facts. Without I/O. */
export function readinessOf(facts: ReadinessFacts): Readiness {
  const conditions: Condition[] = [
    {
      id: 'database',
      level: 'required',
      ok: facts.databaseFailure === undefined,
      detail: [facts.dialect, facts.databaseFailure].filter(Boolean).join(': '),
    },
    {
      id: 'disk',
      level: 'required',
      ok: facts.diskFree >= DISK_FREE_REQUIRED,
      detail: `${(facts.diskFree * 100).toFixed(1)} % free`,
    },
    { id: 'log_dir', level: 'advisory', ok: facts.logDirWritable, detail: facts.logDir },
    ...connectionConditions(facts),
  ];
  if (facts.draining) return { status: 'draining', conditions };
  const ready = conditions.every((condition) => condition.ok || condition.level === 'advisory');
  return { status: ready ? 'ready' : 'not_ready', conditions };
}

/**
 * Returns one condition per platform with long connections. It is advisory, because restarting the process does not
 * make a platform reachable.
 */
function connectionConditions({ connections, now }: ReadinessFacts): Condition[] {
  const platforms = new Set(connections.map(({ platform }) => platform));
  return [...platforms].map((platform): Condition => {
    const own = connections.filter((connection) => connection.platform === platform);
    const down = own.filter(({ downSince }) => downSince && now - Date.parse(downSince) > CONNECTION_GRACE_MS);
    const detail = down.map(({ appId, lastError }) => `${appId}: ${lastError ?? 'not connected'}`).join('; ');
    return { id: 'connection', level: 'advisory', ok: down.length === 0, detail: `${platform} ${detail}`.trim() };
  });
}
