// Detects the real servers on this machine. A test file names the server that it needs: `name.<server>.test.ts`.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Folder for downloads of `make test-servers` that are not packages; the same rule as in lib.sh. */
const cache =
  process.env.TEST_SERVERS_CACHE ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'chatbot-test-servers');

// Debian installs servers in sbin, which is not on every user's PATH.
function onPath(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.some((folder) => existsSync(join(folder, program)));
}

function succeeds(command, ...args) {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 20_000 }).status === 0;
}

/**
 * Servers by their name in the test file's name. `needs` completes the sentence "They need …". `heavy` suites use most
 * of a small machine, so they run one file at a time, each test with `timeoutMs`.
 */
export const SERVERS = {
  mariadb: {
    needs: 'mariadbd (MariaDB 10.11)',
    present: () => onPath('mariadbd') && onPath('mariadb-install-db'),
  },
  browser: {
    needs: 'Chromium (CHROMIUM_PATH, or /usr/bin/chromium)',
    present: () => existsSync(process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'),
  },
  prometheus: {
    needs: 'prometheus and promtool',
    present: () => onPath('prometheus') && onPath('promtool'),
  },
  caddy: {
    needs: 'caddy',
    present: () => onPath('caddy'),
  },
  faketime: {
    needs: 'libfaketime',
    present: () => succeeds('sh', '-c', 'ls /usr/lib/*/faketime/libfaketimeMT.so.1'),
  },
  tmpfs: {
    needs: 'the right to mount a small disk (root, or sudo without a password)',
    present: () => {
      const mount = ['unshare', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'];
      return succeeds(...(process.getuid() === 0 ? mount : ['sudo', '-n', ...mount]));
    },
  },
  jruby: {
    needs: 'Java and the JRuby jar',
    present: () => onPath('java') && existsSync(process.env.JRUBY_JAR ?? join(cache, 'jruby-complete-9.4.14.0.jar')),
  },
  litellm: {
    needs: "LiteLLM's proxy",
    heavy: true,
    timeoutMs: 180_000,
    // Its Python may be in the home of another user.
    present: () =>
      existsSync(join(cache, 'litellm-1.81.0/installed')) && succeeds(join(cache, 'litellm-1.81.0/bin/python'), '-V'),
  },
  elasticsearch: {
    needs: 'Java and the Elasticsearch test node',
    heavy: true,
    timeoutMs: 600_000,
    present: () =>
      onPath('java') &&
      existsSync(
        join(process.env.ES_WORK ?? '/var/tmp/es-test-node', 'target/elasticsearch-8.19.13/modules/rest-root'),
      ),
  },
  docker: {
    needs: 'a running Docker Engine with Compose v5 and the base images of test/stack',
    heavy: true,
    timeoutMs: 600_000,
    present: () =>
      succeeds('docker', 'info') &&
      succeeds('docker', 'compose', 'version') &&
      succeeds('docker', 'image', 'inspect', 'chatbot-test/debian', 'chatbot-test/node'),
  },
};
