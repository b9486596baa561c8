// Reads facts from outside the containers: open ports, users of processes, and Prometheus' answers.

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { runCommand } from '../../ops/process/run-command.ts';

/** Returns the user id of a process of this machine, inside a container or not. */
export function uidOf(pid: number): number {
  return Number(/^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

const answerSchema = z.object({
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});

/** Returns an instant query's values by one label. */
export async function askPrometheus(query: string, label: string): Promise<Record<string, number>> {
  const response = await fetch(`http://127.0.0.1:9090/api/v1/query?${new URLSearchParams({ query })}`);
  const { result } = answerSchema.parse(await response.json()).data;
  return Object.fromEntries(result.map(({ metric, value }) => [metric[label] ?? '', Number(value[1])]));
}

/** Returns the ports of the list on which the machine listens at an address that other hosts can reach. */
export async function listeningEverywhere(ports: number[]): Promise<number[]> {
  const { code, stdout } = await runCommand('ss', ['-Hltn'], { timeoutMs: 10_000 });
  if (code !== 0) throw new Error(`ss ended with ${code}; install iproute2.`);
  const open = stdout.split('\n').flatMap((line) => {
    const [, address = '', port = ''] = /^\S+\s+\S+\s+\S+\s+(\S+):(\d+)\s/.exec(line) ?? [];
    return address.startsWith('127.') || address === '[::1]' ? [] : [Number(port)];
  });
  return ports.filter((port) => open.includes(port));
}
