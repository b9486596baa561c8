// Every sentence the bot says by itself, in the language of the person it answers. The model's failures have theirs in bot/model/words.
import type { Attachment } from '../channels/channel.ts';
import type { Language } from '../model/words.ts';
import type { StatusReport } from '../status.ts';

type Queues = NonNullable<StatusReport['queues']>;
type Platform = StatusReport['platforms'][string];
type Connection = StatusReport['connections'][number];

const en = {
  busy: 'Too many conversations are going on right now. Please try again in a few minutes.',
  rateLimited: 'Too many messages in the last minute. Please wait a moment and try again.',
  emptyAnswer: 'The language model gave an empty answer. Please put the question in other words.',
  thinking: 'Thinking…',
  greeting: 'Hello! Mention me in a message and I answer it. /help lists what else I do.',
  reset: 'Done. We start anew.',
  unreadable: (what: Attachment) => `I can only read text, not ${attachments.en[what]}. Please write what it is about.`,
  unknownCommand: (name: string, nearest: string | undefined) =>
    `There is no command /${name}.${nearest ? ` Did you mean /${nearest}?` : ''} /help lists the commands.`,
  operatorsOnly: 'Only the operators of this bot may do that. They are named by the setting OPERATORS.',
  helpTitle: 'I answer what you write. These words do something else:',
  help: {
    help: '/help – this list',
    status: '/status – how I am doing',
    reset: '/reset – forget what we said so far',
    diagnose: '/diagnose – let the doctor look for the cause of a fault; for operators, takes up to a minute',
  },
  status: {
    state: { ready: 'ready', not_ready: 'not ready', draining: 'stopping' },
    summary: ({ service, model, sessions }: StatusReport, state: string, waiting: string) =>
      `${service.name} ${service.version}: ${state}, running since ${service.startedAt}, model ${model.name}, ${waiting} in the queues, ${sessions.active ?? '?'} of ${sessions.limit} sessions.`,
    failing: (id: string, detail: string) => `Not well: ${id} (${detail})`,
    inbox: ({ inbox }: Queues) => `Inbox: ${inbox.depth} waiting, the oldest for ${seconds(inbox)} s`,
    outbox: ({ outbox }: Queues) =>
      `Outbox: ${outbox.pending + outbox.sending} to send, the oldest for ${seconds(outbox)} s; ${outbox.unknown} of unknown fate, ${outbox.dead} given up`,
    platform: (name: string, { lastInboundAt, lastPush }: Platform) =>
      `${name}: last callback ${lastInboundAt ?? 'none yet'}, last push ${lastPush ? `${pushOf(lastPush)} at ${lastPush.at}` : 'none yet'}`,
    connection: ({ platform, appId, up, connectedSince, downSince }: Connection) =>
      `Connection of ${platform} ${appId}: ${up ? `up since ${connectedSince}` : `down since ${downSince ?? 'the start'}`}`,
    build: ({ profile, database, service }: StatusReport) =>
      `Profile ${profile}, database ${database.dialect}, commit ${service.commit}`,
  },
  diagnose: {
    missing: 'The doctor is not part of this installation: dist/ops is not beside the bot.',
    busy: 'A diagnosis is under way already. Please wait for its report.',
    late: 'The diagnosis did not end within a minute and was stopped.',
    failed: (code: number) =>
      `The diagnosis could not be made (exit code ${code}). On the server, \`npm run -s diagnose\` says why.`,
    exit: {
      0: 'Exit code 0: nothing is broken.',
      1: 'Exit code 1: a cause was found.',
      3: 'Exit code 3: something is wrong or could not be looked at, and no known cause fits.',
    },
  },
};

export type Phrases = typeof en;

