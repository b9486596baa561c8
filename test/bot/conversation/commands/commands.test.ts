// Chat commands: their names, permissions and replies.
import { describe, expect, test } from '@jest/globals';
import type { CommandCall } from '../../../../bot/conversation/commands/command.ts';
import { createCommands } from '../../../../bot/conversation/commands/commands.ts';
import type { Doctor, DoctorRun } from '../../../../bot/conversation/commands/doctor.ts';
import type { StatusReport } from '../../../../bot/health/status-schema.ts';

const never = new AbortController().signal;
const connection = (over: Partial<StatusReport['connections'][number]>): StatusReport['connections'][number] => ({
  ...{ platform: 'feishu', appId: '', up: false, connectedSince: null, downSince: null, lastFrameAt: null },
  ...{ lastEventAt: null, restarts: 0, failures: 0, flaps: 0, lastError: null },
  ...over,
});
const status: StatusReport = {
  service: { name: 'clawdbot', version: '1.2.3', commit: 'abc', pid: 7, startedAt: '2026-11-22T09:00:00.000Z' },
  profile: 'embedded',
  readiness: {
    status: 'ready',
    conditions: [
      { id: 'database', level: 'required', ok: true, detail: 'sqlite' },
      { id: 'log_dir', level: 'advisory', ok: false, detail: 'data/log' },
    ],
  },
  platforms: {
    feishu: {
      apps: ['cli_a'],
      botIdProblems: {},
      lastInboundAt: '2026-11-22T09:01:00.000Z',
      lastPush: { at: '2026-11-22T09:02:00.000Z', outcome: 'dead', class: 'credentials', code: '10014' },
    },
    dingtalk: { apps: [], botIdProblems: {}, lastInboundAt: null, lastPush: null },
  },
  organisations: { bound: [], unknown: [] },
  connections: [
    connection({ platform: 'feishu', appId: 'cli_a', up: true, connectedSince: '2026-11-22T09:00:01.000Z' }),
    connection({ platform: 'dingtalk', appId: 'ding1', downSince: '2026-11-22T09:03:00.000Z' }),
    connection({ platform: 'dingtalk', appId: 'ding2' }),
  ],
  queues: {
    inbox: { depth: 2, oldestAgeSeconds: 3.4 },
    outbox: { pending: 1, sending: 1, unknown: 4, dead: 5, oldestAgeSeconds: 6 },
  },
  sessions: { active: 8, limit: 200 },
  model: { kind: 'remote', name: 'qwen' },
  database: { dialect: 'sqlite' },
  log: { dir: 'data/log' },
};
const ended = (exitCode: number, report = ''): DoctorRun => ({ outcome: 'ended', exitCode, report });

interface ChatOptions {
  report?: StatusReport;
  doctor?: Doctor;
  timeZone?: string;
}

const sender = { platform: 'feishu', externalTenantId: 'tenant-1', tenantId: 'default', userId: 'ou_1' } as const;

function createChat({
  report = status,
  timeZone = 'Asia/Shanghai',
  doctor = { run: async () => ended(0, '**Healthy**') },
}: ChatOptions = {}) {
  const commands = createCommands({
    operators: ['feishu:ou_boss', 'dingtalk:manager42', 'dingtalk:org-2/staff7'],
    status: { report: async () => report },
    timeZone,
    doctor,
  });
  const send = async (text: string, over: Partial<CommandCall> = {}) =>
    (await commands.run({ ...sender, text, ...over }, never))?.text;
  const sendAsOperator = (text: string) => send(text, { userId: 'ou_boss' });
  return { commands, send, sendAsOperator };
}

