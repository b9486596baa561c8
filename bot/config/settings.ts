// Table of settings: name, kind, default, meaning. The loader, `.env.example` and the settings page read this table.
import { z } from 'zod';
import type { PlatformApps } from '../platforms/registry.ts';
import {
  choice,
  databaseUrl,
  folder,
  host,
  proxy as httpProxy,
  id,
  modelUrl,
  noProxy,
  optionalText,
  optionalUrl,
  people,
  port,
  proxies,
  type SettingFacts,
  secret,
  site,
  text,
  timeZone,
  token,
  url,
  webhook,
  whole,
} from './setting-kinds.ts';

export const PROFILES = ['embedded', 'lite', 'full'] as const;
export type Profile = (typeof PROFILES)[number];

/** Headings of the groups, in the order of the settings page. */
export const GROUPS = {
  run: 'Process',
  listen: 'Listeners',
  store: 'Database',
  feishu: 'Feishu',
  dingtalk: 'DingTalk',
  model: 'Model',
  chat: 'Sessions and queues',
  alert: 'Alerts',
  log: 'Logs',
  proxy: 'Proxy for outgoing requests',
  stack: 'Services around the bot',
  compose: 'Compose file only',
} as const;

const run = { group: 'run' };
const listen = { group: 'listen' };
const feishu = { group: 'feishu' };
const dingtalk = { group: 'dingtalk' };
const model = { group: 'model' };
const chat = { group: 'chat' };
const alert = { group: 'alert' };
const proxy = { group: 'proxy' };
const stack = { group: 'stack' };
const compose = { group: 'compose', composeOnly: true };
const HOUR_MS = 3_600_000;

