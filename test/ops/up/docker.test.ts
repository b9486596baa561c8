// Runs `up` against a script in place of docker, which prints the output of the real docker.

import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadSettings, readSettings } from '../../../bot/config/load-settings.ts';
import { runningProfile } from '../../../ops/installation/profile-file.ts';
import { upCompose } from '../../../ops/up/compose.ts';
import { readDockerFacts } from '../../../ops/up/docker-facts.ts';
import { temporaryFolder } from '../process/stand-in.ts';

const MARIADB = '{"Name":"chatbot-mariadb-1","Service":"mariadb","State":"running","Status":"Up"}';

/** Returns an environment whose `docker` is the script. Every call is recorded in `calls`. */
function dockerScript(body: string) {
  const dir = temporaryFolder();
  writeFileSync(join(dir, 'docker'), `#!/bin/sh\necho "$@" >> '${dir}/calls'\n${body}\n`);
  chmodSync(join(dir, 'docker'), 0o755);
  return {
    dir,
    env: { PATH: `${dir}:/usr/bin:/bin` },
    calls: () => readFileSync(join(dir, 'calls'), 'utf8').trim().split('\n'),
  };
}

describe('reads facts about Docker', () => {
  test.each([
    ['ready', 'test "$1" = info && echo 4136800256 || echo 5.1.2', { state: 'ready', memoryMib: 3945 }],
    [
      'no daemon',
      'echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock." >&2; exit 1',
      { state: 'no-daemon' },
    ],
    [
      'no permission',
      'echo "permission denied while trying to connect to the Docker daemon socket" >&2; exit 1',
      { state: 'no-permission' },
    ],
    ['no compose', 'test "$1" = info && echo 4136800256 || exit 1', { state: 'no-compose' }],
  ])('detects: %s', async (_, body, facts) => {
    expect(await readDockerFacts(dockerScript(body).env)).toEqual(facts);
  });

  test('detects: no client', async () => {
    expect(await readDockerFacts({ PATH: temporaryFolder() })).toEqual({ state: 'no-client' });
  });
});

describe('up with compose', () => {
  async function up(profile: 'lite' | 'full', body: string) {
    const { dir, env, calls } = dockerScript(body);
    const output: string[] = [];
    const settings = loadSettings({ env: {}, dir });
    const { raw } = readSettings({ env: {}, dir });
    const outcome = await upCompose({ dir, env, profile, settings, raw, report: (text) => output.push(text) }).then(
      () => 'up',
      (error: Error) => error.message,
    );
    return { outcome, output: output.join('\n'), calls: calls(), dir };
  }

  test.each([
    ['full', 'compose up -d --wait --build'],
    ['lite', 'compose up -d --wait --build --scale kibana=0'],
  ] as const)(
    'starts %s with one call, passes progress on, prints the addresses, and stores the profile',
    async (profile, call) => {
      const { outcome, output, calls, dir } = await up(profile, 'echo "Container chatbot-bot-1 Healthy" >&2');
      expect({ outcome, calls, savedProfile: runningProfile(dir) }).toEqual({
        outcome: 'up',
        calls: [call],
        savedProfile: profile,
      });
      expect(output).toContain('Container chatbot-bot-1 Healthy');
      expect(output).toContain('https://localhost/feishu/verify');
      expect(output).toContain('No platform is configured');
      const generated = Object.values(readFileSync(join(dir, '.env'), 'utf8').match(/[0-9a-f]{48}/g) ?? []);
      expect(generated.filter((secret) => output.includes(secret))).toEqual([]);
    },
  );

  test('offers the embedded profile if images cannot be pulled', async () => {
    const { outcome, dir } = await up(
      'full',
      'test "$2" = ps && exit 0; echo \'Get "https://images.example/v2/": dial tcp: no such host\' >&2; exit 18',
    );
    expect(outcome).toMatch(/registry cannot be reached from here\.\n.*PROFILE=embedded make up$/);
    expect(runningProfile(dir)).toBeUndefined();
  });

  test('shows the last log lines of an unhealthy service', async () => {
    const { outcome, calls, dir } = await up(
      'full',
      `test "$2" = ps && echo '${MARIADB}' && exit 0; test "$2" = logs && echo "Access denied for user" && exit 0; echo "container chatbot-mariadb-1 is unhealthy" >&2; exit 1`,
    );
    expect(outcome).toMatch(
      /mariadb did not become healthy\.\nIts last lines:\n {2}Access denied for user\n.*make logs ARGS='mariadb/,
    );
    expect(calls[2]).toBe('compose logs --no-color --no-log-prefix --tail 15 mariadb');
    expect(runningProfile(dir)).toBe('full');
  });
});
