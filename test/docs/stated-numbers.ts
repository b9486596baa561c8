// Sentences of the documents and texts that state a number which a constant of the code sets.
import { WINDOW_SECONDS } from '../../bot/alerts/grafana-webhook.ts';
import { ADMIN_CONNECTIONS } from '../../bot/app/create-bot.ts';
import { CRASH_LIMIT_MS } from '../../bot/app/supervise-process.ts';
import { DOCTOR_TIME_LIMIT_MS } from '../../bot/conversation/commands/doctor.ts';
import { MAX_CONTEXT_LENGTH } from '../../bot/conversation/sessions.ts';
import { FINISHED_RETENTION_MS, SIGNED_BODY_BYTES, UNSIGNED_BODY_BYTES } from '../../bot/domain/callback.ts';
import { TIMING } from '../../bot/domain/connection.ts';
import { CONNECTION_GRACE_MS } from '../../bot/health/readiness.ts';
import { BODIES_BYTES } from '../../bot/http/callback-routes.ts';
import { LISTENER_TIMEOUTS, MAX_CONNECTIONS } from '../../bot/http/listen.ts';
import { LINE_BURST, LINES_PER_SECOND } from '../../bot/intake/line-limit.ts';
import { LONGEST_BODY, LONGEST_CALL, LONGEST_THOUGHTS, MAX_ANSWER_BYTES } from '../../bot/model/bounds.ts';
import { CIRCUIT_OPEN_MS, FAILURES_TO_OPEN } from '../../bot/model/circuit-breaker.ts';
import { LONGEST_RETRY_AFTER_MS, RETRY_WITHIN_MS } from '../../bot/model/failures.ts';
import { RETRY_SHARE } from '../../bot/model/retry-budget.ts';
import { END_WITHIN_MS } from '../../bot/model/silence.ts';
import { PART_EXPIRES_AFTER_MS } from '../../bot/outbox/outbox.ts';
import { ALERT_RATES } from '../../bot/platforms/dingtalk/alert-receiver.ts';
import { ROBOT_WINDOW_MS } from '../../bot/platforms/dingtalk/inbound/screen.ts';
import { MAX_SIGNATURES, SHARED_FOR_MS } from '../../bot/platforms/dingtalk/inbound/sign-uses.ts';
import { MAX_BUTTONS, MAX_TITLE_CHARACTERS } from '../../bot/platforms/dingtalk/outbound/action-card.ts';
import { MAX_PART_BYTES } from '../../bot/platforms/dingtalk/outbound/render.ts';
import { WEBHOOK_MARGIN_MS } from '../../bot/platforms/dingtalk/outbound/session-webhook.ts';
import { TOKEN_ONLY_BODY_BYTES } from '../../bot/platforms/feishu/inbound/screen.ts';
import { MAX_TABLES } from '../../bot/platforms/feishu/outbound/render.ts';
import { READ_TIMEOUT_MS, RETRY_AFTER_MS } from '../../bot/platforms/feishu/read-quoted.ts';
import { QUOTE_MAX_CHARACTERS } from '../../bot/platforms/shared/quote.ts';
import { AHEAD_MS, MAX_AGE_MS } from '../../bot/platforms/shared/time-window.ts';
import { SWEEP_INTERVAL_MS } from '../../bot/retention/retention.ts';
import { DEAD_RETENTION_MS, RATE_WINDOW_RETENTION_MS, SESSION_RETENTION_MS } from '../../bot/retention/sweeps.ts';
import { WRITE_INTERVAL_MS } from '../../bot/store/batch.ts';
import { CHATS_PER_PASS } from '../../bot/store/due-rows.ts';
import { BATCH_ROWS } from '../../bot/store/in-batches.ts';
import { LEASE_MS } from '../../bot/store/lease-times.ts';
import { MAX_ATTEMPTS, RETRY_DELAYS_MS } from '../../bot/store/retry-schedule.ts';
import { CHECKPOINT_INTERVAL_MS } from '../../bot/store/sqlite/checkpoints.ts';
import { BUSY_WAIT_MS } from '../../bot/store/sqlite/transaction.ts';
import { TENANT_KEPT_MS } from '../../bot/tenants/conversation-tables.ts';
import { WARN_EVERY_MS } from '../../bot/tenants/notices.ts';
import { MAX_UTILIZATION } from '../../bot/worker/concurrency-limiter.ts';
import { CPU, INFERENCE_P95, MEMORY, SESSIONS } from '../../grafana/measures.ts';
import { CALLS_KEPT_MS } from '../../ops/diagnose/ports/call-memory.ts';
import {
  digits,
  inHours,
  inMinutes,
  inSeconds,
  kilobytes,
  mebibytes,
  pause,
  percent,
  period,
  word,
} from './number-texts.ts';
import { readText } from './project-files.ts';

