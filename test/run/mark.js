// Finds and ends processes of a test run by its mark, a variable in their environment. Linux only.

import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Name of the variable. Its value is the id of the run. In a test file, a space and the path of the file follow. */
export const MARK = 'CHATBOT_TEST_RUN';
/** Time in milliseconds in which a process may end by itself after the end of its test file. */
const GRACE_MS = Number(process.env.TEST_GRACE_MS ?? 10_000);
const POLL_MS = 100;

/** Lists processes whose mark is `mark` or begins with `mark` and a space, as `{ pid, command }`. */
export async function findMarked(mark) {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => describe(pid, mark)));
  return found.filter((entry) => entry !== undefined && entry.pid !== process.pid);
}

async function describe(pid, mark) {
  // A process of another user cannot be read, and does not belong to the run.
  const read = (name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
  const values = (await read('environ')).split('\0').filter((line) => line.startsWith(`${MARK}=`));
  if (!values.some((line) => `${line} `.startsWith(`${MARK}=${mark} `))) return undefined;
  const command = (await read('cmdline')).replaceAll('\0', ' ').trim();
  // A zombie has no command line.
  return command === '' ? undefined : { pid: Number(pid), command };
}

/** Kills marked processes that are still alive after the grace period, and returns them. */
export async function endMarked(mark, graceMs = GRACE_MS) {
  const deadline = performance.now() + graceMs;
  let found = await findMarked(mark);
  while (found.length > 0 && performance.now() < deadline) {
    await sleep(POLL_MS);
    found = await findMarked(mark);
  }
  const ended = found;
  // Repeat until none is left, because a process may have started another one before it was killed.
  while (found.length > 0) {
    for (const { pid } of found) kill(pid);
    await sleep(POLL_MS);
    found = await findMarked(mark);
  }
  return ended;
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has ended by itself.
  }
}
