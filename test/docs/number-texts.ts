// Writes numbers and durations as the documents do.

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

const WORDS = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ');

/** 6: `six`; numbers above twelve in digits. */
export function word(count: number): string {
  return WORDS[count] ?? digits(count);
}

/** 1000: `1,000`. */
export function digits(count: number): string {
  return count.toLocaleString('en-US');
}

/** 15_000: `15`. */
export function inSeconds(ms: number): number {
  return ms / SECOND_MS;
}

/** 3_300_000: `55`. */
export function inMinutes(ms: number): number {
  return ms / MINUTE_MS;
}

/** 27_000_000: `7.5`. */
export function inHours(ms: number): number {
  return ms / HOUR_MS;
}

/** 60_000: `60 s`; 300_000: `5 min`. The unit of a pause in a schedule. */
export function pause(ms: number): string {
  return ms % MINUTE_MS === 0 && ms > MINUTE_MS ? `${inMinutes(ms)} min` : `${inSeconds(ms)} s`;
}

const PERIODS: Record<number, string> = {
  [SECOND_MS / 2]: 'half a second',
  [SECOND_MS]: 'a second',
  [MINUTE_MS]: 'a minute',
  [HOUR_MS / 2]: 'half an hour',
  [HOUR_MS]: 'an hour',
  [24 * HOUR_MS]: 'a day',
};

/** 3_600_000: `an hour`; other durations in milliseconds. */
export function period(ms: number): string {
  return PERIODS[ms] ?? `${ms} ms`;
}

/** 0.6: `60 %`. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** 16_777_216: `16 MiB`. */
export function mebibytes(bytes: number): string {
  return `${bytes / 1_048_576} MiB`;
}

/** 100_000 and 16_384: `100 kB`, `16 kB`. */
export function kilobytes(bytes: number): string {
  return `${bytes / (bytes % 1024 === 0 ? 1024 : 1000)} kB`;
}