/** Sentences by file, each built from the constants. The file must contain each of them, on any number of lines. */
export const STATED_NUMBERS: Record<string, readonly string[]> = {
  'ARCHITECTURE.md': [
    `All unfinished bodies share ${mebibytes(BODIES_BYTES)}`,
    `limits the connections to ${digits(MAX_CONNECTIONS)}`,
    `expires (${pause(LEASE_MS)} after a crash)`,
    `An answer ends at ${kilobytes(MAX_ANSWER_BYTES)}`,
    `retried after ${pause(Math.min(...RETRY_DELAYS_MS))} to ${pause(Math.max(...RETRY_DELAYS_MS))}, ${word(RETRY_DELAYS_MS.length)} times`,
    `A part expires after ${inMinutes(PART_EXPIRES_AFTER_MS)} minutes`,
    `the event loop is busy for at most ${percent(MAX_UTILIZATION)} of the time`,
    `Writes that no platform waits for pause for ${WRITE_INTERVAL_MS} ms`,
    `all within ${pause(CRASH_LIMIT_MS)}`,
    `It is retried for ${pause(BUSY_WAIT_MS)} without blocking`,
    `Checkpoints run ${CHECKPOINT_INTERVAL_MS === 500 ? 'twice a second' : `every ${CHECKPOINT_INTERVAL_MS} ms`}`,
    `${digits(CHATS_PER_PASS)} chats in a pass`,
    `accepted for ${inHours(MAX_AGE_MS)} hours, and ${period(AHEAD_MS)} ahead`,
    `Ids are stored for ${inHours(FINISHED_RETENTION_MS)} hours`,
    `is valid for ${period(ROBOT_WINDOW_MS)}`,
    `with another message id later than ${pause(SHARED_FOR_MS)} after its first use`,
    `The process remembers ${digits(MAX_SIGNATURES)} signatures`,
    `gives a captured signature another ${pause(SHARED_FOR_MS)}`,
    `without content, for ${inHours(FINISHED_RETENTION_MS)} hours`,
    `logged one by one up to ${LINE_BURST} in a row, then at most ${word(LINES_PER_SECOND)} a second`,
    `at most ${LINE_BURST} lines in a row, then ${word(LINES_PER_SECOND)} a second`,
    `once ${period(WARN_EVERY_MS)} for each organisation`,
    `\`libsql\` ${installedVersion('libsql')}`,
  ],
  'CONTRIBUTING.md': [
    `on Node ${nodeVersionsOfCi()}.`,
    `coverage of \`bot/\` at ${numberIn('jest.config.js', /lines: (\d+)/)} % of lines`,
    `no test finishes for ${inMinutes(numberIn('test/run-tests.js', /TEST_SILENCE_MS \?\? ([\d_]+)/))} minutes`,
    `beside ${word(numberIn('test/busy.js', /spinners: .*default: '(\d+)'/))} programs`,
    `instead of ${word(numberIn('test/busy.js', /workers: .*default: '(\d+)'/))}`,
  ],
  'docs/reliability.md': [
    `event ids are stored for ${inHours(FINISHED_RETENTION_MS)} hours`,
    `gives up a reply after ${inMinutes(PART_EXPIRES_AFTER_MS)} minutes`,
    `when its lease of ${pause(LEASE_MS)} has expired`,
    `it is ${inMinutes(PART_EXPIRES_AFTER_MS)} minutes old`,
    `(${RETRY_DELAYS_MS.slice(0, 4).map(pause).join(', ')}, …)`,
    `calls it again within ${pause(CIRCUIT_OPEN_MS)}`,
  ],
  'docs/operations.md': [
    `${digits(numberIn('docker-compose.yml', /ulimits: \{ nofile: (\d+) \}/))} (\`ulimits\`)`,
    `after ${numberIn('proxy/Caddyfile', /read_header (\d+)s/)} s without a complete header, or ${numberIn('proxy/Caddyfile', /idle (\d+)s/)} s idle`,
    `${digits(MAX_CONNECTIONS)} callbacks, ${ADMIN_CONNECTIONS} admin`,
    `${pause(LISTENER_TIMEOUTS.requestTimeout)} at the bot, ${numberIn('proxy/Caddyfile', /read_body (\d+)s/)} s for a body`,
    `${mebibytes(BODIES_BYTES)} together, ${SIGNED_BODY_BYTES / 1_048_576} MB each, ${kilobytes(UNSIGNED_BODY_BYTES)} unsigned`,
    `${LINE_BURST} in a row, then ${LINES_PER_SECOND} a second`,
    `posted again within ${WINDOW_SECONDS / 60} minutes`,
    `${word(numberIn('elk/elasticsearch/index-template.json', /"data_retention": "(\d+)d"/))} days of logs are lost`,
    `A message is \`dead\` after ${word(MAX_ATTEMPTS)} failures`,
    `restarts all attempts, for ${inMinutes(PART_EXPIRES_AFTER_MS)} minutes`,
    `deleted after ${inHours(FINISHED_RETENTION_MS)} hours`,
    `applies a change within ${inSeconds(TENANT_KEPT_MS)} seconds`,
    `ids of their messages, for ${inHours(FINISHED_RETENTION_MS)} hours`,
    `under a hash, for ${period(RATE_WINDOW_RETENTION_MS)}`,
    `Once ${period(SWEEP_INTERVAL_MS)} the bot deletes rows older than this, at most ${BATCH_ROWS} rows at a time`,
    `ids only | ${inHours(FINISHED_RETENTION_MS)} hours`,
    `sent and dropped reply parts | ${inHours(FINISHED_RETENTION_MS)} hours`,
    `dead and unknown ones | ${inHours(DEAD_RETENTION_MS) / 24} days`,
    `sessions | ${period(SESSION_RETENTION_MS)} after`,
    `counters of messages a minute | ${period(RATE_WINDOW_RETENTION_MS)} |`,
    `Above ${CPU.warning} % for ${minutesOf(CPU.for.warning)} minutes, or ${CPU.critical} % for ${minutesOf(CPU.for.critical)}.`,
    `Above ${MEMORY.warning} % for ${minutesOf(MEMORY.for.warning)} minutes, or ${MEMORY.critical} % for ${minutesOf(MEMORY.for.critical)}.`,
    `longer than ${INFERENCE_P95.warning} s for ${minutesOf(INFERENCE_P95.for.warning)} minutes, or ${INFERENCE_P95.critical} s for ${minutesOf(INFERENCE_P95.for.critical)}.`,
    `Above ${SESSIONS.warning} % of \`SESSIONS_MAX\` for ${minutesOf(SESSIONS.for.warning)} minutes, or above ${SESSIONS.critical} % for ${minutesOf(SESSIONS.for.critical)}.`,
  ],
  'docs/models.md': [
    `\`Retry-After\` of at most ${pause(LONGEST_RETRY_AFTER_MS)}`,
    `a random part of ${period(RETRY_WITHIN_MS)}`,
    `at most ${RETRY_SHARE === 1 / 5 ? 'a fifth' : percent(RETRY_SHARE)} of the calls`,
    `After ${word(FAILURES_TO_OPEN)} failures in a row`,
    `for ${pause(CIRCUIT_OPEN_MS)} the bot does not call it`,
    `closed after ${word(inSeconds(END_WITHIN_MS))} seconds`,
    `at most ${MAX_CONTEXT_LENGTH === 1_000_000 ? 'a million' : digits(MAX_CONTEXT_LENGTH)} characters of context`,
    `at most ${kilobytes(MAX_ANSWER_BYTES)} of UTF-8: the bot stops reading at ${digits(MAX_ANSWER_BYTES)} characters`,
    `Reasoning may have ${LONGEST_THOUGHTS === 1_000_000 ? 'a million' : digits(LONGEST_THOUGHTS)} characters`,
    `one event or JSON body ${LONGEST_BODY / 1_048_576} million, and one call ${mebibytes(LONGEST_CALL)}`,
  ],
  'docs/chat-commands.md': [`stopped after ${inSeconds(DOCTOR_TIME_LIMIT_MS)} seconds`],
  'docs/channels/dingtalk.md': [
    `at most ${digits(QUOTE_MAX_CHARACTERS)} characters`,
    `with another message later than ${pause(SHARED_FOR_MS)} after its first use`,
    `works for another ${pause(SHARED_FOR_MS)} of its hour`,
    `accepted for ${inHours(MAX_AGE_MS)} hours, and up to ${period(AHEAD_MS)} ahead`,
    `a list of 1 to ${MAX_BUTTONS} items`,
    `titles of at most ${MAX_TITLE_CHARACTERS} characters`,
    `parts of at most ${digits(MAX_PART_BYTES)} bytes`,
    `until ${inSeconds(WEBHOOK_MARGIN_MS)} seconds before it expires`,
    `A reply has at most ${kilobytes(MAX_ANSWER_BYTES)}`,
    `The bot sends at most ${ALERT_RATES[0]?.messages} in a minute`,
  ],
  'docs/channels/feishu.md': [
    `(the address check) may have ${kilobytes(UNSIGNED_BODY_BYTES)}`,
    `may have at most ${kilobytes(TOKEN_ONLY_BODY_BYTES)}`,
    `one call for each reply, at most ${pause(READ_TIMEOUT_MS)}`,
    `does not repeat the call for ${period(RETRY_AFTER_MS)}`,
    `at most ${digits(QUOTE_MAX_CHARACTERS)} characters`,
    `at most ${word(MAX_TABLES)} tables`,
    `A reply has at most ${kilobytes(MAX_ANSWER_BYTES)}`,
    `accepts a signature for ${inHours(MAX_AGE_MS)} h, and up to ${period(AHEAD_MS)} ahead`,
  ],
  'docs/channels/long-connections.md': [
    `expects any frame within ${pause(TIMING.pongMs)}: DingTalk every ${pause(TIMING.pingMs)}`,
    `retries after ${pause(TIMING.firstWaitMs)} to ${period(TIMING.longestWaitMs)}`,
    `retries once ${period(TIMING.rejectedWaitMs)}`,
    `lived less than ${period(TIMING.stableMs)}`,
    `fails after ${period(CONNECTION_GRACE_MS)} without a connection`,
  ],
  'docs/diagnose/README.md': [`cached for ${word(inMinutes(CALLS_KEPT_MS))} minutes`],
  'docs/diagnose/TENANT_UNKNOWN.md': [`within ${inSeconds(TENANT_KEPT_MS)} seconds`],
  'docs/pitfalls.md': [
    `ids are stored for ${inHours(FINISHED_RETENTION_MS)} h`,
    `caches results for ${word(inMinutes(CALLS_KEPT_MS))} minutes`,
  ],
  'elk/README.md': [
    `keeps it for ${word(numberIn('elk/elasticsearch/index-template.json', /"data_retention": "(\d+)d"/))} days`,
  ],
  'bot/conversation/phrases.ts': [
    `operators only, up to ${period(DOCTOR_TIME_LIMIT_MS)}`,
    `did not finish within ${period(DOCTOR_TIME_LIMIT_MS)}`,
    `最长需要${DOCTOR_TIME_LIMIT_MS === 60_000 ? '一分钟' : `${inSeconds(DOCTOR_TIME_LIMIT_MS)} 秒`}`,
    `诊断未能在${DOCTOR_TIME_LIMIT_MS === 60_000 ? '一分钟' : `${inSeconds(DOCTOR_TIME_LIMIT_MS)} 秒`}内完成`,
  ],
  'bot/store/retry-schedule.ts': [
    `Together the pauses last about ${Math.round(inMinutes(RETRY_DELAYS_MS.reduce((sum, ms) => sum + ms, 0)))} minutes`,
  ],
};