const zh: Phrases = {
  busy: '当前会话过多，请过几分钟再试。',
  rateLimited: '最近一分钟内消息过多，请稍等片刻再试。',
  emptyAnswer: '语言模型给出了空的回答，请换一种说法。',
  thinking: '正在思考…',
  greeting: '大家好！在消息里 @我，我就会回答。发送 /帮助 可查看其他功能。',
  reset: '好的，我们重新开始。',
  unreadable: (what) => `我只能阅读文字，看不了${attachments.zh[what]}。请用文字告诉我内容。`,
  unknownCommand: (name, nearest) =>
    `没有 /${name} 这个命令。${nearest ? `您是想用 /${nearest} 吗？` : ''}发送 /帮助 可查看所有命令。`,
  operatorsOnly: '只有本机器人的管理员可以这样做，管理员由设置项 OPERATORS 指定。',
  helpTitle: '您写什么我就答什么。以下命令另有用途：',
  help: {
    help: '/帮助 – 显示这份列表',
    status: '/状态 – 我的运行情况',
    reset: '/重置 – 忘掉之前的对话',
    diagnose: '/诊断 – 查找故障原因（仅限管理员，最多需要一分钟）',
  },
  status: {
    state: { ready: '就绪', not_ready: '未就绪', draining: '正在停止' },
    summary: ({ service, model, sessions }, state, waiting) =>
      `${service.name} ${service.version}：${state}，自 ${service.startedAt} 起运行，模型 ${model.name}，队列中 ${waiting} 条，会话 ${sessions.active ?? '?'}/${sessions.limit}。`,
    failing: (id, detail) => `异常：${id}（${detail}）`,
    inbox: ({ inbox }) => `收件：${inbox.depth} 条等待，最久 ${seconds(inbox)} 秒`,
    outbox: ({ outbox }) =>
      `发件：${outbox.pending + outbox.sending} 条待发，最久 ${seconds(outbox)} 秒；${outbox.unknown} 条结果未知，${outbox.dead} 条已放弃`,
    platform: (name, { lastInboundAt, lastPush }) =>
      `${name}：最近回调 ${lastInboundAt ?? '暂无'}，最近推送 ${lastPush ? `${pushOf(lastPush)}，${lastPush.at}` : '暂无'}`,
    connection: ({ platform, appId, up, connectedSince, downSince }) =>
      `长连接 ${platform} ${appId}：${up ? `自 ${connectedSince} 起正常` : `自 ${downSince ?? '启动'} 起中断`}`,
    build: ({ profile, database, service }) => `配置 ${profile}，数据库 ${database.dialect}，提交 ${service.commit}`,
  },
  diagnose: {
    missing: '此安装不含诊断程序：机器人旁边没有 dist/ops。',
    busy: '诊断正在进行，请等待报告。',
    late: '诊断在一分钟内没有结束，已被停止。',
    failed: (code) => `诊断未能完成（退出码 ${code}）。请在服务器上运行 \`npm run -s diagnose\` 查看原因。`,
    exit: {
      0: '退出码 0：没有故障。',
      1: '退出码 1：找到了原因。',
      3: '退出码 3：有异常或无法查看之处，但没有符合的已知原因。',
    },
  },
};

const attachments: Record<Language, Record<Attachment, string>> = {
  en: {
    image: 'pictures',
    file: 'files',
    audio: 'voice messages',
    video: 'videos',
    sticker: 'stickers',
    location: 'locations',
    card: 'cards',
    other: 'this kind of message',
  },
  zh: {
    image: '图片',
    file: '文件',
    audio: '语音',
    video: '视频',
    sticker: '表情',
    location: '位置',
    card: '卡片',
    other: '这类消息',
  },
};

/** Chinese when any Chinese character is in the text; English otherwise. */
export function languageOf(text: string): Language {
  return /\p{Script=Han}/u.test(text) ? 'zh' : 'en';
}

/** What the bot says to somebody who wrote `text`. */
export function phrasesFor(text: string): Phrases {
  return { en, zh }[languageOf(text)];
}

/** Said in a group that the bot was added to. Nobody has spoken yet, so it is said in both languages. */
export const greeting = `${zh.greeting}\n${en.greeting}`;

/** For a message without words, which tells no language: both. */
export function unreadable(what: Attachment): string {
  return `${zh.unreadable(what)}\n${en.unreadable(what)}`;
}

function seconds({ oldestAgeSeconds }: { oldestAgeSeconds: number }): number {
  return Math.round(oldestAgeSeconds);
}

function pushOf({ outcome, class: reason, code }: NonNullable<Platform['lastPush']>): string {
  return reason ? `${outcome} (${reason}, ${code})` : outcome;
}
