// Reads a CPU profile of V8 and prints the time per part and per function.
// usage: node dist/bench/profile-report.js file.cpuprofile [lines]

import { readFileSync } from 'node:fs';

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  /** Microseconds between two samples. */
  timeDeltas: number[];
}

const [file = '', lines = '30'] = process.argv.slice(2);
const profile = JSON.parse(readFileSync(file, 'utf8')) as Profile; // written by `node --cpu-prof`
const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));

/** Returns the part of a function, such as `bot/store`, `node_modules/knex` or `node:net`. */
function partOf(url: string): string {
  const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (name) return `node_modules/${name}`;
  const [, own] = /\/dist\/(\w+\/[\w-]+)/.exec(url) ?? [];
  return own ?? (url || '(engine)');
}

function add(sums: Map<string, number>, key: string, micros: number): void {
  sums.set(key, (sums.get(key) ?? 0) + micros);
}

const [functions, parts] = [new Map<string, number>(), new Map<string, number>()];
let busy = 0;
for (const [i, id] of profile.samples.entries()) {
  const { functionName, url, lineNumber } = frames.get(id) ?? { functionName: '?', url: '', lineNumber: 0 };
  if (functionName === '(idle)') continue;
  const micros = profile.timeDeltas[i] ?? 0;
  busy += micros;
  add(functions, `${functionName || '(anonymous)'} ${partOf(url)}:${lineNumber + 1}`, micros);
  add(parts, url ? partOf(url) : functionName, micros);
}

function print(title: string, sums: Map<string, number>): void {
  process.stdout.write(`\n${title}\n`);
  for (const [key, micros] of [...sums].sort(([, a], [, b]) => b - a).slice(0, Number(lines))) {
    process.stdout.write(`${((100 * micros) / busy).toFixed(1).padStart(5)} %  ${key}\n`);
  }
}

process.stdout.write(`Busy for ${(busy / 1e6).toFixed(1)} s\n`);
print('By part', parts);
print('By function', functions);
