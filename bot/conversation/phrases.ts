// Fixed phrases of the bot in English and Chinese. Messages about failures of the model are in
// bot/model/failure-messages, toasts for pressed buttons are in the channel.

import type { PushErrorClass } from '../domain/delivery.ts';
import { type Language, languageOf } from '../domain/language.ts';
import type { Attachment, InboundMessage } from '../domain/message.ts';
import type { StatusReport } from '../health/status-schema.ts';
import { platformName } from '../platforms/registry.ts';

type Queues = NonNullable<StatusReport['queues']>;
type PlatformStatus = StatusReport['platforms'][string];
type ConnectionStatus = StatusReport['connections'][number];
type ConditionStatus = StatusReport['readiness']['conditions'][number];

const en = {
  busy: 'Too many conversations are going on right now. Please try again in a few minutes.',
  rateLimited: 'Too many messages in the last minute. Please wait a moment and try again.',
  emptyAnswer: 'The language model returned an empty answer. Please rephrase your question.',
  thinking: 'Thinking…',
  greeting: 'Hello! Mention me in a message and I will answer it. /help lists the commands.',
  reset: 'Conversation reset.',
  unreadable: (kind: Attachment) => `I can only read text, not ${attachments.en[kind]}. Please describe it in text.`,
  unknownCommand: (name: string, nearest: string | undefined) =>
    `There is no command /${name}.${nearest ? ` Did you mean /${nearest}?` : ''} /help lists the commands.`,
  operatorsOnly: 'Only the operators of this bot may use this command. The setting OPERATORS lists them.',
  quoted: 'Quoted message:',
  whoami: (entry: string) => `Your entry for the setting OPERATORS:\n${entry}`,
  helpTitle: 'Send me a message and I will answer it. You can also use these commands:',
  help: {
    help: '/help – list the commands',
    status: '/status – show the status of the bot',
    reset: '/reset – clear the conversation so far',
    whoami: '/whoami – show your id for the setting OPERATORS',
    diagnose: '/diagnose – find the cause of a fault (operators only, up to a minute)',
  },
  status: {
    state: { ready: 'ready', not_ready: 'not ready', draining: 'stopping' },
    platformName: (id: string) => platformName(id, 'en'),
    summary: ({ service, model, sessions }: StatusReport, state: string, waiting: string) =>
      `${service.name} ${service.version}: ${state}, running since ${service.startedAt}, model ${model.name}, ${waiting} in the queues, ${sessions.active ?? '?'} of ${sessions.limit} sessions.`,
    failing: ({ id, detail }: ConditionStatus) => `Failing: ${id} (${detail})`,
    inbox: ({ inbox }: Queues) => `Inbox: ${inbox.depth} waiting, the oldest for ${seconds(inbox)} s`,
    outbox: ({ outbox }: Queues) =>
      `Outbox: ${outbox.pending + outbox.sending} to send, the oldest for ${seconds(outbox)} s; ${outbox.unknown} with unknown outcome, ${outbox.dead} given up`,
    platform: (name: string, { lastInboundAt, lastPush }: PlatformStatus) =>
      `${name}: ${lastInboundAt ? `last callback ${lastInboundAt}` : 'no callback yet'}, ${lastPush ? `last push ${pushInEnglish(lastPush)} at ${lastPush.at}` : 'no push yet'}`,
    connection: (name: string, { appId, up, connectedSince, downSince }: ConnectionStatus) =>
      `${name} connection ${appId}: ${up ? `up since ${connectedSince}` : downSince ? `down since ${downSince}` : 'never up since the start'}`,
    build: ({ profile, database, service }: StatusReport) =>
      `Profile ${profile}, database ${database.dialect}, commit ${service.commit}`,
  },
  diagnose: {
    missing: 'This installation does not include the diagnosis program: dist/ops is missing.',
    busy: 'A diagnosis is already running. Please wait for its report.',
    timed_out: 'The diagnosis did not finish within a minute and was stopped.',
    failed: (code: number) =>
      `The diagnosis failed (exit code ${code}). Run \`./chatbot diagnose\` on the server to see the reason.`,
    exit: {
      0: 'Exit code 0: no fault was found.',
      1: 'Exit code 1: a cause was found.',
      3: 'Exit code 3: something is wrong or could not be checked, and no known cause matches.',
    },
  },
};

export type Phrases = typeof en;

