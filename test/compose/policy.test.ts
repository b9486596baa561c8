// Rules for every service of the compose file, with exceptions by service and reason.
// An exception that is no longer needed fails too.
import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { composeFile, composeText, mebibytes, ROOT, type Service } from './compose-file.ts';

interface Rule {
  name: string;
  holds(service: Service): boolean;
  /** Service → reason. */
  exceptions?: Record<string, string>;
}

const RULES: Rule[] = [
  {
    name: 'its image is pinned by a variable with a default, or built here',
    holds: ({ image, build }) => build !== undefined || /^[\w./-]+:\$\{[A-Z_]+_VERSION:-v?\d[\w.]*\}$/.test(image),
  },
  {
    name: 'it has a health check with bounds',
    holds: ({ healthcheck: check }) =>
      check !== undefined &&
      /^CMD(-SHELL)?$/.test(check.test[0] ?? '') &&
      [check.interval, check.timeout, check.start_period].every((time) => /^\d+s$/.test(time)) &&
      check.retries >= 3,
    exceptions: { 'elastic-setup': 'one shot: others wait for its exit code' },
  },
  { name: 'its memory is limited', holds: ({ mem_limit }) => mem_limit !== undefined && mebibytes(mem_limit) > 0 },
  {
    name: 'its processes and threads are limited',
    holds: ({ pids_limit: limit = 0 }) => limit >= 64 && limit <= 1024,
  },
  {
    name: 'its runtime gets a limit between a fifth and 90 % of the memory limit',
    holds: (service) => {
      const share = runtimeLimit(service) / mebibytes(service.mem_limit ?? '0m');
      return share >= 0.2 && share <= 0.9;
    },
  },
  {
    name: 'its log is rotated',
    holds: ({ logging }) =>
      logging?.driver === 'json-file' && logging.options['max-size'] === '10m' && logging.options['max-file'] === '3',
  },
  {
    name: 'it restarts unless stopped by hand',
    holds: ({ restart }) => restart === 'unless-stopped',
    exceptions: { 'elastic-setup': 'one shot' },
  },
  { name: 'it drops all capabilities', holds: ({ cap_drop }) => cap_drop?.join() === 'ALL' },
  {
    name: 'it gets no capability back',
    holds: ({ cap_add }) => cap_add === undefined,
    exceptions: { proxy: 'NET_BIND_SERVICE, for ports 80 and 443' },
  },
  {
    name: 'it gains no privileges',
    holds: ({ security_opt }) => security_opt?.includes('no-new-privileges:true') === true,
  },
  {
    name: 'its root file system is read-only',
    holds: ({ read_only }) => read_only === true,
    exceptions: {
      elasticsearch: 'creates its keystore in its config folder',
      kibana: 'writes below its program folder',
      logstash: 'JRuby unpacks native libraries into /tmp and runs them from there',
    },
  },
  {
    name: 'it runs as a user of its own',
    holds: ({ user }) => user !== undefined && /^[1-9]\d*(:\d+)?$/.test(user),
    exceptions: { proxy: 'root without capabilities: the volumes of its image belong to root' },
  },
  {
    name: 'it publishes on the loopback only',
    holds: ({ ports }) => (ports ?? []).every((port) => port.startsWith('127.0.0.1:')),
    exceptions: { proxy: 'the only service for the internet' },
  },
  {
    name: 'it waits for health or completion, not for a start',
    holds: ({ depends_on }) =>
      Object.values(depends_on ?? {}).every(({ condition }) =>
        /^service_(healthy|completed_successfully)$/.test(condition ?? ''),
      ),
    exceptions: { kibana: 'elastic-setup waits for Kibana in turn' },
  },
  {
    name: 'it stays in its own process space',
    holds: ({ pid }) => pid === undefined,
    exceptions: { 'node-exporter': 'reports about the host' },
  },
  {
    name: 'it is not privileged, not on the host network, and does not see the Docker socket',
    holds: (service) =>
      service.privileged === undefined &&
      service.network_mode === undefined &&
      !JSON.stringify(service.volumes ?? []).includes('docker.sock'),
  },
  {
    name: 'its mounts from the host are read-only, and mounted files of this repository exist',
    holds: ({ volumes }) =>
      (volumes ?? [])
        .filter((volume) => typeof volume === 'string')
        .map((volume) => volume.split(':'))
        .filter(([source]) => /^[./]/.test(source ?? ''))
        .every(([source = '', , mode]) => mode === 'ro' && (source.startsWith('/') || existsSync(ROOT + source))),
  },
];

