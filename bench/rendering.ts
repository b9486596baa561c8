// Measures the CPU time to render 100,000 characters of Markdown into the bodies of the platforms.
// usage: node dist/bench/rendering.js [--max-ms 20] [part of the name of a shape]
import { parseArgs } from 'node:util';
import { formsForDingtalk, splitForDingtalk } from '../bot/platforms/dingtalk/outbound/render.ts';
import { firstPartOf, formatsFor, renderFeishu, splitFeishu } from '../bot/platforms/feishu/outbound/render.ts';
import { SHAPES } from '../test/bot/platforms/shared/markdown/shapes.ts';

const CHARACTERS = 100_000;
/**
 * Rounds per measurement, and rounds if the result is above the limit. The shortest time counts, because other
 * processes only add to it.
 */
const [ROUNDS, MORE_ROUNDS] = [5, 25];

/** Functions that render an answer in one format of a platform. */
const RENDERERS: Record<string, (text: string) => void> = {
  'feishu auto': (text) => {
    for (const part of splitFeishu(text)) {
      for (const format of formatsFor(part, 'auto').slice(0, 1)) renderFeishu(format, part);
    }
  },
  'feishu text': (text) => {
    for (const part of splitFeishu(text)) renderFeishu('text', part);
  },
  'feishu post': (text) => {
    for (const part of splitFeishu(text)) renderFeishu('post', part);
  },
  'feishu card': (text) => {
    for (const part of splitFeishu(text)) renderFeishu('card', part);
  },
  'feishu live card': (text) => void firstPartOf(text),
  ...Object.fromEntries(
    (['auto', 'text', 'markdown'] as const).map((format) => [
      `dingtalk ${format}`,
      (text: string) => {
        for (const part of splitForDingtalk(text, format)) formsForDingtalk(part, format);
      },
    ]),
  ),
};

/** Returns the CPU time in milliseconds. */
function measure(run: () => void, maxMs: number): number {
  run(); // warms up
  let least = Number.POSITIVE_INFINITY;
  for (let round = 1; round <= (least > maxMs ? MORE_ROUNDS : ROUNDS); round++) {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { 'max-ms': { type: 'string' } } });
const [only = ''] = positionals;
const maxMs = Number(values['max-ms'] ?? Number.POSITIVE_INFINITY);
const columns = Object.entries(RENDERERS);
let worst = { name: 'nothing', ms: 0 };
process.stdout.write(`${'shape'.padEnd(24)}${columns.map(([name]) => name.padStart(18)).join('')}\n`);
for (const [shape, unit] of Object.entries(SHAPES).filter(([name]) => name.includes(only))) {
  const text = unit(CHARACTERS);
  const times = columns.map(([renderer, render]) => {
    const ms = measure(() => render(text), maxMs);
    if (ms > worst.ms) worst = { name: `${shape}, ${renderer}`, ms };
    return ms.toFixed(1).padStart(18);
  });
  process.stdout.write(`${shape.padEnd(24)}${times.join('')}\n`);
}
process.stdout.write(`worst: ${worst.name}: ${worst.ms.toFixed(1)} ms\n`);
if (!(worst.ms <= maxMs)) process.exitCode = 1;
