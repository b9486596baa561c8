// `ops lab`: runs the lab in the foreground.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { type Command, UsageError } from '../command.ts';
import { print } from '../process/terminal.ts';
import { keepCredentials } from './keep-credentials.ts';
import { startLab } from './start-lab.ts';

// Feishu's schedule: https://open.feishu.cn/document/server-docs/event-subscription-guide/overview (read 2026-11).
// DingTalk's schedule is not published.
const retryDelaysMs = [15_000, 300_000, 3_600_000, 21_600_000];

const options = {
  port: { type: 'string' },
  'bot-url': { type: 'string', default: 'http://127.0.0.1:18789' },
  'bot-status-url': { type: 'string' },
  credentials: { type: 'string', default: 'data/lab/credentials.json' },
  'model-delay-ms': { type: 'string', default: '300' },
} as const;

/** The subcommand. */
export const command: Command = {
  name: 'lab',
  summary: 'run fake Feishu, DingTalk and model servers and a page to chat with the bot',
  usage: () => `Usage: ./chatbot lab [options]

Runs in the foreground until Ctrl-C, on 127.0.0.1 only. \`make up\` starts the lab if no platform is configured.

  --port N               port of the page; Feishu, DingTalk and the model use the next three
                         (default: LAB_PORT, or 18800)
  --bot-url URL          address at which the bot accepts callbacks (default: http://127.0.0.1:18789)
  --bot-status-url URL   status page of the bot, linked from the page (default: port of the bot plus one)
  --credentials FILE     credentials shared with the bot, generated if the file does not exist
                         (default: data/lab/credentials.json)
  --model-delay-ms N     milliseconds before the model has answered (default: 300)`,
  run,
};

async function run(argv: string[]): Promise<number> {
  const { values } = parseArgs({ args: argv, options });
  const page = integer('--port', values.port ?? process.env.LAB_PORT ?? '18800', 65_532);
  const statusUrl = values['bot-status-url'];
  const stopSignal = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  const lab = await startLab({
    credentials: keepCredentials(values.credentials),
    botUrl: httpUrl('--bot-url', values['bot-url']),
    ...(statusUrl === undefined ? {} : { botStatusUrl: httpUrl('--bot-status-url', statusUrl) }),
    ports: page === 0 ? undefined : { page, feishu: page + 1, dingtalk: page + 2, model: page + 3 },
    modelDelayMs: integer('--model-delay-ms', values['model-delay-ms'], 600_000),
    retryDelaysMs,
  });
  const { urls } = lab;
  print(`The lab runs on this machine only. Chat with the bot at ${urls.page}/`);
  print(`Feishu   ${urls.feishu}\nDingTalk ${urls.dingtalk}\nModel    ${urls.model}/v1`);
  print(`Credentials are kept in ${values.credentials}. Stop with Ctrl-C.`);
  await stopSignal;
  await lab.stop();
  return 0;
}

function integer(option: string, text: string, max: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw new UsageError(`${option} must be a whole number from 0 to ${max}, not "${text}".`);
}

function httpUrl(option: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return text.replace(/\/+$/, '');
  throw new UsageError(`${option} must be an address such as http://127.0.0.1:18789, not "${text}".`);
}