const zh: Phrases = {
  busy: '当前会话过多，请几分钟后再试。',
  rateLimited: '最近一分钟内消息过多，请稍后再试。',
  emptyAnswer: '语言模型返回了空内容，请换个说法再试。',
  thinking: '正在思考…',
  greeting: '您好！@我 并发送问题，即可获得回答。发送 /帮助 可查看所有命令。',
  reset: '对话已重置。',
  unreadable: (kind) => `我目前只能处理文字消息，无法识别${attachments.zh[kind]}。请用文字描述内容。`,
  unknownCommand: (name, nearest) =>
    `没有 /${name} 这个命令。${nearest ? `您是想用 /${nearest} 吗？` : ''}发送 /帮助 可查看所有命令。`,
  operatorsOnly: '只有机器人管理员才能使用此命令，管理员由配置项 OPERATORS 指定。',
  quoted: '引用的消息：',
  whoami: (entry) => `您的标识（可填入配置项 OPERATORS）：\n${entry}`,
  helpTitle: '直接发消息提问即可，也可以使用以下命令：',
  help: {
    help: '/帮助 – 查看命令列表',
    status: '/状态 – 查看运行状态',
    reset: '/重置 – 清空对话记录，重新开始',
    whoami: '/我是谁 – 查看您的标识（用于配置项 OPERATORS）',
    diagnose: '/诊断 – 排查故障原因（仅限管理员，最长需要一分钟）',
  },
  status: {
    state: { ready: '就绪', not_ready: '未就绪', draining: '正在停止' },
    platformName: (id: string) => platformName(id, 'zh'),
    summary: ({ service, model, sessions }, state, waiting) =>
      `${service.name} ${service.version}：${state}，自 ${service.startedAt} 起运行，${model.kind === 'offline' ? '未配置语言模型' : `模型 ${model.name}`}，队列中 ${waiting} 条，会话 ${sessions.active ?? '?'}/${sessions.limit}。`,
    failing: ({ id, detail }) => `异常：${conditions[id]}（${detail.replace('% free', '% 可用')}）`,
    inbox: ({ inbox }) => `收件队列：${inbox.depth} 条待处理，最长已等待 ${seconds(inbox)} 秒`,
    outbox: ({ outbox }) =>
      `发件队列：${outbox.pending + outbox.sending} 条待发送，最长已等待 ${seconds(outbox)} 秒；${outbox.unknown} 条结果未知，${outbox.dead} 条已放弃`,
    platform: (name, { lastInboundAt, lastPush }) =>
      `${name}：${lastInboundAt ? `最近一次回调 ${lastInboundAt}` : '暂无回调'}，${lastPush ? `最近一次推送 ${lastPush.at} ${pushInChinese(lastPush)}` : '暂无推送'}`,
    connection: (name, { appId, up, connectedSince, downSince }) =>
      `${name}长连接 ${appId}：${up ? `自 ${connectedSince} 起已连接` : downSince ? `自 ${downSince} 起断开` : '启动后从未连接成功'}`,
    build: ({ profile, database, service }) =>
      `部署方式 ${profile}，数据库 ${database.dialect}，提交 ${service.commit}`,
  },
  diagnose: {
    missing: '当前安装未包含诊断程序：缺少 dist/ops。',
    busy: '诊断正在进行中，请等待报告。',
    timed_out: '诊断未能在一分钟内完成，已终止。',
    failed: (code) => `诊断失败（退出码 ${code}）。请在服务器上运行 \`./chatbot diagnose\` 查看原因。`,
    exit: {
      0: '退出码 0：未发现故障。',
      1: '退出码 1：已找到原因。',
      3: '退出码 3：存在异常或有项目无法检查，但未匹配到已知原因。',
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

const conditions: Record<ConditionStatus['id'], string> = {
  database: '数据库',
  disk: '磁盘空间',
  log_dir: '日志目录',
  connection: '长连接',
};

const pushOutcomes: Record<NonNullable<PlatformStatus['lastPush']>['outcome'], string> = {
  sent: '成功',
  retrying: '失败，待重试',
  dead: '失败，已放弃',
  unknown: '结果未知',
};

const pushErrors: Record<PushErrorClass, string> = {
  credentials: '凭据错误',
  signature: '签名错误',
  permission: '权限不足',
  ip_denied: '服务器 IP 不在白名单',
  rate_limited: '触发限流',
  quota: '额度用尽',
  target_gone: '接收方不存在',
  too_large: '内容过长',
  content_rejected: '内容未通过审核',
  bad_request: '请求有误',
  token_expired: '访问令牌过期',
  session_expired: '回复地址过期',
  network: '网络错误',
  timeout: '超时',
  platform_error: '平台故障',
  unknown: '未知错误',
};

const phrases: Record<Language, Phrases> = { en, zh };

/** Returns the phrases of one language. */
export function phrasesIn(language: Language): Phrases {
  return phrases[language];
}

type Recipient = Pick<InboundMessage, 'text' | 'language'>;

/**
 * Returns the sender's language, detected from the text. If the text has no letters, such as "👍", returns the language
 * detected from names around the message, or undefined if those do not show it either.
 */
export function languageOfMessage({ text, language }: Recipient): Language | undefined {
  return /\p{L}/u.test(text) ? languageOf(text) : language;
}

/** Returns a phrase in the language of the message's sender, or in both languages if that is not known. */
export function phraseFor(message: Recipient, select: (phrases: Phrases) => string): string {
  const language = languageOfMessage(message);
  return language === undefined ? `${select(zh)}\n${select(en)}` : select(phrases[language]);
}

function seconds({ oldestAgeSeconds }: { oldestAgeSeconds: number }): number {
  return Math.round(oldestAgeSeconds);
}

function pushInEnglish({ outcome, class: reason, code }: NonNullable<PlatformStatus['lastPush']>): string {
  return reason ? `${outcome} (${reason}, ${code})` : outcome;
}

function pushInChinese({ outcome, class: reason, code }: NonNullable<PlatformStatus['lastPush']>): string {
  const reasons: Record<string, string> = pushErrors;
  const name = pushOutcomes[outcome];
  return reason ? `${name}（${reasons[reason] ?? reason}，${code}）` : name;
}
