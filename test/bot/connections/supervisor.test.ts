// Life cycle of a long connection on both platforms, over real WebSockets.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PATIENCE_MS } from '../../support/patience.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { type Connected, type ConnectOptions, connect, type LabSide, startLabSide } from './connect.ts';

let side: LabSide;
const open: Connected[] = [];

beforeEach(async () => {
  side = await startLabSide();
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((connected) => connected.stop()));
  await side.lab.stop();
});

const faults = { feishu: 'feishu-secret-revoked', dingtalk: 'dingtalk-secret-rotated' } as const;

/** Delays storing events until `release` is called. */
function createHold() {
  let release: () => void = () => undefined;
  const stored = new Promise<{ status: number }>((resolve) => {
    release = () => resolve({ status: 200 });
  });
  return { stored, release: () => release() };
}

describe.each(['feishu', 'dingtalk'] as const)('on %s', (platform) => {
  const fake = () => side.lab[platform];
  const host = () => (platform === 'feishu' ? side.lab.feishu.longConnection : side.lab.dingtalk.stream);

  beforeEach(() => {
    side.lab.feishu.longConnection.pingIntervalSeconds = 0.05;
    Object.assign(host(), { ackWithinMs: 2_000, retryDelaysMs: [50, 50, 50] });
  });

  function start(options: Omit<ConnectOptions, 'platform'> = {}): Connected {
    const connected = connect(side, { platform, ...options });
    open.push(connected);
    return connected;
  }

  async function startUp(options: Omit<ConnectOptions, 'platform'> = {}): Promise<Connected> {
    const connected = start(options);
    await connected.up();
    return connected;
  }

  test('keeps a quiet connection whose pings are answered', async () => {
    const { facts } = await startUp();
    const before = facts().lastFrameAt;
    await sleep(600);
    expect(facts()).toMatchObject({ up: true, restarts: 0, failures: 0, flaps: 0, lastEventAt: null });
    expect(facts().lastFrameAt).not.toBe(before);
    expect(host().problems).toEqual([]);
  });

  test('detects and replaces an open but dead connection', async () => {
    const { facts, actions, up } = await startUp();
    host().isSilent = true;
    await waitUntil('the silence is detected', () => actions('connection-closed').length > 0);
    expect(actions('connection-closed')[0]).toMatchObject({ 'event.reason': 'silent', 'event.outcome': 'failure' });
    await waitUntil('a handshake has timed out', () => actions('connection-failed').length > 0);
    expect(actions('connection-failed')[0]).toMatchObject({ 'error.code': 'ETIMEDOUT' });
    host().isSilent = false;
    await waitUntil('another connection is open', () => facts().restarts > 0);
    await up();
    expect(await fake().sendText({ text: 'still there?' })).toMatchObject({ status: 200, attempts: 1 });
  });

  test('does not acknowledge an event that cannot be stored, so that it is redelivered', async () => {
    const statuses = [503, 503, 200];
    const { received, facts } = await startUp({ admit: async () => ({ status: statuses.shift() ?? 200 }) });
    expect(await fake().sendText({ text: 'keep me' })).toMatchObject({ status: 200, attempts: 3 });
    expect(received).toHaveLength(3);
    expect(facts()).toMatchObject({ restarts: 0, lastEventAt: expect.any(String) });
  });

  test('keeps the connection and the message if the database throws', async () => {
    let calls = 0;
    const { facts } = await startUp({
      admit: async () => {
        calls += 1;
        if (calls === 1) throw new Error('database is locked');
        return { status: 200 };
      },
    });
    expect(await fake().sendText({ text: 'keep me' })).toMatchObject({ status: 200, attempts: 2 });
    expect(facts().restarts).toBe(0);
  });

  test('logs the platform’s error for rejected credentials, and retries with a long delay', async () => {
    await side.lab.setFault(faults[platform], true);
    const { actions, facts, up } = start();
    await waitUntil('the rejection is logged', () => actions('connection-failed').length === 1);
    expect(actions('connection-failed')[0]).toMatchObject({
      level: 'error',
      message: expect.stringContaining('check the credentials'),
      'error.code': platform === 'feishu' ? '1000040345' : 'authFailed',
    });
    await sleep(250);
    expect(facts()).toMatchObject({ up: false, failures: 1, connectedSince: null, lastError: expect.any(String) });
    await side.lab.setFault(faults[platform], false);
    await up();
    expect(actions('connection-opened')).toMatchObject([{ 'chatbot.attempt': 2 }]);
  });

  test('retries a busy platform with a short delay until it succeeds', async () => {
    host().isBusy = true;
    const { facts, up, actions } = start();
    await waitUntil('many attempts', () => facts().failures >= 8);
    expect(actions('connection-failed')[0]).toMatchObject({ level: 'warn' });
    host().isBusy = false;
    await up();
  });

  test('logs a rejected handshake without its URL, and retries with a new ticket', async () => {
    host().rejectsHandshakes = true;
    const { facts, up, actions, lines } = start();
    await waitUntil('some attempts', () => facts().failures >= 2);
    const error = platform === 'feishu' ? ['514', 'auth failed'] : ['401', 'the handshake was answered with HTTP 401'];
    const [code, message] = error;
    expect(actions('connection-failed')[0]).toMatchObject({
      level: 'warn',
      'error.code': code,
      'error.message': message,
    });
    expect(JSON.stringify(lines)).not.toMatch(/ticket|127\.0\.0\.1/);
    host().rejectsHandshakes = false;
    await up();
  });

  test('receives each message on one of two connections', async () => {
    const [one, two] = await Promise.all([startUp(), startUp()]);
    await Promise.all(Array.from({ length: 24 }, (_, index) => fake().sendText({ text: `number ${index}` })));
    expect(one.received.length + two.received.length).toBe(24);
    expect(Math.min(one.received.length, two.received.length)).toBeGreaterThan(0);
  });

  test('acknowledges the events in progress at shutdown, then does nothing more', async () => {
    const { stored, release } = createHold();
    host().ackWithinMs = PATIENCE_MS;
    const connected = await startUp({ admit: () => stored });
    const sent = fake().sendText({ text: 'last message' });
    await waitUntil('the event is in progress', () => connected.received.length === 1);
    const stopped = connected.stop();
    release();
    expect(await sent).toMatchObject({ status: 200, attempts: 1 });
    await stopped;
    await waitUntil('the platform has noticed the end', () => host().clients.size === 0);
    expect(connected.actions('connection-closed')).toMatchObject([{ 'event.reason': 'stopped', level: 'info' }]);
    const { opened } = host();
    const { length } = connected.lines;
    await sleep(300);
    expect({ opened: host().opened, length: connected.lines.length }).toEqual({ opened, length });
  });

  test('does not wait for a hanging platform at shutdown', async () => {
    await side.lab.setFault(`${platform}-stall`, true);
    const connected = start({ timing: { openMs: 10 * PATIENCE_MS } });
    await sleep(100);
    await connected.stop();
    expect(connected.actions('connection-failed')).toEqual([]);
  });

  test('counts short connections as flaps and backs off', async () => {
    const { facts } = start({ timing: { stableMs: 10 * PATIENCE_MS, longestWaitMs: 5_000 } });
    for (const round of [1, 2, 3]) {
      await waitUntil(`connection ${round}`, () => host().clients.size === 1);
      host().kick();
      await waitUntil('the flap is counted', () => facts().flaps === round);
    }
    expect(facts()).toMatchObject({ flaps: 3, failures: 3, lastError: 'closed by the other side (1006)' });
  });

  test('logs an unreadable frame and keeps the connection', async () => {
    const { lines, facts } = await startUp();
    for (const socket of host().clients.keys()) socket.send(Buffer.from([0xff, 0xff, 0xff]));
    await waitUntil('it is logged', () => lines.some(({ message }) => message.startsWith('Failed to read a frame')));
    expect(await fake().sendText({ text: 'and now?' })).toMatchObject({ status: 200 });
    expect(facts().restarts).toBe(0);
  });
});

