// Facts in, judgement out.
import { expect, test } from '@jest/globals';
import { judgeReadiness, type ReadinessFacts } from '../../../bot/http/readiness.ts';

const healthy: ReadinessFacts = {
  draining: false,
  databaseAnswers: true,
  dialect: 'sqlite',
  logDirWritable: true,
  logDir: 'data/log',
  diskFree: 0.42,
};

test('every condition is told with its level and detail', () => {
  expect(judgeReadiness(healthy)).toEqual({
    status: 'ready',
    conditions: [
      { id: 'database', level: 'required', ok: true, detail: 'sqlite' },
      { id: 'disk', level: 'required', ok: true, detail: '42.0 % free' },
      { id: 'log_dir', level: 'advisory', ok: true, detail: 'data/log' },
    ],
  });
});

test.each<{ name: string; facts: Partial<ReadinessFacts>; status: string; failing: string[] }>([
  { name: 'no database', facts: { databaseAnswers: false }, status: 'not_ready', failing: ['database'] },
  { name: 'a full disk', facts: { diskFree: 0 }, status: 'not_ready', failing: ['disk'] },
  { name: 'a disk below one percent', facts: { diskFree: 0.0099 }, status: 'not_ready', failing: ['disk'] },
  { name: 'a disk at one percent', facts: { diskFree: 0.01 }, status: 'ready', failing: [] },
  {
    name: 'no log folder: stdout still has every line',
    facts: { logDirWritable: false },
    status: 'ready',
    failing: ['log_dir'],
  },
  {
    name: 'everything at once',
    facts: { databaseAnswers: false, diskFree: 0, logDirWritable: false },
    status: 'not_ready',
    failing: ['database', 'disk', 'log_dir'],
  },
  { name: 'draining', facts: { draining: true }, status: 'draining', failing: [] },
  {
    name: 'draining without a database',
    facts: { draining: true, databaseAnswers: false },
    status: 'draining',
    failing: ['database'],
  },
])('$name: $status', ({ facts, status, failing }) => {
  const judged = judgeReadiness({ ...healthy, ...facts });
  const failed = judged.conditions.filter(({ ok }) => !ok).map(({ id }) => id);
  expect({ status: judged.status, failed }).toEqual({ status, failed: failing });
});
