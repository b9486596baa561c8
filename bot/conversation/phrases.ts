// Every sentence the bot says by itself, in the language of the person it answers. The sentences about failures of the
// model are in bot/model/failure-messages, those on a pressed button in the channel.

import type { PushErrorClass } from '../domain/delivery.ts';
import { type Language, languageOf } from '../domain/language.ts';
import type { Attachment, InboundMessage } from '../domain/message.ts';
import type { StatusReport } from '../health/status.ts';

type Queues = NonNullable<StatusReport['queues']>;
type Platform = StatusReport['platforms'][string];
type Connection = StatusReport['connections'][number];
type Condition = StatusReport['readiness']['conditions'][number];

const en = {
  busy: 'Too many conversations are going on right now. Please try again in a few minutes.',
  rateLimited: 'Too many messages in the last minute. Please wait a moment and try again.',
  emptyAnswer: 'The language model gave an empty answer. Please put the question in other words.',
  thinking: 'Thinking…',
  greeting: 'Hello! Mention me in a message and I answer it. /help lists what else I do.',
  reset: 'Done. The conversation starts over.',
  unreadable: (what: Attachment) => `I can only read text, not ${attachments.en[what]}. Please write what it is about.`,
  unknownCommand: (name: string, nearest: string | undefined) =>
    `There is no command /${name}.${nearest ? ` Did you mean /${nearest}?` : ''} /help lists the commands.`,
  operatorsOnly: 'Only the operators of this bot may do that. They are named by the setting OPERATORS.',
  quoted: 'Quoted message:',
  whoami: (entry: string) => `You, as the setting OPERATORS names a person:\n${entry}`,
  helpTitle: 'I answer what you write. These commands do something else:',
  help: {
    help: '/help – this list',
    status: '/status – my current state',
    reset: '/reset – forget the conversation so far',
    whoami: '/whoami – your id, as the setting OPERATORS names it',
    diagnose: '/diagnose – find the cause of a fault; for operators, takes up to a minute',
  },
  status: {
    state: { ready: 'ready', not_ready: 'not ready', draining: 'stopping' },
    platformName: { feishu: 'Feishu', dingtalk: 'DingTalk' },
    summary: ({ service, model, sessions }: StatusReport, state: string, waiting: string) =>
      `${service.name} ${service.version}: ${state}, running since ${service.startedAt}, model ${model.name}, ${waiting} in the queues, ${sessions.active ?? '?'} of ${sessions.limit} sessions.`,
    failing: ({ id, detail }: Condition) => `Not well: ${id} (${detail})`,
    inbox: ({ inbox }: Queues) => `Inbox: ${inbox.depth} waiting, the oldest for ${seconds(inbox)} s`,
    outbox: ({ outbox }: Queues) =>
      `Outbox: ${outbox.pending + outbox.sending} to send, the oldest for ${seconds(outbox)} s; ${outbox.unknown} of unknown fate, ${outbox.dead} given up`,
    platform: (name: string, { lastInboundAt, lastPush }: Platform) =>
      `${name}: last callback ${lastInboundAt ?? 'none yet'}, last push ${lastPush ? `${pushInEnglish(lastPush)} at ${lastPush.at}` : 'none yet'}`,
    connection: (name: string, { appId, up, connectedSince, downSince }: Connection) =>
      `Connection of ${name} ${appId}: ${up ? `up since ${connectedSince}` : `down since ${downSince ?? 'the start'}`}`,
    build: ({ profile, database, service }: StatusReport) =>
      `Profile ${profile}, database ${database.dialect}, commit ${service.commit}`,
  },
  diagnose: {
    missing: 'The doctor is not part of this installation: dist/ops is not beside the bot.',
    busy: 'A diagnosis is running already. Please wait for its report.',
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
  busy: '当前进行中的对话太多，请过几分钟再试。',
  rateLimited: '最近一分钟内消息过多，请稍等片刻再试。',
  emptyAnswer: '语言模型没有给出内容，请换个说法再试。',
  thinking: '正在思考…',
  greeting: '您好！在消息里 @我 并写下问题，我就会回答。发送 /帮助 可查看其他功能。',
  reset: '好的，对话已重置。',
  unreadable: (what) => `我只能阅读文字，看不了${attachments.zh[what]}。请用文字说明一下内容。`,
  unknownCommand: (name, nearest) =>
    `没有 /${name} 这个命令。${nearest ? `您是想用 /${nearest} 吗？` : ''}发送 /帮助 可查看所有命令。`,
  operatorsOnly: '只有本机器人的管理员可以执行此操作，管理员由设置项 OPERATORS 指定。',
  quoted: '引用的消息：',
  whoami: (entry) => `您在设置项 OPERATORS 中的写法：\n${entry}`,
  helpTitle: '直接发消息提问即可，也可以使用以下命令：',
  help: {
    help: '/帮助 – 显示命令列表',
    status: '/状态 – 查看运行状态',
    reset: '/重置 – 清空之前的对话',
    whoami: '/我是谁 – 查看您的标识（用于设置项 OPERATORS）',
    diagnose: '/诊断 – 查找故障原因（仅限管理员，最多需要一分钟）',
  },
  status: {
    state: { ready: '就绪', not_ready: '未就绪', draining: '正在停止' },
    platformName: { feishu: '飞书', dingtalk: '钉钉' },
    summary: ({ service, model, sessions }, state, waiting) =>
      `${service.name} ${service.version}：${state}，自 ${service.startedAt} 起运行，${model.kind === 'offline' ? '未配置语言模型' : `模型 ${model.name}`}，队列中 ${waiting} 条，会话 ${sessions.active ?? '?'}/${sessions.limit}。`,
    failing: ({ id, detail }) => `异常：${conditions[id]}（${detail.replace('% free', '% 可用')}）`,
    inbox: ({ inbox }) => `收件：${inbox.depth} 条等待处理，最久 ${seconds(inbox)} 秒`,
    outbox: ({ outbox }) =>
      `发件：${outbox.pending + outbox.sending} 条待发送，最久 ${seconds(outbox)} 秒；${outbox.unknown} 条结果未知，${outbox.dead} 条已放弃`,
    platform: (name, { lastInboundAt, lastPush }) =>
      `${name}：最近回调 ${lastInboundAt ?? '暂无'}，最近推送 ${lastPush ? `${pushInChinese(lastPush)}，${lastPush.at}` : '暂无'}`,
    connection: (name, { appId, up, connectedSince, downSince }) =>
      `${name}长连接 ${appId}：${up ? `自 ${connectedSince} 起正常` : downSince ? `自 ${downSince} 起中断` : '启动后一直未连上'}`,
    build: ({ profile, database, service }) =>
      `部署方式 ${profile}，数据库 ${database.dialect}，提交 ${service.commit}`,
  },
  diagnose: {
    missing: '此安装不含诊断程序：机器人旁边没有 dist/ops。',
    busy: '诊断正在进行，请等待报告。',
    late: '诊断在一分钟内没有完成，已被停止。',
    failed: (code) => `诊断未能完成（退出码 ${code}）。请在服务器上运行 \`npm run -s diagnose\` 查看原因。`,
    exit: {
      0: '退出码 0：没有故障。',
      1: '退出码 1：找到了原因。',
      3: '退出码 3：有异常或有无法检查之处，但不符合任何已知原因。',
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

const conditions: Record<Condition['id'], string> = {
  running: '运行状态',
  database: '数据库',
  disk: '磁盘空间',
  log_dir: '日志目录',
  connection: '长连接',
};

const pushOutcomes: Record<NonNullable<Platform['lastPush']>['outcome'], string> = {
  sent: '成功',
  retried: '失败待重试',
  failed: '失败',
  unknown: '结果未知',
};

const pushErrors: Record<PushErrorClass, string> = {
  credentials: '凭据错误',
  signature: '签名错误',
  permission: '权限不足',
  ip_denied: '服务器 IP 未放行',
  rate_limited: '触发限流',
  quota: '额度用尽',
  target_gone: '接收方不存在',
  too_large: '内容过长',
  content_rejected: '内容未通过审核',
  bad_request: '请求有误',
  token_expired: '访问凭证过期',
  session_expired: '回复地址过期',
  network: '网络错误',
  timeout: '超时',
  platform_error: '平台故障',
  unknown: '未知错误',
};

const phrases: Record<Language, Phrases> = { en, zh };

/** The sentences of one language. */
export function phrasesIn(language: Language): Phrases {
  return phrases[language];
}

type Addressee = Pick<InboundMessage, 'text' | 'language'>;

/**
 * Language of the person: by the text, and by the names around it if the text has no letters, such as "👍". Undefined if
 * neither shows it.
 */
export function languageOfMessage({ text, language }: Addressee): Language | undefined {
  return /\p{L}/u.test(text) ? languageOf(text) : language;
}

/** A sentence for the person who sent the message, and in both languages if the person's is not known. */
export function say(to: Addressee, sentence: (phrases: Phrases) => string): string {
  const language = languageOfMessage(to);
  return language === undefined ? `${sentence(zh)}\n${sentence(en)}` : sentence(phrases[language]);
}

function seconds({ oldestAgeSeconds }: { oldestAgeSeconds: number }): number {
  return Math.round(oldestAgeSeconds);
}

function pushInEnglish({ outcome, class: reason, code }: NonNullable<Platform['lastPush']>): string {
  return reason ? `${outcome} (${reason}, ${code})` : outcome;
}

function pushInChinese({ outcome, class: reason, code }: NonNullable<Platform['lastPush']>): string {
  const reasons: Record<string, string> = pushErrors;
  const name = pushOutcomes[outcome];
  return reason ? `${name}（${reasons[reason] ?? reason}，${code}）` : name;
}