describe('on dingtalk only', () => {
  const stream = () => side.lab.dingtalk.stream;

  test('opens the next connection before the old one ends if the close was announced', async () => {
    const { stored, release } = createHold();
    const connected = connect(side, { platform: 'dingtalk', admit: () => stored });
    open.push(connected);
    await connected.up();
    const sent = side.lab.dingtalk.sendText({ text: 'in progress' });
    await waitUntil('the event is in progress', () => connected.received.length === 1);
    stream().announceDisconnect(PATIENCE_MS);
    await waitUntil('the next connection is open', () => stream().opened === 2);
    expect(stream().clients.size).toBe(2);
    release();
    expect(await sent).toMatchObject({ status: 200, attempts: 1 });
    await waitUntil('the bot has closed the old connection', () => stream().clients.size === 1);
    expect(connected.facts()).toMatchObject({ up: true, restarts: 1, failures: 0, downSince: null });
    expect(connected.actions('connection-closed')).toMatchObject([{ 'event.reason': 'announced', level: 'info' }]);
    expect(await side.lab.dingtalk.sendText({ text: 'moved?' })).toMatchObject({ status: 200, attempts: 1 });
  });

  test('answers pings of the platform with their data', async () => {
    const connected = connect(side, { platform: 'dingtalk', timing: { pingMs: 10 * PATIENCE_MS } });
    open.push(connected);
    await connected.up();
    stream().pingAll();
    await waitUntil('the answer', () => [...stream().clients.values()].every(({ ping }) => ping === undefined));
    expect(stream().problems).toEqual([]);
  });

  test('replaces a connection to a gateway that has lost the app but still answers pings', async () => {
    const connected = connect(side, { platform: 'dingtalk', timing: { pingMs: 10, pongMs: 100 } });
    open.push(connected);
    await connected.up();
    stream().pingAll();
    await waitUntil('the connection is replaced', () => connected.actions('connection-closed').length === 1);
    expect(connected.actions('connection-closed')).toMatchObject([{ 'event.reason': 'silent' }]);
  });

  test('acknowledges the event of a disbanded group', async () => {
    const connected = connect(side, { platform: 'dingtalk' });
    open.push(connected);
    await connected.up();
    const answer = await stream().sendEvent('chat_disband', { openConversationId: 'cidGone' });
    expect(answer).toMatchObject({ status: 200, body: '{"status":"SUCCESS"}' });
    expect(connected.received).toMatchObject([
      { kind: 'message', message: { event: 'chat_disbanded', chatId: 'cidGone' } },
    ]);
    expect(await stream().sendEvent('user_add_org')).toMatchObject({ status: 200 });
    expect(connected.received[1]).toMatchObject({ kind: 'ignored', reason: 'unused_event_type' });
  });
});

describe('on feishu only', () => {
  test('joins a long event of many frames into one message', async () => {
    side.lab.feishu.longConnection.frameBytes = 64;
    const connected = connect(side, { platform: 'feishu' });
    open.push(connected);
    await connected.up();
    const text = 'long 世界 🎉 '.repeat(40).trim();
    expect(await side.lab.feishu.sendText({ text })).toMatchObject({ status: 200, attempts: 1 });
    expect(connected.received).toMatchObject([{ kind: 'message', message: { text } }]);
  });

  test('answers a pressed button with the acknowledgement', async () => {
    const connected = connect(side, { platform: 'feishu' });
    open.push(connected);
    await connected.up();
    const { messageId } = await side.lab.feishu.sendText({ text: 'hello' });
    const answer = await side.lab.feishu.pressButton({ messageId, value: { say: '/help' } });
    expect(JSON.parse(answer.body)).toMatchObject({ toast: { type: 'info' } });
  });
});
