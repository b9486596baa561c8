// Limits one process to the memory of a container: by a memory cgroup (v1 or v2) if this user may create one, otherwise
// by monitoring its resident memory.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { residentBytes } from '../support/resident-memory.ts';
import { waitUntil } from '../support/wait-until.ts';

export interface MemoryBound {
  how: 'cgroup v1' | 'cgroup v2' | 'resident memory';
  /** Command and arguments before the program, which put all of its memory under the limit. */
  launcher: string[];
  /** Returns the peak in bytes. With a cgroup it includes the page cache, which the kernel drops at the limit. */
  peakBytes(): number;
  /** Returns the bytes in use that the kernel cannot drop. Without a cgroup, throws above the limit. */
  usedBytes(pid: number): number;
  /** Call this after the process has ended. Waits until the kernel releases the group. */
  remove(): Promise<void>;
}

interface Version {
  how: 'cgroup v1' | 'cgroup v2';
  root: string;
  limit: string;
  peak: string;
  /** Member of `memory.stat` that counts anonymous memory. */
  anonymous: RegExp;
}

const VERSIONS: readonly Version[] = [
  {
    how: 'cgroup v1',
    root: '/sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    peak: 'memory.max_usage_in_bytes',
    anonymous: /^total_rss (\d+)$/m,
  },
  { how: 'cgroup v2', root: '/sys/fs/cgroup', limit: 'memory.max', peak: 'memory.peak', anonymous: /^anon (\d+)$/m },
];

/** `name` distinguishes the groups of one test process. */
export function createMemoryBound(name: string, limitBytes: number): MemoryBound {
  for (const version of VERSIONS) {
    const group = createGroup(version, `chatbot-test-${process.pid}-${name}`, limitBytes);
    if (group !== undefined) return inGroup(version, group);
  }
  return monitored(limitBytes);
}

function createGroup({ root, limit, peak }: Version, name: string, limitBytes: number): string | undefined {
  const group = `${root}/${name}`;
  try {
    mkdirSync(group);
    if (!existsSync(`${group}/${limit}`) || !existsSync(`${group}/${peak}`)) throw new Error('no memory controller');
    writeFileSync(`${group}/${limit}`, String(limitBytes));
    return group;
  } catch {
    if (existsSync(`${group}/cgroup.procs`)) rmdirSync(group);
    return undefined;
  }
}

function inGroup({ how, peak, anonymous }: Version, group: string): MemoryBound {
  return {
    how,
    launcher: ['sh', '-c', 'echo $$ > "$0"/cgroup.procs && exec "$@"', group],
    peakBytes: () => Number(readFileSync(`${group}/${peak}`, 'utf8')),
    usedBytes: () => Number(anonymous.exec(readFileSync(`${group}/memory.stat`, 'utf8'))?.[1]),
    remove: () => removed(group),
  };
}

async function removed(group: string): Promise<void> {
  await waitUntil(
    `${group} is empty`,
    () => readFileSync(`${group}/cgroup.procs`, 'utf8') === '' && tryRemoving(group),
  );
}

function tryRemoving(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch {
    return false;
  }
}

/** Without a cgroup the kernel kills nothing, so the caller compares the peak with the limit. */
function monitored(limitBytes: number): MemoryBound {
  let peak = 0;
  return {
    how: 'resident memory',
    launcher: [],
    peakBytes: () => peak,
    usedBytes(pid) {
      const used = residentBytes(pid);
      peak = Math.max(peak, used);
      if (used > limitBytes) throw new Error(`${used} bytes are resident, more than the limit of ${limitBytes}.`);
      return used;
    },
    remove: async () => undefined,
  };
}
