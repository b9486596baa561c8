// Chat commands: which words call them, who may, and what they say.
import { describe, expect, test } from '@jest/globals';
import type { Call } from '../../../../bot/conversation/commands/command.ts';
import { createCommands } from '../../../../bot/conversation/commands/commands.ts';
import type { Doctor, DoctorRun } from '../../../../bot/conversation/commands/doctor.ts';
import type { StatusReport } from '../../../../bot/health/status.ts';

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
      lastPush: { at: '2026-11-22T09:02:00.000Z', outcome: 'failed', class: 'credentials', code: '10014' },
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

const caller = { platform: 'feishu', externalTenantId: 'tenant-1', tenantId: 'default', userId: 'ou_1' } as const;

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
  const says = async (text: string, over: Partial<Call> = {}) =>
    (await commands.run({ ...caller, text, ...over }, never))?.text;
  const boss = (text: string) => says(text, { userId: 'ou_boss' });
  return { commands, says, boss };
}

describe('which words are commands', () => {
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
  ])('%j is /help', async (text) => {
    await expect(createChat().says(text)).resolves.toMatch(/^I answer what you write/);
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
  ])('%j is /help, in Chinese', async (text) => {
    await expect(createChat().says(text)).resolves.toMatch(/^直接发消息提问即可/);
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
  ])('%j is a question for the model', async (text) => {
    await expect(createChat().says(text)).resolves.toBeUndefined();
  });

  test.each([
    ['/hepl', 'There is no command /hepl. Did you mean /help? /help lists the commands.'],
    ['/Statu now', 'There is no command /statu. Did you mean /status? /help lists the commands.'],
    ['/resett', 'There is no command /resett. Did you mean /reset? /help lists the commands.'],
    ['/xyz', 'There is no command /xyz. /help lists the commands.'],
    ['/constructor', 'There is no command /constructor. /help lists the commands.'],
    ['/状况', '没有 /状况 这个命令。您是想用 /状态 吗？发送 /帮助 可查看所有命令。'],
    ['/天气', '没有 /天气 这个命令。发送 /帮助 可查看所有命令。'],
  ])('%j is none, and says so', async (text, answer) => {
    await expect(createChat().says(text)).resolves.toBe(answer);
  });
});

describe('/help', () => {
  const listed = (text: string | undefined) => text?.match(/^\/[\p{L}]+/gmu);

  test('lists what the person may do', async () => {
    const { says, boss } = createChat();
    expect(listed(await says('/help'))).toEqual(['/help', '/status', '/reset', '/whoami']);
    expect(listed(await boss('/help'))).toEqual(['/help', '/status', '/reset', '/whoami', '/diagnose']);
    expect(listed(await boss('/帮助'))).toEqual(['/帮助', '/状态', '/重置', '/我是谁', '/诊断']);
  });

  test('every word it lists is a command', async () => {
    const { boss } = createChat();
    const words = [...(listed(await boss('/help')) ?? []), ...(listed(await boss('/帮助')) ?? [])];
    for (const word of words) await expect(boss(word)).resolves.not.toMatch(/no command|这个命令/);
  });
});

test.each([
  ['/reset', 'Done. The conversation starts over.'],
  ['/重置', '好的，对话已重置。'],
])('%s starts anew', async (text, answer) => {
  const { commands } = createChat();
  await expect(commands.run({ ...caller, text }, never)).resolves.toEqual({
    text: answer,
    reset: true,
  });
});

