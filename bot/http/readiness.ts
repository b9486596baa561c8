// Whether the bot can do its work: facts in, judgement out.

interface Condition {
  id: 'running' | 'database' | 'log_dir' | 'disk';
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
  databaseAnswers: boolean;
  dialect: string;
  logDirWritable: boolean;
  logDir: string;
  /** Of the file system that holds the data, 0 to 1. */
  diskFree: number;
}

/** A database that cannot write loses messages long before the disk is at its last byte. */
const DISK_FREE_REQUIRED = 0.01;

export function judgeReadiness(facts: ReadinessFacts): Readiness {
  const conditions: Condition[] = [
    { id: 'database', level: 'required', ok: facts.databaseAnswers, detail: facts.dialect },
    {
      id: 'disk',
      level: 'required',
      ok: facts.diskFree >= DISK_FREE_REQUIRED,
      detail: `${(facts.diskFree * 100).toFixed(1)} % free`,
    },
    { id: 'log_dir', level: 'advisory', ok: facts.logDirWritable, detail: facts.logDir },
  ];
  if (facts.draining) return { status: 'draining', conditions };
  const ready = conditions.every((condition) => condition.ok || condition.level === 'advisory');
  return { status: ready ? 'ready' : 'not_ready', conditions };
}
