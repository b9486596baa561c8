// A real MariaDB server for one test file: own data directory, own loopback port, gone after stop().

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { projectRoot } from '../../ops/installation/project-root.ts';
import { freePort } from './free-port.ts';
import { PATIENCE_MS } from './patience.ts';
import { runMarked, spawnMarked } from './spawn-marked.ts';

/** A running server. Its user may do everything; its password holds characters that a URL must escape. */
export interface Mariadb {
  /** `mysql://…` of the empty database `bot` that every server starts with. */
  url: string;
  /** Process id, for tests that pause or kill the server. */
  pid: number;
  /** Creates one more empty database and returns its URL. */
  createDatabase(): Promise<string>;
  /** Kills the server and starts it again on its files; resolves when it answers. */
  restart(): Promise<void>;
  /** Stops the server and removes its directory. Safe to call twice. */
  stop(): Promise<void>;
}

const USER = 'bot';
const PASSWORD = 'p@ss:w/rd';

const GRANTS = `CREATE USER IF NOT EXISTS '${USER}'@'%' IDENTIFIED BY '${PASSWORD}';
GRANT ALL ON *.* TO '${USER}'@'%';
CREATE DATABASE IF NOT EXISTS bot;
`;

/** The files of a server that has never run, kept between runs: making them takes seconds. */
const TEMPLATE = join(projectRoot(), 'node_modules/.cache/chatbot-tests/mariadb');

// Small and quick to start; the same character set as the bundle's own MariaDB.
const SETTINGS = [
  '--innodb-buffer-pool-size=48M',
  '--innodb-log-file-size=32M',
  '--innodb-flush-log-at-trx-commit=2',
  '--performance-schema=0',
  '--max-connections=60',
  '--skip-name-resolve',
  '--character-set-server=utf8mb4',
  '--bind-address=127.0.0.1',
];

/** Starts a server, `settings` over the ones above. Rejects with the server's last lines when it does not answer. */
export async function startMariadb(settings: readonly string[] = []): Promise<Mariadb> {
  const home = await mkdtemp(join(tmpdir(), 'chatbot-mariadb-'));
  try {
    await initialise(home);
    const port = await freePort();
    const complaints: string[] = [];
    const start = () => {
      const started = launch(home, port, settings);
      started.stderr?.on('data', (chunk) => complaints.push(String(chunk)));
      return started;
    };
    let child = start();
    const stop = () => stopServer(child, home);
    const url = (database: string) => `mysql://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${database}`;
    await ready(child, url('bot'), complaints).catch(async (error) => {
      await stop();
      throw error;
    });
    let created = 0;
    return {
      url: url('bot'),
      get pid() {
        return child.pid ?? 0;
      },
      async createDatabase() {
        created += 1;
        const name = `bot_${created}`;
        await query(url('bot'), `CREATE DATABASE ${name}`);
        return url(name);
      },
      async restart() {
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
        child = start();
        await ready(child, url('bot'), complaints);
      },
      stop,
    };
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
}

async function initialise(home: string): Promise<void> {
  // The server runs as another user than root, who must be able to enter.
  await chmod(home, 0o755);
  await mkdir(join(home, 'run'), { mode: 0o777 });
  await chmod(join(home, 'run'), 0o777);
  await writeFile(join(home, 'grants.sql'), GRANTS);
  const data = join(home, 'data');
  if (existsSync(TEMPLATE)) return copy(TEMPLATE, data);
  await install(data);
  await keepAsTemplate(data);
}

async function install(data: string): Promise<void> {
  const { code, stdout, stderr } = await runMarked('mariadb-install-db', [
    '--no-defaults',
    `--datadir=${data}`,
    '--auth-root-authentication-method=socket',
    '--skip-test-db',
    '--skip-name-resolve',
    '--innodb-log-file-size=32M',
    ...(isRoot() ? ['--user=mysql'] : []),
  ]);
  if (code !== 0) throw new Error(`mariadb-install-db ended with ${code}: ${stdout}${stderr}`);
}

async function keepAsTemplate(data: string): Promise<void> {
  const own = `${TEMPLATE}.${process.pid}`;
  await mkdir(dirname(TEMPLATE), { recursive: true });
  await copy(data, own);
  // Another test file may have kept its files first.
  await rename(own, TEMPLATE).catch(() => rm(own, { recursive: true }));
}

/** Copies with owners and holes. */
async function copy(from: string, to: string): Promise<void> {
  const { code, stderr } = await runMarked('cp', ['-a', from, to]);
  if (code !== 0) throw new Error(`cp ended with ${code}: ${stderr}`);
}

function launch(home: string, port: number, settings: readonly string[]): ChildProcess {
  const server = existsSync('/usr/sbin/mariadbd') ? '/usr/sbin/mariadbd' : 'mariadbd';
  const args = [
    '--no-defaults',
    `--datadir=${join(home, 'data')}`,
    `--socket=${join(home, 'run', 'mariadb.sock')}`,
    `--pid-file=${join(home, 'run', 'mariadb.pid')}`,
    `--init-file=${join(home, 'grants.sql')}`,
    `--port=${port}`,
    ...SETTINGS,
    ...settings,
  ];
  // pdeathsig: a test process that is killed takes its server with it.
  const asUser = isRoot() ? ['--reuid=mysql', '--regid=mysql', '--init-groups'] : [];
  const words = [...asUser, '--pdeathsig', 'KILL', server, ...args];
  return spawnMarked('setpriv', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}

async function ready(child: ChildProcess, url: string, complaints: string[]): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await query(url, 'SELECT 1');
    } catch (error) {
      const gone = child.exitCode !== null || child.signalCode !== null;
      if (gone || Date.now() > deadline) {
        throw new Error(`mariadbd ${gone ? 'stopped' : 'did not answer'}: ${complaints.slice(-8).join('')}`, {
          cause: error,
        });
      }
    }
    await sleep(50);
  }
}

async function query(url: string, sql: string): Promise<void> {
  const connection = await createConnection(url);
  try {
    await connection.query(sql);
  } finally {
    await connection.end();
  }
}

async function stopServer(child: ChildProcess, home: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    await exited;
    clearTimeout(patience);
  }
  await rm(home, { recursive: true, force: true });
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