describe('recognition of commands', () => {
  test.each([
    '/help',
    '/HELP',
    ' /help',
    '/help me please',
    '/help\nplease',
    '／help',
    '／ＨＥＬＰ',
    '/help\u3000x',
    '/help?',
    '\u200b/help',
    '\u00a0\u2005/help',
  ])('%j runs /help', async (text) => {
    await expect(createChat().send(text)).resolves.toMatch(/^Send me a message and I will answer it/);
  });

  test.each([
    ...['/帮助', '／帮助', '/帮助 谢谢', '／帮助。', '/帮助！', '/help 怎么用'],
    ...[
      '/帮助，谢谢',
      '/帮助！谢谢',
      '/帮助：',
      '/帮助～',
      '/帮助……',
      '/帮助？怎么用',
      '/帮助;',
      '/帮助｡',
      '/HELP，谢谢',
    ],
  ])('%j runs /help in Chinese', async (text) => {
    await expect(createChat().send(text)).resolves.toMatch(/^直接发消息提问即可/);
  });

  test.each([
    'what does /help do?',
    'help',
    '',
    '/',
    '//help',
    '/ help',
    '/etc/hosts',
    '/etc/',
    '/usr/bin x',
    '/.env',
    '/1',
    '/help.txt',
    '/v1?a=b',
    '/这是一个很长的句子没有空格所以它不会是任何命令的名字',
  ])('%j is passed to the model', async (text) => {
    await expect(createChat().send(text)).resolves.toBeUndefined();
  });

  test.each([
    ['/hepl', 'There is no command /hepl. Did you mean /help? /help lists the commands.'],
    ['/Statu now', 'There is no command /statu. Did you mean /status? /help lists the commands.'],
    ['/resett', 'There is no command /resett. Did you mean /reset? /help lists the commands.'],
    ['/xyz', 'There is no command /xyz. /help lists the commands.'],
    ['/constructor', 'There is no command /constructor. /help lists the commands.'],
    ['/状况', '没有 /状况 这个命令。您是想用 /状态 吗？发送 /帮助 可查看所有命令。'],
    ['/天气', '没有 /天气 这个命令。发送 /帮助 可查看所有命令。'],
  ])('%j is reported as an unknown command', async (text, answer) => {
    await expect(createChat().send(text)).resolves.toBe(answer);
  });
});

describe('/help', () => {
  const listed = (text: string | undefined) => text?.match(/^\/[\p{L}]+/gmu);

  test('lists the commands that the sender may use', async () => {
    const { send, sendAsOperator } = createChat();
    expect(listed(await send('/help'))).toEqual(['/help', '/status', '/reset', '/whoami']);
    expect(listed(await sendAsOperator('/help'))).toEqual(['/help', '/status', '/reset', '/whoami', '/diagnose']);
    expect(listed(await sendAsOperator('/帮助'))).toEqual(['/帮助', '/状态', '/重置', '/我是谁', '/诊断']);
  });

  test('lists only names of existing commands', async () => {
    const { sendAsOperator } = createChat();
    const names = [...(listed(await sendAsOperator('/help')) ?? []), ...(listed(await sendAsOperator('/帮助')) ?? [])];
    for (const name of names) await expect(sendAsOperator(name)).resolves.not.toMatch(/no command|这个命令/);
  });
});

test.each([
  ['/reset', 'Conversation reset.'],
  ['/重置', '对话已重置。'],
])('%s resets the conversation', async (text, answer) => {
  const { commands } = createChat();
  await expect(commands.run({ ...sender, text }, never)).resolves.toEqual({
    text: answer,
    reset: true,
  });
});

