// Lists the faults that the lab can inject: names, and the texts the playground shows for them.

/** Every fault, in the order of the playground's list. `label` is the switch, `sentence` describes the effect. */
export const faults = [
  {
    name: 'feishu-secret-revoked',
    label: 'Revoke the Feishu secret',
    sentence: 'Feishu rejects the app secret (10014) and every token it gave out (99991663).',
  },
  { name: 'feishu-down', label: 'Take Feishu down', sentence: 'Feishu refuses connections.' },
  {
    name: 'feishu-rate-limited',
    label: 'Let Feishu throttle the bot',
    sentence: 'Feishu answers every message with 429 and code 99991400.',
  },
  {
    name: 'feishu-500',
    label: 'Let Feishu fail',
    sentence: 'Feishu answers every message with HTTP 500 and accepts none.',
  },
  {
    name: 'feishu-answer-lost',
    label: 'Lose the answers of Feishu',
    sentence: 'Feishu accepts every message and breaks the connection instead of answering.',
  },
  { name: 'feishu-stall', label: 'Let Feishu hang', sentence: 'Feishu accepts requests and never answers.' },
  {
    name: 'feishu-200-with-error',
    label: 'Let Feishu fail behind a 200',
    sentence: 'Feishu answers messages with HTTP 200 and the error code 5000 in the body.',
  },
  {
    name: 'dingtalk-secret-rotated',
    label: 'Rotate the DingTalk secret',
    sentence: 'DingTalk signs callbacks with a new secret and rejects the old one for tokens.',
  },
  { name: 'dingtalk-down', label: 'Take DingTalk down', sentence: 'DingTalk refuses connections.' },
  {
    name: 'dingtalk-session-expired',
    label: 'Expire DingTalk reply addresses',
    sentence: 'Every session webhook answers 300001; the bot has to use the robot API.',
  },
  {
    name: 'dingtalk-rate-limited',
    label: 'Let DingTalk throttle the bot',
    sentence: 'DingTalk rejects every message as sent too fast (QpsLimit, on session webhooks 130101).',
  },
  {
    name: 'dingtalk-barred',
    label: 'Let DingTalk bar the server',
    sentence: 'DingTalk answers everything with the page of its protection by address (status 1111, wait 5 minutes).',
  },
  {
    name: 'dingtalk-500',
    label: 'Let DingTalk fail',
    sentence: 'DingTalk answers every message with HTTP 500 and accepts none.',
  },
  {
    name: 'dingtalk-200-with-error',
    label: 'Let DingTalk fail behind a 200',
    sentence: 'DingTalk answers messages with HTTP 200 and the code -1 (system busy) in the body.',
  },
  {
    name: 'dingtalk-answer-lost',
    label: 'Lose the answers of DingTalk',
    sentence: 'DingTalk accepts every message and breaks the connection instead of answering.',
  },
  { name: 'dingtalk-stall', label: 'Let DingTalk hang', sentence: 'DingTalk accepts requests and never answers.' },
  { name: 'model-down', label: 'Take the model down', sentence: 'The model refuses connections.' },
  { name: 'model-stall', label: 'Let the model hang', sentence: 'The model accepts requests and never answers.' },
  { name: 'model-slow', label: 'Slow the model', sentence: 'Every answer of the model takes 2 seconds longer.' },
  {
    name: 'model-slow-start',
    label: 'Let the model begin late',
    sentence: 'The model is silent for 5 seconds before the first word.',
  },
  {
    name: 'model-429',
    label: 'Let the model throttle the bot',
    sentence: 'The model answers 429 and asks to come back after a second.',
  },
  { name: 'model-401', label: 'Revoke the model key', sentence: 'The model rejects its key with 401.' },
  { name: 'model-500', label: 'Let the model fail', sentence: 'The model answers 500.' },
  { name: 'model-stream-cut', label: 'Cut the model off', sentence: 'The model breaks the connection halfway.' },
  {
    name: 'model-stream-stall',
    label: 'Let the model fall silent',
    sentence: 'The model stops halfway and keeps the connection open.',
  },
  {
    name: 'model-filter-question',
    label: 'Let the model reject questions',
    sentence: 'The model rejects every question with 400 and the code content_filter.',
  },
  {
    name: 'model-filter-answer',
    label: 'Let the model filter its answers',
    sentence: 'The model ends every answer halfway with the reason content_filter.',
  },
  {
    name: 'model-no-stream',
    label: 'Let the model not stream',
    sentence: 'The model answers in one piece, as plain JSON, even if a stream is requested.',
  },
  {
    name: 'model-reasons',
    label: 'Let the model think aloud',
    sentence: 'The model streams reasoning_content before its answer.',
  },
  {
    name: 'model-reasons-in-tags',
    label: 'Let the model think in its answer',
    sentence: 'The model begins its answer with <think>…</think>, as vLLM and Ollama send it without a parser.',
  },
  {
    name: 'model-reasons-unopened',
    label: 'Let the model think without a beginning',
    sentence: 'The model thinks first and marks only the end, </think>, as templates of DeepSeek-R1 make it.',
  },
  {
    name: 'model-odd-shapes',
    label: 'Let the model answer in an odd shape',
    sentence:
      'The model sends its content as a list of parts, half of the usage, and null where others leave fields out.',
  },
] as const;

/** The name of one fault. */
export type FaultName = (typeof faults)[number]['name'];

/** The active faults. The fakes read them at every request. */
export type FaultSet = ReadonlySet<FaultName>;

/** Returns true if a name from outside is the name of a fault. */
export function isFaultName(name: string): name is FaultName {
  return faults.some((fault) => fault.name === name);
}
