// The faults the lab can inject: names, and the words the playground shows for them.

/** Every fault, in the order the playground lists them; `label` is the switch, `sentence` says what then happens. */
export const faults = [
  {
    name: 'feishu-secret-revoked',
    label: 'Revoke the Feishu secret',
    sentence: 'Feishu refuses the app secret (10014) and every token it gave out (99991663).',
  },
  { name: 'feishu-down', label: 'Take Feishu down', sentence: 'Connections to Feishu are refused.' },
  {
    name: 'feishu-rate-limited',
    label: 'Let Feishu throttle the bot',
    sentence: 'Feishu answers every message with 429 and code 99991400.',
  },
  { name: 'feishu-stall', label: 'Let Feishu hang', sentence: 'Feishu takes requests and never answers.' },
  {
    name: 'feishu-200-with-error',
    label: 'Let Feishu fail behind a 200',
    sentence: 'Feishu answers messages with HTTP 200 and the error code 5000 in the body.',
  },
  {
    name: 'dingtalk-secret-rotated',
    label: 'Rotate the DingTalk secret',
    sentence: 'DingTalk signs callbacks with a new secret and refuses the old one for tokens.',
  },
  { name: 'dingtalk-down', label: 'Take DingTalk down', sentence: 'Connections to DingTalk are refused.' },
  {
    name: 'dingtalk-session-expired',
    label: 'Expire DingTalk reply addresses',
    sentence: 'Every session webhook answers 300001; the bot has to use the robot API.',
  },
  { name: 'dingtalk-stall', label: 'Let DingTalk hang', sentence: 'DingTalk takes requests and never answers.' },
  { name: 'model-down', label: 'Take the model down', sentence: 'Connections to the model are refused.' },
  { name: 'model-slow', label: 'Slow the model', sentence: 'Every answer of the model takes 2 seconds longer.' },
  { name: 'model-401', label: 'Revoke the model key', sentence: 'The model refuses its key with 401.' },
  { name: 'model-500', label: 'Let the model fail', sentence: 'The model answers 500.' },
  { name: 'model-stream-cut', label: 'Cut the model off', sentence: 'The model breaks the connection halfway.' },
] as const;

/** The name of one fault. */
export type FaultName = (typeof faults)[number]['name'];

/** The faults that are on now. The fakes read it at every request. */
export type FaultSet = ReadonlySet<FaultName>;

/** Whether a word from outside is the name of a fault. */
export function isFaultName(name: string): name is FaultName {
  return faults.some((fault) => fault.name === name);
}
