// Damages JSON and mostly keeps it valid: values of other types, missing and unknown keys, depth, size, unusual text.
import type { Random } from '../bot/platforms/random.ts';

const DEEP = 'a very deep value';
const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'toJSON',
  'then',
  '',
  '0',
  'encrypt',
];

/** Values on which code fails if it does not check types. */
const VALUES: readonly ((random: Random) => unknown)[] = [
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 1e308,
  () => 2 ** 53,
  () => '',
  () => [],
  () => [[[null]]],
  () => ({}),
  () => ({ length: 1e9 }),
  () => JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  () => '\u0000',
  () => 'a\ud800',
  () => '\u202e\u200b\ufeff',
  () => '{"text":',
  () => '{"text":{"toString":1}}',
  () => 'x'.repeat(100_000),
  () => '长'.repeat(30_000),
  () => DEEP,
  (random) => random.text(random.int(200)),
  (random) => Array.from({ length: random.int(2_000) }, () => ({})),
];

/** Returns a damaged copy of `text`, the JSON of an object. Depth or truncation can make the result invalid. */
export function mutateJson(text: string, random: Random): string {
  const root = JSON.parse(text) as Record<string, unknown>; // the genuine requests are objects
  for (let i = random.int(3); i >= 0; i--) change(pickHolder(root, random), random);
  const deep = `${'['.repeat(1 + random.int(100_000))}1`;
  const json = JSON.stringify(root).replace(JSON.stringify(DEEP), random.int(4) === 0 ? deep : closed(deep));
  return random.int(20) === 0 ? json.slice(0, random.int(json.length)) : json;
}

function closed(deep: string): string {
  return deep + ']'.repeat(deep.length - 1);
}

/** Returns a random object at any depth. A string that contains JSON, as Feishu's `content`, does not count as one. */
function pickHolder(root: Record<string, unknown>, random: Random): Record<string, unknown> {
  let holder = root;
  for (;;) {
    const inner = Object.values(holder).filter((value) => typeof value === 'object' && value !== null);
    const next = inner[random.int(inner.length + 1)];
    if (next === undefined) return holder;
    holder = next as Record<string, unknown>; // arrays have string keys too
  }
}

function change(holder: Record<string, unknown>, random: Random): void {
  const keys = Object.keys(holder);
  const foreign = random.int(4) === 0 || keys.length === 0;
  const key = foreign ? KEYS[random.int(KEYS.length)] : keys[random.int(keys.length)];
  if (key === undefined) return;
  if (!foreign && random.int(5) === 0) delete holder[key];
  else put(holder, key, VALUES[random.int(VALUES.length)]?.(random));
}

/** Sets an own property, even one with the name `__proto__`. */
function put(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}
