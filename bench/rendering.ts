// Measures the way of an answer from the model's Markdown to the platforms' bodies: CPU time per 100 kB.
import { formsForDingtalk, splitForDingtalk } from '../bot/channels/dingtalk/render.ts';
import { firstPartOf, formatsFor, renderFeishu, splitFeishu } from '../bot/channels/feishu/render.ts';
import { SHAPES } from '../test/bot/channels/markdown/shapes.ts';

const CHARACTERS = 100_000;
const ROUNDS = 3;

/** All that becomes of one answer in one format. */
const WAYS: Record<string, (text: string) => void> = {
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

/** Milliseconds of CPU, the least of some rounds: other processes only add to it. */
function measure(run: () => void): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  return Math.min(...rounds);
}

const columns = Object.keys(WAYS);
const [only = ''] = process.argv.slice(2);
process.stdout.write(`${'shape'.padEnd(24)}${columns.map((name) => name.padStart(18)).join('')}\n`);
for (const [name, unit] of Object.entries(SHAPES).filter(([name]) => name.includes(only))) {
  const text = unit(CHARACTERS);
  const times = columns.map((column) =>
    measure(() => WAYS[column]?.(text))
      .toFixed(1)
      .padStart(18),
  );
  process.stdout.write(`${name.padEnd(24)}${times.join('')}\n`);
}