describe('/status', () => {
  const sentence =
    'clawdbot 1.2.3: ready, running since 2026-11-22 17:00:00 (UTC+8), model qwen, 3 in the queues, 8 of 200 sessions.';

  test('returns one sentence for users who are not operators', async () => {
    await expect(createChat().send('/status')).resolves.toBe(sentence);
  });

  test('lists failing conditions, queues, platforms and connections for operators', async () => {
    const answer = await createChat().sendAsOperator('/status');
    expect(answer?.split('\n')).toEqual([
      sentence,
      '- Failing: log_dir (data/log)',
      '- Inbox: 1 waiting, the oldest for 3 s',
      '- Outbox: 2 to send, the oldest for 6 s; 4 with unknown outcome, 5 given up',
      '- Feishu: last callback 2026-11-22 17:01:00, last push dead (credentials, 10014) at 2026-11-22 17:02:00',
      '- DingTalk: no callback yet, no push yet',
      '- Feishu connection cli_a: up since 2026-11-22 17:00:01',
      '- DingTalk connection ding1: down since 2026-11-22 17:03:00',
      '- DingTalk connection ding2: never up since the start',
      '- Profile embedded, database sqlite, commit abc',
    ]);
  });

  test('answers in Chinese', async () => {
    const answer = await createChat().sendAsOperator('/状态');
    expect(answer?.split('\n')).toEqual([
      'clawdbot 1.2.3：就绪，自 2026-11-22 17:00:00 (UTC+8) 起运行，模型 qwen，队列中 3 条，会话 8/200。',
      '- 异常：日志目录（data/log）',
      '- 收件队列：1 条待处理，最长已等待 3 秒',
      '- 发件队列：2 条待发送，最长已等待 6 秒；4 条结果未知，5 条已放弃',
      '- 飞书：最近一次回调 2026-11-22 17:01:00，最近一次推送 2026-11-22 17:02:00 失败，已放弃（凭据错误，10014）',
      '- 钉钉：暂无回调，暂无推送',
      '- 飞书长连接 cli_a：自 2026-11-22 17:00:01 起已连接',
      '- 钉钉长连接 ding1：自 2026-11-22 17:03:00 起断开',
      '- 钉钉长连接 ding2：启动后从未连接成功',
      '- 部署方式 embedded，数据库 sqlite，提交 abc',
    ]);
  });

  test('answers without the database', async () => {
    const report: StatusReport = {
      ...status,
      readiness: { ...status.readiness, status: 'not_ready' },
      queues: null,
      sessions: { active: null, limit: 200 },
    };
    const { send, sendAsOperator } = createChat({ report });
    await expect(send('/status')).resolves.toMatch(/not ready.*\? in the queues, \? of 200 sessions/);
    await expect(sendAsOperator('/status')).resolves.not.toMatch(/Inbox|Outbox/);
  });

  test.each([
    ['UTC', '2026-11-22 09:00:00 (UTC+0)'],
    ['America/St_Johns', '2026-11-22 05:30:00 (UTC-3:30)'],
  ])('shows times in the time zone %s', async (timeZone, time) => {
    await expect(createChat({ timeZone }).send('/status')).resolves.toContain(`running since ${time},`);
  });

  test('reports that no language model is configured, if the model is the offline one', async () => {
    const { send } = createChat({ report: { ...status, model: { kind: 'offline', name: 'offline' } } });
    await expect(send('/状态')).resolves.toContain('，未配置语言模型，');
  });
});

describe('/whoami', () => {
  test.each([
    ['/whoami', 'feishu', 'ou_1', 'Your entry for the setting OPERATORS:\nfeishu:tenant-1/ou_1'],
    ['/我是谁', 'dingtalk', 'manager42', '您的标识（可填入配置项 OPERATORS）：\ndingtalk:tenant-1/manager42'],
  ] as const)('%s on %s: shows the entry on a separate line', async (text, platform, userId, answer) => {
    await expect(createChat().send(text, { platform, userId })).resolves.toBe(answer);
  });

  test('its entry, set as OPERATORS, makes the sender an operator, and no one with this id in another organisation', async () => {
    const entry = (await createChat().send('/whoami'))?.split('\n').at(-1) ?? '';
    const commands = createCommands({
      operators: [entry],
      status: { report: async () => status },
      timeZone: 'UTC',
      doctor: { run: async () => ended(0, '**Healthy**') },
    });
    const diagnose = { ...sender, text: '/diagnose' };
    expect((await commands.run(diagnose, never))?.text).toContain('**Healthy**');
    expect((await commands.run({ ...diagnose, externalTenantId: 'tenant-2' }, never))?.text).toMatch(
      /^Only the operators/,
    );
  });
});