/** Every setting, keyed by its name. Input is text, output is typed. */
export const settingsSchema = z.object({
  PROFILE: choice(PROFILES, 'embedded', {
    ...run,
    doc: '`embedded` is one process without Docker; `lite` and `full` are the compose file without and with Kibana. If empty, `make up` chooses.',
    leftOpen: true,
  }),
  SERVICE_NAME: text('clawdbot', {
    ...run,
    doc: 'Name of the service in logs and on the status page.',
    prose: true,
  }),
  COMMIT: text('unknown', { ...run, doc: 'Commit the program was built from; the image sets it.', leftOpen: true }),
  SHUTDOWN_TIMEOUT_MS: whole(10_000, [100, HOUR_MS], {
    ...run,
    doc: 'Milliseconds that a stopping bot waits for work in progress. The next start resumes unfinished work.',
  }),
  LAB_PORT: whole(18_800, [1, 65_532], {
    ...run,
    doc: 'Port of the playground page; the Feishu, DingTalk and model stand-ins use the next three ports.',
  }),

  HOST: host('0.0.0.0', { ...listen, doc: 'Address the callback listener binds to.' }),
  PORT: port(18_789, { ...listen, doc: 'Port of the callback listener; 0 picks a free one.' }),
  ADMIN_HOST: host('127.0.0.1', {
    ...listen,
    doc: 'Address the admin listener binds to. It has no authentication: do not expose it to public networks.',
  }),
  ADMIN_PORT: port(18_790, { ...listen, doc: 'Port of the admin listener; 0 picks a free one.' }),
  PUBLIC_URL: optionalUrl({
    ...listen,
    doc: 'Address at which the platforms reach the bot, used to print and probe the callback URLs.',
    example: 'https://bot.example.com',
    end: /\/(feishu\/verify|dingtalk\/callback)$/,
  }),
  TRUSTED_PROXIES: proxies('loopback', {
    ...listen,
    doc: 'Proxies whose X-Forwarded-* headers are trusted.',
  }),

  DATABASE_URL: databaseUrl('sqlite:data/bot.db', {
    group: 'store',
    doc: '`sqlite:<path>`, or `mysql://user:password@host:3306/database` for MariaDB.',
  }),

  FEISHU_APP_ID: id({ ...feishu, doc: 'App ID from the developer console.', example: 'cli_a1b2c3d4' }),
  FEISHU_APP_SECRET: token({ ...feishu, doc: 'App Secret from the developer console.' }),
  FEISHU_ENCRYPT_KEY: token({
    ...feishu,
    doc: 'Encrypt Key of the event subscription; with it every event is signed and encrypted.',
  }),
  FEISHU_VERIFICATION_TOKEN: token({ ...feishu, doc: 'Verification Token of the event subscription.' }),
  FEISHU_BASE_URL: url('https://open.feishu.cn', {
    ...feishu,
    doc: 'Server of the open platform; `https://open.larksuite.com` for Lark.',
    end: /\/open-apis$/,
  }),
  FEISHU_MESSAGES_PER_MINUTE: whole(1000, [20, 1_000_000], {
    ...feishu,
    doc: 'Rate limit of the platform for the app, in messages a minute. The limit for one second is a twentieth of it.',
  }),
  FEISHU_INPUT: choice(['webhook', 'websocket'], 'webhook', {
    ...feishu,
    doc: '`webhook` receives callbacks at PUBLIC_URL; `websocket` opens a long connection, for servers without a public address.',
  }),
  FEISHU_REPLY_FORMAT: choice(['auto', 'text', 'post', 'card'], 'auto', {
    ...feishu,
    doc: 'Format of answers. `auto` sends plain answers as text and Markdown as a card. A rejected card is sent again as a post, a rejected post as a text.',
  }),
  FEISHU_REPLY_MODE: choice(['auto', 'chat', 'reply', 'thread'], 'auto', {
    ...feishu,
    doc: 'Form of answers in a chat. `auto`: in the thread of the question if it has one, as a reply in groups, as a message in private chats.',
  }),

  DINGTALK_APP_KEY: id({ ...dingtalk, doc: 'AppKey (Client ID) of the app.', example: 'dinga1b2c3d4' }),
  DINGTALK_APP_SECRET: token({
    ...dingtalk,
    doc: 'AppSecret (Client Secret) of the app; also signs robot callbacks.',
  }),
  DINGTALK_AES_KEY: token({
    ...dingtalk,
    doc: 'aes_key of the event subscription: 43 letters and digits, which encode 32 bytes.',
  }),
  DINGTALK_TOKEN: token({ ...dingtalk, doc: 'Token of the event subscription; requires the aes_key.' }),
  DINGTALK_ROBOT_CODE: id({
    ...dingtalk,
    doc: 'robotCode used to send; the AppKey if empty.',
    example: 'dinga1b2c3d4',
  }),
  DINGTALK_API_BASE_URL: url('https://api.dingtalk.com', { ...dingtalk, doc: 'Server of the current API.' }),
  DINGTALK_OAPI_BASE_URL: url('https://oapi.dingtalk.com', {
    ...dingtalk,
    doc: 'Server of the older API. Session webhooks are called on these two hosts only.',
  }),
  DINGTALK_MESSAGES_PER_SECOND: whole(20, [1, 10_000], {
    ...dingtalk,
    doc: 'Rate limit of the platform for the app, in messages a second; 20 in the standard edition.',
  }),
  DINGTALK_INPUT: choice(['webhook', 'stream'], 'webhook', {
    ...dingtalk,
    doc: '`webhook` receives callbacks at PUBLIC_URL; `stream` opens a long connection, for servers without a public address.',
  }),
  DINGTALK_REPLY_FORMAT: choice(['auto', 'text', 'markdown'], 'auto', {
    ...dingtalk,
    doc: 'Format of answers. `auto` sends plain answers as text, Markdown as markdown, and the links at the end of an answer as buttons.',
  }),

  MODEL_BASE_URL: modelUrl({
    ...model,
    doc: 'Base URL of an OpenAI-compatible API; if empty, the offline model answers.',
    example: 'https://api.openai.com/v1',
  }),
  MODEL_API_KEY: token({ ...model, doc: 'Key of that API.' }),
  MODEL_NAME: optionalText({ ...model, doc: 'Name of the model.', example: 'qwen-plus' }),
  MODEL_TIMEOUT_MS: whole(60_000, [100, HOUR_MS], {
    ...model,
    doc: 'Milliseconds until an unfinished answer is given up, including retries and the fallback API.',
  }),
  MODEL_FIRST_TOKEN_TIMEOUT_MS: whole(20_000, [100, HOUR_MS], {
    ...model,
    doc: 'Milliseconds without a token, before the first one or after it, until a request is given up and sent to the fallback API.',
  }),
  MODEL_CONTEXT_TOKENS: whole(8000, [100, 10_000_000], {
    ...model,
    doc: 'Maximum estimated tokens of instructions, context and question; the oldest context is dropped first.',
  }),
  MODEL_SYSTEM_PROMPT: optionalText({
    ...model,
    doc: 'Instructions given to the model before every conversation.',
    example: 'You are the assistant of the warehouse team. Answer briefly.',
    prose: true,
  }),
  MODEL_FALLBACK_BASE_URL: modelUrl({
    ...model,
    doc: 'Base URL of the fallback API, which is used if the first one fails.',
    example: 'https://backup.example.com/v1',
  }),
  MODEL_FALLBACK_API_KEY: token({
    ...model,
    doc: 'Key of the fallback API; MODEL_API_KEY if empty and the host is the same.',
  }),
  MODEL_FALLBACK_NAME: optionalText({
    ...model,
    doc: 'Name of the model of the fallback API; MODEL_NAME if empty.',
    example: 'qwen-plus',
  }),
  MODEL_ENDPOINT_KEYS: secret({
    ...model,
    doc: 'Keys of the endpoints of single tenants: `host=key`, separated by commas. No other key is sent to these endpoints.',
  }),
  MODEL_SPACE: id({ ...model, doc: 'Service space or region header of the provider.', example: 'ws-1' }),

  SESSION_TIMEOUT_SECONDS: whole(1800, [1, 31_536_000], {
    ...chat,
    doc: 'Seconds of silence after which a new conversation starts.',
  }),
  GROUP_SESSION: choice(['topic', 'chat'], 'topic', {
    ...chat,
    doc: 'Scope of a conversation in a group. `topic`: each topic of a Feishu group has its own; `chat`: one for the group. Several people never share a conversation.',
  }),
  CONTEXT_MAX_LENGTH: whole(10, [0, 1000], { ...chat, doc: 'Earlier messages given to the model as context.' }),
  SESSIONS_MAX: whole(200, [1, 1_000_000], {
    ...chat,
    doc: 'Concurrent sessions that the installation is sized for; alerts use it as a limit.',
  }),
  SENDER_RATE_LIMIT: whole(20, [0, 100_000], {
    ...chat,
    doc: 'Messages a minute that one person may send; 0 means no limit. The limit of a tenant is set by `ops tenants`.',
  }),
  THINKING_AFTER_MS: whole(3000, [0, HOUR_MS], {
    ...chat,
    doc: 'Milliseconds after which a slow answer is shown while it is generated, if the platform supports it; 0 means never.',
  }),
  CONVERSATION_RETENTION_DAYS: whole(90, [0, 36_500], {
    ...chat,
    doc: 'Days for which conversations are kept; 0 means for ever.',
  }),
  TIME_ZONE: timeZone('Asia/Shanghai', { ...chat, doc: 'Time zone of the times that `/status` shows in a chat.' }),
  OPERATORS: people({
    ...chat,
    doc: 'People who may use the operator commands in a chat. Without an organisation (Feishu tenant key, DingTalk corp id) an entry applies to the tenant `default` only.',
  }),
  INBOX_CONCURRENCY: whole(256, [1, 10_000], { ...chat, doc: 'Messages answered at the same time.' }),
  OUTBOX_CONCURRENCY: whole(64, [1, 10_000], { ...chat, doc: 'Replies sent at the same time.' }),

  ALERT_FEISHU_WEBHOOK: webhook({
    ...alert,
    doc: 'Webhook of the Feishu group robot that posts alerts.',
    example: 'https://open.feishu.cn/open-apis/bot/v2/hook/…',
    secret: true,
  }),
  ALERT_FEISHU_SECRET: token({ ...alert, doc: 'Signing secret of that robot.' }),
  ALERT_DINGTALK_WEBHOOK: webhook({
    ...alert,
    doc: 'Webhook of the DingTalk group robot that posts alerts.',
    example: 'https://oapi.dingtalk.com/robot/send?access_token=…',
    secret: true,
  }),
  ALERT_DINGTALK_SECRET: token({ ...alert, doc: 'Signing secret of that robot; starts with SEC.' }),
  ALERT_RELAY_SECRET: generated('HMAC secret shared with the contact point in Grafana.', {
    ...alert,
    composeOnly: false,
  }),

  LOG_DIR: folder('data/log', {
    group: 'log',
    doc: 'Folder of app.log and callback.log; `/var/log/bot` in the container.',
  }),
  LOG_LEVEL: choice(['debug', 'info', 'warn', 'error'], 'info', { group: 'log', doc: 'Minimum level of log lines.' }),

  HTTP_PROXY: httpProxy({ ...proxy, doc: 'Proxy for `http:` addresses; may contain a user name and a password.' }),
  HTTPS_PROXY: httpProxy({ ...proxy, doc: 'Proxy for `https:` addresses, such as `http://proxy:3128`.' }),
  ALL_PROXY: httpProxy({ ...proxy, doc: 'Proxy for addresses whose own setting above is empty.' }),
  NO_PROXY: noProxy({
    ...proxy,
    doc: 'Hosts that are requested without a proxy, separated by commas. A range such as `10.0.0.0/8` matches IP addresses in URLs. This machine never needs a proxy.',
    example: 'models.example.org',
  }),

  ELASTICSEARCH_URL: service('http://elasticsearch:9200', 'Elasticsearch, for the log search and diagnose.'),
  LOGSTASH_URL: service('http://logstash:9600', 'Monitoring interface of Logstash.'),
  FILEBEAT_URL: service('http://filebeat:5066', 'Monitoring interface of Filebeat.'),
  PROMETHEUS_URL: service('http://prometheus:9090', 'Prometheus.'),
  GRAFANA_URL: service('http://grafana:3000', 'Grafana.'),
  KIBANA_URL: service('http://kibana:5601', 'Kibana.'),

  SITE_ADDRESS: site('localhost', { ...compose, doc: 'Host name for which Caddy obtains a certificate.' }),
  ELASTIC_VERSION: text('8.19.20', { ...compose, doc: 'Version of Elasticsearch, Logstash, Kibana and Filebeat.' }),
  PROMETHEUS_VERSION: text('v3.14.0', { ...compose, doc: 'Version of Prometheus.' }),
  GRAFANA_VERSION: text('13.1.0', { ...compose, doc: 'Version of Grafana.' }),
  MARIADB_VERSION: text('10.11', { ...compose, doc: 'Version of MariaDB.' }),
  CADDY_VERSION: text('2', { ...compose, doc: 'Version of Caddy.' }),
  NODE_EXPORTER_VERSION: text('v1.12.1', { ...compose, doc: 'Version of node-exporter.' }),
  JSON_EXPORTER_VERSION: text('v0.7.0', { ...compose, doc: 'Version of json-exporter.' }),
  ELASTIC_PASSWORD: generated('Password of the Elasticsearch superuser.'),
  KIBANA_SYSTEM_PASSWORD: generated('Password with which Kibana connects to Elasticsearch.'),
  LOGSTASH_WRITER_PASSWORD: generated('Password with which Logstash writes to Elasticsearch.'),
  METRICS_READER_PASSWORD: generated('Password with which json-exporter reads the health of Elasticsearch.'),
  KIBANA_ENCRYPTION_KEY: generated('Key for the saved objects of Kibana, at least 32 characters.'),
  MARIADB_PASSWORD: generated(
    'Password of the database user of the bot: letters and digits, since it becomes part of an address.',
  ),
  MARIADB_ROOT_PASSWORD: generated('Password of the database administrator.'),
  GRAFANA_ADMIN_PASSWORD: generated('Password of the Grafana administrator.'),
  GRAFANA_SECRET_KEY: generated('Key with which Grafana encrypts the secrets in its database.'),
});

/** Secret between two services of the compose file. `make up` generates it. */
function generated(doc: string, given = compose) {
  return secret({ ...given, doc: `${doc} If empty, \`make up\` writes a random one into .env.` });
}

function service(composeDefault: string, doc: string) {
  return optionalUrl({ ...stack, doc, example: composeDefault, composeDefault });
}

export type SettingName = keyof typeof settingsSchema.shape;

/** Returns the documentation of one setting. */
export function settingFacts(name: SettingName): SettingFacts {
  // The kinds in setting-kinds.ts attach the facts to every field. Zod types metadata as an open record.
  return settingsSchema.shape[name].meta()?.facts as SettingFacts;
}

/** Returns true for the name of a setting. */
export const isSettingName = (name: string | undefined): name is SettingName =>
  name !== undefined && Object.hasOwn(settingsSchema.shape, name);

/** Returns all names, in the order of the table. */
export const settingNames = (): SettingName[] => Object.keys(settingsSchema.shape) as SettingName[]; // keys of a closed object

/** Valid settings: one key per setting, and the values derived from them. */
export type Settings = z.output<typeof settingsSchema> & {
  profile: Profile;
  apps: PlatformApps;
  /** Warnings about settings that work but are weak. */
  warnings: string[];
};
