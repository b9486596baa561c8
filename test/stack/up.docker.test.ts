// Runs the bundle on a real Docker Engine: builds the image, starts the services, answers messages through TLS, stops.

import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { botEnvironment, generateCredentials, type Lab, startLab } from '../../ops/lab/start-lab.ts';
import { freePort } from '../support/free-port.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { waitUntil } from '../support/wait-until.ts';
import { type Container, createStack, type Stack } from './compose.ts';
import { type Forward, forward, gatewayAddress } from './forward.ts';
import { askPrometheus, listeningEverywhere, uidOf } from './observe.ts';
import { tlsRequest } from './tls-request.ts';

const SERVICES = ['bot', 'mariadb', 'proxy', 'prometheus', 'node-exporter'] as const;
const MIB = 1024 * 1024;
const BUILD_AND_UP_MS = 900_000;
const PUBLIC_URL = 'https://localhost';

describe('docker compose up', () => {
  let lab: Lab;
  let stack: Stack;
  let ca: string;
  const forwards: Forward[] = [];

  beforeAll(async () => {
    const credentials = generateCredentials();
    const [page, feishu, dingtalk, model] = [await freePort(), await freePort(), await freePort(), await freePort()];
    const gateway = await gatewayAddress();
    const urlForBot = async (port: number) => {
      const opened = await forward(gateway, port);
      forwards.push(opened);
      return `http://lab:${opened.port}`;
    };
    const urls = {
      page: '',
      feishu: await urlForBot(feishu),
      dingtalk: await urlForBot(dingtalk),
      model: await urlForBot(model),
    };
    lab = await startLab({
      credentials,
      botUrl: PUBLIC_URL,
      ports: { page, feishu, dingtalk, model },
      dingtalkUrlForBot: urls.dingtalk,
    });
    stack = await createStack(botEnvironment(credentials, urls));
    await stack.down(); // removes the remains of a killed run
    await stack.build(SERVICES);
    await stack.up(SERVICES);
    ca = (await stack.exec('proxy', 'cat', '/data/caddy/pki/authorities/local/root.crt')).stdout;
  }, BUILD_AND_UP_MS);

  afterAll(async () => {
    await stack?.stop();
    for (const one of forwards) one.stop();
    await lab?.stop();
  });

  test('starts every service healthy', async () => {
    const health = Object.entries(await stack.containers()).map(([name, { State }]) => [name, State.Health?.Status]);
    expect(Object.fromEntries(health)).toEqual(Object.fromEntries(SERVICES.map((name) => [name, 'healthy'])));
  });

  test.each(['feishu', 'dingtalk'] as const)('accepts a %s message through TLS and sends the reply', async (name) => {
    const platform = lab[name];
    const text = `hello from ${name}`;
    const { messageId, url, headers, body } = platform.buildCallback({ text });
    expect(await tlsRequest({ url, headers, body, ca })).toMatchObject({ status: 200 });
    const reply = await platform.waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
    expect(reply.text).toContain(`You said: ${text}`);
  });

  test('rejects a callback with a wrong signature', async () => {
    const { url, headers, body } = lab.feishu.buildCallback({ text: 'forged' });
    const forged = { ...headers, 'x-lark-signature': '0'.repeat(64) };
    expect(await tlsRequest({ url, headers: forged, body, ca })).toMatchObject({ status: 401 });
  });

  test.each(['/', '/metrics', '/status', '/readyz', '/livez', '/alerts/grafana', '/feishu', '/nothing'])(
    'answers 404 to the internet for %s',
    async (path) => {
      expect(await tlsRequest({ url: `${PUBLIC_URL}${path}`, ca })).toEqual({ status: 404, body: '' });
    },
  );

  test('runs the bot on MariaDB, ready', async () => {
    const response = await fetch('http://127.0.0.1:18790/status');
    expect(await response.json()).toMatchObject({
      profile: 'full',
      database: { dialect: 'mysql' },
      readiness: { status: 'ready' },
    });
  });

  test('finds no problem with the doctor in the container of the bot', async () => {
    const args = ['diagnose', '--json', '--only', 'cfg,host.disk,proc,net.database,db,net.feishu,cred,cb,queue'];
    const { code, stdout } = await stack.exec('bot', 'node', 'dist/ops/main.js', ...args);
    const report = JSON.parse(stdout) as { outcome: string; checks: { id: string; status: string }[] };
    const wrong = report.checks.filter(({ status }) => status !== 'ok' && status !== 'skip');
    expect({ code, outcome: report.outcome, wrong }).toEqual({ code: 0, outcome: 'healthy', wrong: [] });
    expect(report.checks).toContainEqual(expect.objectContaining({ id: 'db.connect', status: 'ok' }));
  });

  test('counts the messages in Prometheus', async () => {
    const accepted = 'sum by (platform) (chatbot_callbacks_total{outcome="accepted"})';
    await waitUntil(
      'both messages in Prometheus',
      async () => (await askPrometheus(accepted, 'platform')).dingtalk === 1,
    );
    expect(await askPrometheus(accepted, 'platform')).toEqual({ feishu: 1, dingtalk: 1 });
    expect(await askPrometheus('up{job=~"chatbot|node|prometheus"}', 'job')).toEqual({
      chatbot: 1,
      node: 1,
      prometheus: 1,
    });
  });

  test('listens beyond the loopback only with the proxy, on 80 and 443', async () => {
    const published = Object.entries(await stack.containers()).flatMap(([name, { NetworkSettings }]) =>
      Object.values(NetworkSettings.Ports)
        .flatMap((bindings) => bindings ?? [])
        .map(({ HostIp, HostPort }) => `${name} ${HostIp === '127.0.0.1' ? 'loopback' : 'everywhere'} ${HostPort}`),
    );
    expect([...new Set(published)].sort()).toEqual([
      'bot loopback 18789',
      'bot loopback 18790',
      'prometheus loopback 9090',
      'proxy everywhere 443',
      'proxy everywhere 80',
    ]);
    expect(await listeningEverywhere([80, 443, 3306, 9090, 9100, 18789, 18790])).toEqual([80, 443]);
  });

  test.each<[string, Confinement]>([
    ['bot', { uid: 1000, user: '1000:1000', memoryMib: 192, capAdd: [] }],
    ['mariadb', { uid: 999, user: '999:999', memoryMib: 192, capAdd: [] }],
    ['prometheus', { uid: 65534, user: '65534:65534', memoryMib: 192, capAdd: [] }],
    ['node-exporter', { uid: 65534, user: '65534:65534', memoryMib: 32, capAdd: [] }],
    // Root with one capability: see docker-compose.yml.
    ['proxy', { uid: 0, user: '', memoryMib: 144, capAdd: ['CAP_NET_BIND_SERVICE'] }],
  ])('confines %s', async (name, expected) => {
    const { HostConfig, Config, State } = containerOf(await stack.containers(), name);
    const inside = async (command: string) => (await stack.exec(name, 'sh', '-c', command)).stdout.trim();
    expect({
      uid: uidOf(State.Pid),
      user: Config.User,
      memoryMib: HostConfig.Memory / MIB,
      capAdd: HostConfig.CapAdd ?? [],
    }).toEqual(expected);
    expect(HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      Privileged: false,
      CapDrop: ['ALL'],
      SecurityOpt: expect.arrayContaining(['no-new-privileges:true']),
    });
    // The kernel's own values of the two most important limits.
    const limit = 'cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes';
    expect(Number(await inside(limit))).toBe(expected.memoryMib * MIB);
    expect(await inside('touch /usr/probe 2>&1 || true')).toContain('Read-only file system');
  });

  test('leaves no container, network, volume or process after docker compose down', async () => {
    const pids = Object.values(await stack.containers()).map(({ State }) => State.Pid);
    expect(pids).toHaveLength(SERVICES.length);
    await stack.down();
    expect(await stack.remains()).toEqual([]);
    expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    expect(await listeningEverywhere([80, 443])).toEqual([]);
  });
});

interface Confinement {
  /** User id of the container's main process, as the host's kernel sees it. */
  uid: number;
  user: string;
  memoryMib: number;
  capAdd: string[];
}

function containerOf(containers: Record<string, Container>, name: string): Container {
  const found = containers[name];
  if (found === undefined)
    throw new Error(`There is no container ${name}, only ${Object.keys(containers).join(', ')}.`);
  return found;
}