describe('/diagnose', () => {
  test.each([
    ['another user', 'feishu', 'ou_1'],
    ['an operator’s id on the other platform', 'dingtalk', 'ou_boss'],
    ['an empty id', 'feishu', ''],
    ['an operator’s id in another tenant', 'dingtalk', 'manager42', { tenantId: 'acme' }],
    ['an operator’s id in another organisation', 'dingtalk', 'staff7', { externalTenantId: 'org-1' }],
    ['an entry as an id', 'dingtalk', 'org-2/staff7', {}],
  ] as const)('is rejected for %s, and starts no diagnosis', async (_name, platform, userId, over = {}) => {
    let runs = 0;
    const doctor: Doctor = {
      run: async () => {
        runs += 1;
        return ended(0);
      },
    };
    const { send } = createChat({ doctor });
    await expect(send('/diagnose', { platform, userId, ...over })).resolves.toMatch(/^Only the operators/);
    await expect(send('/诊断', { platform, userId, ...over })).resolves.toMatch(/管理员/);
    expect(runs).toBe(0);
  });

  test.each(['feishu:ou_boss', 'dingtalk:manager42'])('runs for %s', async (entry) => {
    const [platform, userId] = entry.split(':') as [CommandCall['platform'], string]; // as in the table above
    await expect(createChat().send('/diagnose', { platform, userId })).resolves.toContain('**Healthy**');
  });

  test('runs for an operator of an organisation in every tenant', async () => {
    const operator = { platform: 'dingtalk', userId: 'staff7', externalTenantId: 'org-2', tenantId: 'acme' } as const;
    await expect(createChat().send('/diagnose', operator)).resolves.toContain('**Healthy**');
  });

  test.each<[string, DoctorRun, string]>([
    ['healthy', ended(0, '**Healthy**\n'), 'Exit code 0: no fault was found.\n\n**Healthy**'],
    ['a cause', ended(1, '**Root cause**'), 'Exit code 1: a cause was found.\n\n**Root cause**'],
    [
      'undetermined',
      ended(3, 'x'),
      'Exit code 3: something is wrong or could not be checked, and no known cause matches.\n\nx',
    ],
    [
      'a crash',
      ended(2, 'half a rep'),
      'The diagnosis failed (exit code 2). Run `./chatbot diagnose` on the server to see the reason.',
    ],
    [
      'a program that cannot start',
      ended(1),
      'The diagnosis failed (exit code 1). Run `./chatbot diagnose` on the server to see the reason.',
    ],
    ['a timeout', { outcome: 'timed_out' }, 'The diagnosis did not finish within a minute and was stopped.'],
    [
      'no doctor',
      { outcome: 'missing' },
      'This installation does not include the diagnosis program: dist/ops is missing.',
    ],
  ])('reports %s', async (_name, run, answer) => {
    await expect(createChat({ doctor: { run: async () => run } }).sendAsOperator('/diagnose')).resolves.toBe(answer);
  });

  test('runs one diagnosis at a time, and another one after a failure', async () => {
    const runs: { end: (run: DoctorRun) => void; giveUp: (reason: Error) => void }[] = [];
    const doctor: Doctor = { run: () => new Promise((end, giveUp) => runs.push({ end, giveUp })) };
    const { sendAsOperator } = createChat({ doctor });
    const first = sendAsOperator('/diagnose');
    await expect(sendAsOperator('/诊断')).resolves.toBe('诊断正在进行中，请等待报告。');
    runs[0]?.giveUp(new Error('stop'));
    await expect(first).rejects.toThrow('stop');
    const second = sendAsOperator('/diagnose');
    runs[1]?.end(ended(0, 'well'));
    await expect(second).resolves.toContain('well');
    expect(runs).toHaveLength(2);
  });
});
