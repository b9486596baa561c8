// Whether the bot can do its work: facts in, judgement out.
import type { ConnectionFacts } from '../connections/facts.ts';

interface Condition {
  id: 'running' | 'database' | 'log_dir' | 'disk' | 'connection';
  /** A required condition that fails makes the bot not ready; an advisory one is only told. */
  level: 'required' | 'advisory';
  ok: boolean;
  detail: string;
}

export interface Readiness {
  status: 'ready' | 'not_ready' | 'draining';
  conditions: Condition[];
}

export interface ReadinessFacts {
  draining: boolean;
  /** The reason if the database rejects writes. */
  databaseFailure: string | undefined;
  dialect: string;
  logDirWritable: boolean;
  logDir: string;
  /** Of the file system that holds the data, 0 to 1. */
  diskFree: number;
  connections: ConnectionFacts[];
  /** Milliseconds since 1970. */
  now: number;
}

/** A database that cannot write loses messages long before the disk is at its last byte. */
const DISK_FREE_REQUIRED = 0.01;

/** A platform moves its connections about; a new one stands within seconds. */
const CONNECTION_GRACE_MS = 60_000;

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

/** Advisory: a process that is restarted because the platform cannot be reached does not reach it either. */
function connectionConditions({ connections, now }: ReadinessFacts): Condition[] {
  const platforms = new Set(connections.map(({ platform }) => platform));
  return [...platforms].map((platform): Condition => {
    const own = connections.filter((connection) => connection.platform === platform);
    const down = own.filter(({ downSince }) => downSince && now - Date.parse(downSince) > CONNECTION_GRACE_MS);
    const detail = down.map(({ appId, lastError }) => `${appId}: ${lastError ?? 'not connected'}`).join('; ');
    return { id: 'connection', level: 'advisory', ok: down.length === 0, detail: `${platform} ${detail}`.trim() };
  });
}
