// What people are told when the model gives no answer. No internals: the log and the metrics have them.

import type { InferenceErrorClass } from '../domain/inference.ts';
import { type Language, languageOf } from '../domain/language.ts';
import type { ModelError } from './model.ts';

type Sentence = Record<Language, string>;

const tryAgain = {
  en: 'I could not get an answer from the language model. Please try again in a moment.',
  zh: '暂时无法从语言模型得到回答，请稍后再试。',
};
const operators = {
  en: 'The language model cannot be used right now, and trying again will not help: the operators have to look at it.',
  zh: '语言模型目前无法使用，重试没有帮助，需要由管理员处理。',
};

const sentences: Record<InferenceErrorClass, Sentence> = {
  content_filter: {
    en: 'The provider of the language model does not allow this question or its answer. Please put it in other words.',
    zh: '语言模型的服务商不允许这个问题或其回答，请换一种说法。',
  },
  context_length: {
    en: 'This is too long for the language model. Please shorten it, or start over with /reset.',
    zh: '内容超出了语言模型的长度限制，请缩短后再试，或发送 /重置 重新开始。',
  },
  rate_limited: {
    en: 'The language model is asked too much at the moment. Please try again in a minute.',
    zh: '语言模型当前请求过多，请一分钟后再试。',
  },
  timeout: {
    en: 'The language model took too long to answer. Please try again in a moment.',
    zh: '语言模型回答超时，请稍后再试。',
  },
  stream_cut: {
    en: 'The language model stopped in the middle of its answer. Please try again in a moment.',
    zh: '语言模型的回答中途中断，请稍后再试。',
  },
  credentials: operators,
  quota: operators,
  model_not_found: operators,
  bad_request: operators,
  network: tryAgain,
  server_error: tryAgain,
  malformed_answer: tryAgain,
  unknown: tryAgain,
};

/** A polite sentence for the person who asked. */
export function failureMessage(error: ModelError, language: Language = 'en'): string {
  return sentences[error.class][language];
}

const cutOff = {
  en: '(The language model ended here: the answer has reached its greatest length.)',
  zh: '（回答已达到语言模型的长度上限，到此为止。）',
};

/** The answer with a remark that it is not whole, in the language of the answer. */
export function withCutOffRemark(answer: string): string {
  return `${answer}\n\n${cutOff[languageOf(answer)]}`;
}

/** The answer without the remark that it is not whole. */
export function withoutCutOffRemark(answer: string): string {
  const remark = Object.values(cutOff).find((text) => answer.endsWith(`\n\n${text}`));
  return remark === undefined ? answer : answer.slice(0, -`\n\n${remark}`.length);
}