describe('/status', () => {
  const sentence =
    'clawdbot 1.2.3: ready, running since 2026-11-22 17:00:00 (UTC+8), model qwen, 3 in the queues, 8 of 200 sessions.';

  test('is a sentence for everybody', async () => {
    await expect(createChat().says('/status')).resolves.toBe(sentence);
  });

  test('tells operators what is not well, the queues and the platforms', async () => {
    const answer = await createChat().boss('/status');
    expect(answer?.split('\n')).toEqual([
      sentence,
      '- Not well: log_dir (data/log)',
      '- Inbox: 1 waiting, the oldest for 3 s',
      '- Outbox: 2 to send, the oldest for 6 s; 4 of unknown fate, 5 given up',
      '- Feishu: last callback 2026-11-22 17:01:00, last push failed (credentials, 10014) at 2026-11-22 17:02:00',
      '- DingTalk: last callback none yet, last push none yet',
      '- Connection of Feishu cli_a: up since 2026-11-22 17:00:01',
      '- Connection of DingTalk ding1: down since 2026-11-22 17:03:00',
      '- Connection of DingTalk ding2: down since the start',
      '- Profile embedded, database sqlite, commit abc',
    ]);
  });

  test('speaks Chinese too', async () => {
    const answer = await createChat().boss('/状态');
    expect(answer?.split('\n')).toEqual([
      'clawdbot 1.2.3：就绪，自 2026-11-22 17:00:00 (UTC+8) 起运行，模型 qwen，队列中 3 条，会话 8/200。',
      '- 异常：日志目录（data/log）',
      '- 收件：1 条等待处理，最久 3 秒',
      '- 发件：2 条待发送，最久 6 秒；4 条结果未知，5 条已放弃',
      '- 飞书：最近回调 2026-11-22 17:01:00，最近推送 失败（凭据错误，10014），2026-11-22 17:02:00',
      '- 钉钉：最近回调 暂无，最近推送 暂无',
      '- 飞书长连接 cli_a：自 2026-11-22 17:00:01 起正常',
      '- 钉钉长连接 ding1：自 2026-11-22 17:03:00 起中断',
      '- 钉钉长连接 ding2：启动后一直未连上',
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
    const { says, boss } = createChat({ report });
    await expect(says('/status')).resolves.toMatch(/not ready.*\? in the queues, \? of 200 sessions/);
    await expect(boss('/status')).resolves.not.toMatch(/Inbox|Outbox/);
  });

  test.each([
    ['UTC', '2026-11-22 09:00:00 (UTC+0)'],
    ['America/St_Johns', '2026-11-22 05:30:00 (UTC-3:30)'],
  ])('shows the times of the zone %s', async (timeZone, time) => {
    await expect(createChat({ timeZone }).says('/status')).resolves.toContain(`running since ${time},`);
  });

  test('does not call the offline model a model', async () => {
    const { says } = createChat({ report: { ...status, model: { kind: 'offline', name: 'offline' } } });
    await expect(says('/状态')).resolves.toContain('，未配置语言模型，');
  });
});

describe('/whoami', () => {
  test.each([
    ['/whoami', 'feishu', 'ou_1', 'You, as the setting OPERATORS names a person:\nfeishu:tenant-1/ou_1'],
    ['/我是谁', 'dingtalk', 'manager42', '您在设置项 OPERATORS 中的写法：\ndingtalk:tenant-1/manager42'],
  ] as const)('%s on %s: the entry stands in a line of its own', async (text, platform, userId, answer) => {
    await expect(createChat().says(text, { platform, userId })).resolves.toBe(answer);
  });

  test('a person whose answer is set as OPERATORS is an operator, and nobody of another organisation is', async () => {
    const entry = (await createChat().says('/whoami'))?.split('\n').at(-1) ?? '';
    const commands = createCommands({
      operators: [entry],
      status: { report: async () => status },
      timeZone: 'UTC',
      doctor: { run: async () => ended(0, '**Healthy**') },
    });
    const diagnose = { ...caller, text: '/diagnose' };
    expect((await commands.run(diagnose, never))?.text).toContain('**Healthy**');
    expect((await commands.run({ ...diagnose, externalTenantId: 'tenant-2' }, never))?.text).toMatch(
      /^Only the operators/,
    );
  });
});

describe('/diagnose', () => {
  test.each([
    ['somebody else', 'feishu', 'ou_1'],
    ['an operator’s id on the other platform', 'dingtalk', 'ou_boss'],
    ['nobody', 'feishu', ''],
    ['an operator’s id in another tenant', 'dingtalk', 'manager42', { tenantId: 'acme' }],
    ['an operator’s id in another organisation', 'dingtalk', 'staff7', { externalTenantId: 'org-1' }],
    ['an entry as an id', 'dingtalk', 'org-2/staff7', {}],
  ] as const)('is refused to %s, and nothing is run', async (_who, platform, userId, where = {}) => {
    let runs = 0;
    const doctor: Doctor = {
      run: async () => {
        runs += 1;
        return ended(0);
      },
    };
    const { says } = createChat({ doctor });
    await expect(says('/diagnose', { platform, userId, ...where })).resolves.toMatch(/^Only the operators/);
    await expect(says('/诊断', { platform, userId, ...where })).resolves.toMatch(/管理员/);
    expect(runs).toBe(0);
  });

  test.each(['feishu:ou_boss', 'dingtalk:manager42'])('is for %s', async (who) => {
    const [platform, userId] = who.split(':') as [Call['platform'], string]; // as in the table above
    await expect(createChat().says('/diagnose', { platform, userId })).resolves.toContain('**Healthy**');
  });

  test('is for an operator of an organisation, in whichever tenant', async () => {
    const who = { platform: 'dingtalk', userId: 'staff7', externalTenantId: 'org-2', tenantId: 'acme' } as const;
    await expect(createChat().says('/diagnose', who)).resolves.toContain('**Healthy**');
  });

  test.each<[string, DoctorRun, string]>([
    ['healthy', ended(0, '**Healthy**\n'), 'Exit code 0: nothing is broken.\n\n**Healthy**'],
    ['a cause', ended(1, '**Root cause**'), 'Exit code 1: a cause was found.\n\n**Root cause**'],
    [
      'undetermined',
      ended(3, 'x'),
      'Exit code 3: something is wrong or could not be looked at, and no known cause fits.\n\nx',
    ],
    [
      'a crash',
      ended(2, 'half a rep'),
      'The diagnosis could not be made (exit code 2). On the server, `npm run -s diagnose` says why.',
    ],
    [
      'a program that cannot start',
      ended(1),
      'The diagnosis could not be made (exit code 1). On the server, `npm run -s diagnose` says why.',
    ],
    ['no end', { outcome: 'late' }, 'The diagnosis did not end within a minute and was stopped.'],
    [
      'no doctor',
      { outcome: 'missing' },
      'The doctor is not part of this installation: dist/ops is not beside the bot.',
    ],
  ])('explains %s', async (_what, run, answer) => {
    await expect(createChat({ doctor: { run: async () => run } }).boss('/diagnose')).resolves.toBe(answer);
  });

  test('runs once at a time, and again after one that failed', async () => {
    const runs: { end: (run: DoctorRun) => void; giveUp: (reason: Error) => void }[] = [];
    const doctor: Doctor = { run: () => new Promise((end, giveUp) => runs.push({ end, giveUp })) };
    const { boss } = createChat({ doctor });
    const first = boss('/diagnose');
    await expect(boss('/诊断')).resolves.toBe('诊断正在进行，请等待报告。');
    runs[0]?.giveUp(new Error('stop'));
    await expect(first).rejects.toThrow('stop');
    const second = boss('/diagnose');
    runs[1]?.end(ended(0, 'well'));
    await expect(second).resolves.toContain('well');
    expect(runs).toHaveLength(2);
  });
});