/**
 * Numbers so specific that every occurrence in a page states the same constant. A page may state them only in a
 * sentence of `STATED_NUMBERS`, so that a new sentence gets its row.
 */
export const GUARDED_NUMBERS: readonly RegExp[] = [
  /\b55 minutes\b/,
  /\b8 h(?:ours)?\b/,
  /\b7\.5 h(?:ours)?\b/,
  /\b16 MiB\b/,
  /\b100 kB\b/,
  new RegExp(`\\b(?:${word(RETRY_DELAYS_MS.length)}|${word(MAX_ATTEMPTS)}) (?:attempts|failures|times|retries)\\b`),
];

/** Returns the number that the pattern captures in a file that cannot be imported. Throws if there is none. */
function numberIn(path: string, pattern: RegExp): number {
  const text = pattern.exec(readText(path))?.[1];
  if (text === undefined) throw new Error(`${path} has no number for ${pattern}.`);
  return Number(text.replaceAll('_', ''));
}

/** Returns the versions in the matrix of the workflow, such as `20, 22 and 24`. */
function nodeVersionsOfCi(): string {
  const [, versions = ''] = /node: \[(.+)\]/.exec(readText('.github/workflows/check.yml')) ?? [];
  return versions.replace(/, (?=\d+$)/, ' and ');
}

function installedVersion(name: string): string {
  const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(readText('package.json'));
  return dependencies[name] ?? 'not installed';
}

/** Minutes of a duration of Grafana, such as `10m`. */
function minutesOf(duration = ''): number {
  return Number(/^(\d+)m$/.exec(duration)?.[1]);
}