/** Returns MiB of the limit that is passed to the runtime; NaN without a limit. */
function runtimeLimit({ environment = {}, command = [] }: Service): number {
  const text = [...Object.entries(environment).map(([name, value]) => `${name}=${value}`), ...command].join(' ');
  const found =
    /GOMEMLIMIT=(\d+MiB)/.exec(text) ??
    /-Xmx(\d+m)/.exec(text) ??
    /--max-old-space-size=(\d+)/.exec(text) ??
    /--innodb-buffer-pool-size=(\d+M)/.exec(text);
  const size = found?.[1];
  if (size === undefined) return Number.NaN;
  return /\d$/.test(size) ? Number(size) : mebibytes(size);
}

const services = Object.entries(composeFile.services);

describe.each(RULES)('$name', ({ holds, exceptions = {} }) => {
  test.each(services)('%s', (name, service) => {
    expect({ name, holds: holds(service) }).toEqual({ name, holds: exceptions[name] === undefined });
  });
});

test('lists the services of the bundle', () => {
  expect(Object.keys(composeFile.services)).toEqual([
    'proxy',
    'bot',
    'mariadb',
    'elasticsearch',
    'elastic-setup',
    'kibana',
    'logstash',
    'filebeat',
    'prometheus',
    'grafana',
    'node-exporter',
    'json-exporter',
  ]);
});

test('limits the running services to the memory of a 4 GB server', () => {
  const limits = services
    .filter(([name]) => name !== 'elastic-setup')
    .map(([, { mem_limit = '' }]) => mebibytes(mem_limit));
  expect(limits.reduce((sum, limit) => sum + limit, 0)).toBeLessThanOrEqual(4000);
});

test('publishes the two web ports of the proxy, with the one capability they need', () => {
  const { ports, cap_add } = composeFile.services.proxy ?? {};
  expect({ ports, cap_add }).toEqual({ ports: ['80:80', '443:443'], cap_add: ['NET_BIND_SERVICE'] });
});

test('connects the proxy only to the bot', () => {
  const onEdge = services.filter(([, { networks }]) => networks?.includes('edge')).map(([name]) => name);
  expect({ onEdge, proxy: composeFile.services.proxy?.networks }).toEqual({
    onEdge: ['proxy', 'bot'],
    proxy: ['edge'],
  });
});

test('connects json-exporter only to the services that it queries', () => {
  const onProbes = services.filter(([, { networks }]) => networks?.includes('probes')).map(([name]) => name);
  expect({ onProbes, exporter: composeFile.services['json-exporter']?.networks }).toEqual({
    onProbes: ['elasticsearch', 'logstash', 'filebeat', 'prometheus', 'json-exporter'],
    exporter: ['probes'],
  });
  expect(composeFile.networks.probes).toEqual({ internal: true });
});

test('passes the password for writing log lines only to Logstash and the setup job', () => {
  const holders = services.filter(([, { environment }]) => environment && 'LOGSTASH_WRITER_PASSWORD' in environment);
  expect(holders.map(([name]) => name)).toEqual(['elastic-setup', 'logstash']);
});

test('lets the administrator of the database log in only from inside its container', () => {
  expect(composeFile.services.mariadb?.environment).toMatchObject({ MARIADB_ROOT_HOST: 'localhost' });
});

test('gives Grafana its own key to encrypt its secrets', () => {
  expect(composeFile.services.grafana?.environment?.GF_SECURITY_SECRET_KEY).toMatch(/^\$\{GRAFANA_SECRET_KEY:\?/);
});

test('shares the log volume between bot and Filebeat as the same user, read-only for Filebeat', () => {
  const { bot, filebeat } = composeFile.services;
  expect(bot?.volumes).toContain('bot-logs:/var/log/bot');
  expect(filebeat?.volumes).toContainEqual({
    type: 'volume',
    source: 'bot-logs',
    target: '/var/log/bot',
    read_only: true,
    volume: { nocopy: true },
  });
  expect([bot?.user, filebeat?.user]).toEqual(['1000:1000', '1000']);
});

test('gives the container its documented name and model folder', () => {
  const bot = composeFile.services.bot;
  expect(bot?.container_name).toBe('clawdbot');
  expect(bot?.volumes).toContain('/data/models:/app/models:ro');
});

test('declares every used volume, and uses every declared volume', () => {
  const used = services.flatMap(([, { volumes = [] }]) =>
    volumes.map((volume) => (typeof volume === 'string' ? (volume.split(':')[0] ?? '') : volume.source)),
  );
  const named = [...new Set(used.filter((source) => /^[a-z]/.test(source)))].sort();
  expect(named).toEqual(Object.keys(composeFile.volumes).sort());
});

test('has no default for secrets: an empty one stops the command and names the fix', () => {
  const secrets = [...composeText.matchAll(/\$\{([A-Z_]*(?:PASSWORD|SECRET|KEY)[A-Z_]*)(.*?)\}/g)];
  expect(secrets.length).toBeGreaterThan(8);
  expect(secrets.filter(([, , rest]) => rest !== ':?is empty in .env - run make up')).toEqual([]);
});
