// Runs the command line as users do: the compiled program, as a child process, in its own folder.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { projectRoot } from '../../ops/installation/project-root.ts';
import { freePort } from '../support/free-port.ts';
import { spawnMarked, spawnMarkedSync } from '../support/spawn-marked.ts';
import { temporaryFolder } from './process/stand-in.ts';

const root = projectRoot();
const program = join(root, 'dist/ops/main.js');

beforeAll(() => {
  const build = spawnMarkedSync('npm', ['run', '-s', 'build'], { cwd: root });
  expect(build.stdout).toBe('');
});

interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

function ops(
  argv: string[],
  { dir = temporaryFolder(), env = {} }: { dir?: string; env?: NodeJS.ProcessEnv } = {},
): Outcome {
  const { PATH } = process.env;
  const { status, stdout, stderr } = spawnMarkedSync(process.execPath, [program, ...argv], {
    cwd: dir,
    env: { PATH, ...env },
  });
  return { code: status, stdout, stderr };
}

/** Commands in the order of the list, which is the order of their use. */
const COMMANDS = 'up down status logs outbox inbox tenants data diagnose settings lab'.split(' ');

describe('arguments', () => {
  test.each(['--help', '-h', 'help'])('%s lists every command', (word) => {
    const { code, stdout, stderr } = ops([word]);
    const names = [...stdout.matchAll(/^ {2}(\w+) +\S/gm)].map(([, name]) => name);
    expect({ code, stderr, names }).toEqual({
      code: 0,
      stderr: '',
      names: COMMANDS,
    });
  });

  test.each(COMMANDS)('%s --help shows its usage', (name) => {
    const { code, stdout, stderr } = ops([name, '--help']);
    expect({ code, stderr, stdout }).toEqual({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^Usage: /),
    });
  });

  test.each([
    [[], 2, /^$/],
    [['stauts'], 2, /^There is no command "stauts". Did you mean status\?\n/],
    [['xxxxxxxxxxxxxx'], 2, /^There is no command "xxxxxxxxxxxxxx".\nUsage: /],
    [['constructor'], 2, /^There is no command "constructor".\nUsage: /],
    [['up', '--bogus'], 2, /^Unknown option '--bogus'.*\n\nUsage: \.\/chatbot up/],
    [['status', 'extra'], 2, /^Unexpected argument 'extra'.*\n\nUsage: \.\/chatbot status/],
    [['logs', '-n', 'many'], 2, /^-n many is not a number of lines, such as 200\.\n\nUsage: /],
    [['logs', 'constructor'], 2, /^There is no log "constructor"\. /],
    [['logs', 'nobody'], 2, /^There is no log "nobody". Known: lab, bot, callbacks\.\n\nUsage: /],
    [['logs'], 1, /^There are no logs yet: nothing was started here\. Start with: make up\n$/],
  ])('%j ends with %i', (argv, code, stderr) => {
    expect(ops(argv)).toEqual({ code, stdout: expect.any(String), stderr: expect.stringMatching(stderr) });
  });
});

test('loads no database driver and no YAML parser for commands that need neither', () => {
  const names = 'up down status logs diagnose settings lab'.split(' ');
  const source = `
    import { createRequire } from 'node:module';
    for (const name of ${JSON.stringify(names)}) await import(${JSON.stringify(join(root, 'dist/ops/'))} + name + '/command.js');
    console.log(Object.keys(createRequire(import.meta.url).cache).join('\\n'));`;
  const { stdout, stderr } = spawnMarkedSync(process.execPath, ['--input-type=module', '-e', source]);
  expect(stderr).toBe('');
  const packages = new Set([...stdout.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)\//g)].map(([, name]) => name));
  expect(packages).toContain('express');
  expect(['knex', 'lodash', 'mysql2', 'yaml'].filter((name) => packages.has(name))).toEqual([]);
});

test('reports all problems of the settings at once, and starts nothing', () => {
  const { code, stderr } = ops(['up'], { env: { PROFILE: 'embedded', PORT: 'many', LOG_LEVEL: 'loud' } });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/^The settings have problems:\n.*PORT.*\n.*LOG_LEVEL/),
  });
});

test('names a profile that does not exist', () => {
  expect(ops(['up'], { env: { PROFILE: 'large' } }).stderr).toMatch(/PROFILE.*one of embedded, lite, full/);
});

test('runs the embedded profile without docker: up, status, logs, up again, down', async () => {
  const dir = temporaryFolder();
  const first = await freePort(6);
  const env = {
    // The PATH contains no docker command.
    PATH: temporaryFolder(),
    PORT: String(first),
    ADMIN_PORT: String(first + 1),
    LAB_PORT: String(first + 2),
  };
  const status = () => ops(['status'], { dir });
  try {
    const up = ops(['up'], { dir, env });
    expect(up).toMatchObject({ code: 0, stderr: '' });
    expect(up.stdout).toContain('No Docker Engine found: there is no docker command. Running the embedded profile');
    expect(up.stdout).toContain(`http://127.0.0.1:${env.LAB_PORT}/`);
    expect(status()).toMatchObject({ code: 0, stdout: expect.stringContaining('The bot reports that it is ready.') });
    expect(ops(['logs', 'bot'], { dir }).stdout).toMatch(/ INFO {2}Bot has started /);
    const json = ops(['logs', 'bot', '--json', '-n', '1'], { dir }).stdout;
    expect(JSON.parse(json)).toHaveProperty('@timestamp');
    expect(ops(['up'], { dir, env }).stdout).toContain('The bot is already running');
  } finally {
    expect(ops(['down'], { dir })).toMatchObject({ code: 0, stderr: '' });
  }
  expect(status()).toEqual({ code: 1, stdout: 'Nothing is running here. Start with: make up\n', stderr: '' });
});

test('prints new lines with logs -f, survives rotation, and ends on an interrupt', async () => {
  const dir = temporaryFolder();
  const path = join(dir, 'data/log/bot.out');
  mkdirSync(join(dir, 'data/log'), { recursive: true });
  writeFileSync(path, 'old\n');
  const child = spawnMarked(process.execPath, [program, 'logs', 'bot', '-f', '-n', '1'], { cwd: dir });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const shows = async (line: string) => {
    while (!text.includes(line)) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await shows('old\n');
  writeFileSync(path, 'plain\n{"@timestamp":"2026-11-22T09:00:00.000Z","log.level":"warn","message":"Careful"}\n', {
    flag: 'a',
  });
  await shows('Careful');
  expect(text).toMatch(/^old\nplain\n2026-11-2\d \d\d:00:00\.000 WARN {2}Careful\n$/);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  expect(await ended).toBe(0);
});

test('shows logs even if the settings are invalid', () => {
  const dir = temporaryFolder();
  mkdirSync(join(dir, 'data/log'), { recursive: true });
  writeFileSync(join(dir, 'data/log/callback.log'), 'line\n');
  writeFileSync(join(dir, '.env'), 'PORT=many\n');
  expect(ops(['logs', 'callbacks'], { dir })).toEqual({ code: 0, stdout: 'line\n', stderr: '' });
});

test('ends without an error if the reader closes the pipe early', () => {
  const dir = temporaryFolder();
  mkdirSync(join(dir, 'data/log'), { recursive: true });
  writeFileSync(join(dir, 'data/log/bot.out'), 'line\n'.repeat(50_000));
  const command = `"${process.execPath}" "${program}" logs bot -n 50000 | head -n 1`;
  const { stdout, stderr } = spawnMarkedSync('sh', ['-c', command], { cwd: dir });
  expect({ stdout, stderr }).toEqual({ stdout: 'line\n', stderr: '' });
});
