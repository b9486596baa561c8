// Static rules of the Dockerfile. test/stack builds and runs the image itself.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { ROOT } from './compose-file.ts';

const lines = readFileSync(`${ROOT}Dockerfile`, 'utf8')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
const text = lines.join('\n');

describe('Dockerfile', () => {
  test.each([
    ['RUN --mount', /RUN\s+--/],
    ['COPY --link or --chmod', /COPY\s+--(?!from=)/],
    ['here documents', /<</],
    ['ADD', /^ADD /m],
  ])('needs no BuildKit and downloads nothing by itself: no %s', (_what, pattern) => {
    expect(text).not.toMatch(pattern);
  });

  test('starts both stages from the same base', () => {
    const stages = lines.filter((line) => line.startsWith('FROM')).map((line) => line.split(' ')[1]);
    expect([stages.length, new Set(stages).size]).toEqual([2, 1]);
  });

  test('ends as an ordinary user with the bot as its process', () => {
    expect(lines.slice(-3)).toEqual(['USER 1000:1000', 'EXPOSE 18789 18790', 'CMD ["node", "dist/bot/main.js"]']);
  });

  test('leaves out development packages and the lab', () => {
    expect(text).toMatch(/npm prune --omit=dev/);
    expect(text).toMatch(/rm -rf dist\/ops\/lab/);
  });
});
