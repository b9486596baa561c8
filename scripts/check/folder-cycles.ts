// Finds folders and files that import each other in a circle, by type or by value.
// usage: folder-cycles.js    exit code 1 with a circle
import { readFileSync } from 'node:fs';
import { projectFiles } from './project-files.ts';
import { importsOf } from './source-texts.ts';

/** Neighbours that import each other: files and folders of one folder. A folder stands for everything below it. */
type Graph = Map<string, Map<string, string>>;

const files = projectFiles('bot', 'ops', 'elk', 'grafana', 'sql', 'scripts', 'bench').filter((file) =>
  file.endsWith('.ts'),
);
const graphs = new Map<string, Graph>();
for (const from of files) for (const to of importsOf(from, readFileSync(from, 'utf8'))) addImport(from, to);
const circles = [...graphs.values()].flatMap(circlesOf);
for (const circle of circles) console.log(`A circle of imports:\n${circle.map((line) => `  ${line}`).join('\n')}`);
console.log(`${circles.length} circles between neighbours in ${graphs.size} folders.`);
process.exitCode = circles.length === 0 ? 0 : 1;

/** Adds an import to the graph of the deepest folder that holds both files, between the neighbours they belong to. */
function addImport(from: string, to: string): void {
  const [own, other] = [from.split('/'), to.split('/')];
  const depth = own.findIndex((name, level) => name !== other[level]);
  const [a = '', b = ''] = [own[depth], other[depth]];
  const folder = own.slice(0, depth).join('/');
  const graph = graphs.get(folder) ?? new Map<string, Map<string, string>>();
  const targets = graph.get(a) ?? new Map<string, string>();
  graphs.set(folder, graph.set(a, targets.set(b, `${from} → ${to}`)));
}

/** One circle for each neighbour that reaches itself and was in no circle before. */
function circlesOf(graph: Graph): string[][] {
  const seen = new Set<string>();
  return [...graph.keys()].flatMap((start) => {
    const circle = seen.has(start) ? undefined : pathBack(graph, start);
    for (const { name } of circle ?? []) seen.add(name);
    return circle ? [circle.map(({ example }) => example)] : [];
  });
}

/** The shortest path from `start` to itself. */
function pathBack(graph: Graph, start: string): { name: string; example: string }[] | undefined {
  const paths = [...(graph.get(start) ?? [])].map(([name, example]) => [{ name, example }]);
  const visited = new Set<string>();
  for (const path of paths) {
    const name = path.at(-1)?.name ?? '';
    if (name === start) return path;
    if (visited.has(name)) continue;
    visited.add(name);
    paths.push(...[...(graph.get(name) ?? [])].map(([next, example]) => [...path, { name: next, example }]));
  }
  return undefined;
}
