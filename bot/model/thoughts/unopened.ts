// Detects answers that begin with reasoning without an opening mark.
// Templates of reasoning models put `<think>` into the prompt, so only `</think>` comes back:
// https://github.com/deepseek-ai/DeepSeek-R1/issues/526 and https://github.com/ggml-org/llama.cpp/issues/11861 (read
// 2026-11).

/** Matches usual names of models whose template opens the reasoning. */
const MODELS = /(?:^|[^a-z])(?:r1|qwq|thinking|reasoner|reasoning|minimax-m\d|kimi-k2\.\d|exaone-deep)(?:[^a-z]|$)/i;

/** Returns true if answers of the model may begin with reasoning without an opening mark. */
export function mayThinkUnopened(model: string): boolean {
  return MODELS.test(model);
}

/** Beginnings of reasoning. It speaks about the person instead of to the person. */
const BEGINNINGS = [
  'okay, so ',
  'okay, the user ',
  'okay, user ',
  'okay, let',
  'okay, i ',
  'okay, this ',
  'okay, we ',
  'ok, so ',
  'ok, the user ',
  'ok, let',
  'alright, so ',
  'alright, the user ',
  'alright, let',
  'hmm, ',
  'hmm. ',
  'hmm\n',
  'so the user ',
  'so, the user ',
  'the user ',
  "the user's ",
  'the question ',
  'we need to ',
  'we are asked ',
  'i need to ',
  'let me think',
  'first, the user ',
  'first, i ',
  'i should ',
  'i recall ',
  'so we need ',
  'so i need ',
  "let's see",
  'let me see',
  'let me recall',
  "let's think",
  '嗯，',
  '嗯,',
  '好的，用户',
  '好，用户',
  '好的，我现在',
  '好，我现在',
  '好的，我需要',
  '好，我需要',
  '好的，这个问题',
  '好的，让我想',
  '让我想想',
  '让我思考',
  '首先，用户',
  '首先，我',
  '我需要',
  '用户',
  '我现在需要',
  '我们需要',
];

/** Returns true for a beginning of reasoning, and undefined for a text that is too short to classify. */
export function soundsLikeThinking(beginning: string): boolean | undefined {
  const text = beginning.toLowerCase();
  if (BEGINNINGS.some((known) => text.startsWith(known))) return true;
  return BEGINNINGS.some((known) => known.startsWith(text)) ? undefined : false;
}
