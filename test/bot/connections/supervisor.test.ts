// What a long connection goes through, on both platforms, over real WebSockets.
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

/** Keeps nothing until it is released. */
function createHold() {
  let release: () => void = () => undefined;
  const held = new Promise<{ status: number }>((resolve) => {
    release = () => resolve({ status: 200 });
  });
  return { held, release: () => release() };
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

  test('a quiet connection is not a dead one: its pings are answered', async () => {
    const { facts } = await startUp();
    const before = facts().lastFrameAt;
    await sleep(600);
    expect(facts()).toMatchObject({ up: true, restarts: 0, failures: 0, flaps: 0, lastEventAt: null });
    expect(facts().lastFrameAt).not.toBe(before);
    expect(host().problems).toEqual([]);
  });

  test('a connection that is open and dead is noticed and replaced', async () => {
    const { facts, actions, up } = await startUp();
    host().isSilent = true;
    await waitUntil('the silence is noticed', () => actions('connection-closed').length > 0);
    expect(actions('connection-closed')[0]).toMatchObject({ 'event.reason': 'silent', 'event.outcome': 'failure' });
    await waitUntil('a handshake was given up', () => actions('connection-failed').length > 0);
    expect(actions('connection-failed')[0]).toMatchObject({ 'error.code': 'ETIMEDOUT' });
    host().isSilent = false;
    await waitUntil('another one was opened', () => facts().restarts > 0);
    await up();
    expect(await fake().sendText({ text: 'still there?' })).toMatchObject({ status: 200, attempts: 1 });
  });

  test('what could not be kept is not acknowledged and comes again', async () => {
    const statuses = [503, 503, 200];
    const { taken, facts } = await startUp({ admit: async () => ({ status: statuses.shift() ?? 200 }) });
    expect(await fake().sendText({ text: 'keep me' })).toMatchObject({ status: 200, attempts: 3 });
    expect(taken).toHaveLength(3);
    expect(facts()).toMatchObject({ restarts: 0, lastEventAt: expect.any(String) });
  });

  test('a database that throws costs neither the connection nor the message', async () => {
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

  test('refused credentials are told in the words of the platform, and tried again slowly', async () => {
    await side.lab.setFault(faults[platform], true);
    const { actions, facts, up } = start();
    await waitUntil('the refusal is told', () => actions('connection-failed').length === 1);
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

  test('a platform that is busy is asked again soon, for as long as it takes', async () => {
    host().isBusy = true;
    const { facts, up, actions } = start();
    await waitUntil('many attempts', () => facts().failures >= 8);
    expect(actions('connection-failed')[0]).toMatchObject({ level: 'warn' });
    host().isBusy = false;
    await up();
  });

  test('a refused handshake is told without its address, and tried again with a new ticket', async () => {
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

  test('each message goes to one of two consumers', async () => {
    const [one, two] = await Promise.all([startUp(), startUp()]);
    await Promise.all(Array.from({ length: 24 }, (_, index) => fake().sendText({ text: `number ${index}` })));
    expect(one.taken.length + two.taken.length).toBe(24);
    expect(Math.min(one.taken.length, two.taken.length)).toBeGreaterThan(0);
  });

  test('a stop acknowledges what is under way, and nothing happens afterwards', async () => {
    const { held, release } = createHold();
    host().ackWithinMs = PATIENCE_MS;
    const connected = await startUp({ admit: () => held });
    const sent = fake().sendText({ text: 'last words' });
    await waitUntil('it is under way', () => connected.taken.length === 1);
    const stopped = connected.stop();
    release();
    expect(await sent).toMatchObject({ status: 200, attempts: 1 });
    await stopped;
    expect(host().clients.size).toBe(0);
    expect(connected.actions('connection-closed')).toMatchObject([{ 'event.reason': 'stopped', level: 'info' }]);
    const { opened } = host();
    const { length } = connected.lines;
    await sleep(300);
    expect({ opened: host().opened, length: connected.lines.length }).toEqual({ opened, length });
  });

  test('a stop does not wait for a platform that hangs', async () => {
    await side.lab.setFault(`${platform}-stall`, true);
    const connected = start({ timing: { openMs: 10 * PATIENCE_MS } });
    await sleep(100);
    await connected.stop();
    expect(connected.actions('connection-failed')).toEqual([]);
  });

  test('a connection that never lives long is a flap: the waits between attempts grow', async () => {
    const { facts } = start({ timing: { stableMs: 10 * PATIENCE_MS, longestWaitMs: 5_000 } });
    for (const round of [1, 2, 3]) {
      await waitUntil(`connection ${round}`, () => host().clients.size === 1);
      host().kick();
      await waitUntil('it is gone', () => facts().flaps === round);
    }
    expect(facts()).toMatchObject({ flaps: 3, failures: 3, lastError: 'closed by the other side (1006)' });
  });

  test('a frame that cannot be read is told and costs nothing else', async () => {
    const { lines, facts } = await startUp();
    for (const socket of host().clients.keys()) socket.send(Buffer.from([0xff, 0xff, 0xff]));
    await waitUntil('it is told', () => lines.some(({ message }) => message.includes('could not be read')));
    expect(await fake().sendText({ text: 'and now?' })).toMatchObject({ status: 200 });
    expect(facts().restarts).toBe(0);
  });
});

describe('on dingtalk only', () => {
  const stream = () => side.lab.dingtalk.stream;

  test('an announced close opens the next connection before the old one ends', async () => {
    const { held, release } = createHold();
    const connected = connect(side, { platform: 'dingtalk', admit: () => held });
    open.push(connected);
    await connected.up();
    const sent = side.lab.dingtalk.sendText({ text: 'under way' });
    await waitUntil('it is under way', () => connected.taken.length === 1);
    stream().announceDisconnect(PATIENCE_MS);
    await waitUntil('the next one', () => stream().opened === 2);
    expect(stream().clients.size).toBe(2);
    release();
    expect(await sent).toMatchObject({ status: 200, attempts: 1 });
    await waitUntil('the old one is closed by the bot', () => stream().clients.size === 1);
    expect(connected.facts()).toMatchObject({ up: true, restarts: 1, failures: 0, downSince: null });
    expect(connected.actions('connection-closed')).toMatchObject([{ 'event.reason': 'announced', level: 'info' }]);
    expect(await side.lab.dingtalk.sendText({ text: 'moved?' })).toMatchObject({ status: 200, attempts: 1 });
  });

  test('pings of the platform are answered with their data', async () => {
    const connected = connect(side, { platform: 'dingtalk', timing: { pingMs: 10 * PATIENCE_MS } });
    open.push(connected);
    await connected.up();
    stream().pingAll();
    await waitUntil('the answer', () => [...stream().clients.values()].every(({ ping }) => ping === undefined));
    expect(stream().problems).toEqual([]);
  });

  test('a gateway that has forgotten the app still answers pings, and is left all the same', async () => {
    const connected = connect(side, { platform: 'dingtalk', timing: { pingMs: 10, pongMs: 100 } });
    open.push(connected);
    await connected.up();
    stream().pingAll();
    await waitUntil('it is left', () => connected.actions('connection-closed').length === 1);
    expect(connected.actions('connection-closed')).toMatchObject([{ 'event.reason': 'silent' }]);
  });

  test('a dissolved group comes as an event and is acknowledged as one', async () => {
    const connected = connect(side, { platform: 'dingtalk' });
    open.push(connected);
    await connected.up();
    const answer = await stream().sendEvent('chat_disband', { openConversationId: 'cidGone' });
    expect(answer).toMatchObject({ status: 200, body: '{"status":"SUCCESS"}' });
    expect(connected.taken).toMatchObject([
      { kind: 'message', message: { event: 'chat_disbanded', chatId: 'cidGone' } },
    ]);
    expect(await stream().sendEvent('user_add_org')).toMatchObject({ status: 200 });
    expect(connected.taken[1]).toMatchObject({ kind: 'ignored', reason: 'unused_event_type' });
  });
});

describe('on feishu only', () => {
  test('a long event comes in many frames and counts once', async () => {
    side.lab.feishu.longConnection.frameBytes = 64;
    const connected = connect(side, { platform: 'feishu' });
    open.push(connected);
    await connected.up();
    const text = 'long 世界 🎉 '.repeat(40).trim();
    expect(await side.lab.feishu.sendText({ text })).toMatchObject({ status: 200, attempts: 1 });
    expect(connected.taken).toMatchObject([{ kind: 'message', message: { text } }]);
  });

  test('a pressed button has its answer with the acknowledgement', async () => {
    const connected = connect(side, { platform: 'feishu' });
    open.push(connected);
    await connected.up();
    const { messageId } = await side.lab.feishu.sendText({ text: 'hello' });
    const answer = await side.lab.feishu.pressButton({ messageId, value: { say: '/help' } });
    expect(JSON.parse(answer.body)).toMatchObject({ toast: { type: 'info' } });
  });
});
