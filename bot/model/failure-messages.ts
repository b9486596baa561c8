// Messages for users if the model fails. They contain no internals; those are in the log and the metrics.

import type { InferenceErrorClass } from '../domain/inference.ts';
import { type Language, languageOf } from '../domain/language.ts';
import type { ModelError } from './model.ts';

type UserMessage = Record<Language, string>;

const tryAgain = {
  en: 'I could not get an answer from the language model. Please try again in a moment.',
  zh: '暂时无法获取语言模型的回答，请稍后再试。',
};
const contactOperators = {
  en: 'The language model cannot be used right now, and retrying will not help. Please contact the operators of this bot.',
  zh: '语言模型目前不可用，重试无法解决，请联系管理员处理。',
};

const messages: Record<InferenceErrorClass, UserMessage> = {
  content_filter: {
    en: 'The provider of the language model does not allow this question or its answer. Please rephrase your question.',
    zh: '该问题或回答未通过语言模型服务商的内容审核，请换个说法再试。',
  },
  context_length: {
    en: 'This is too long for the language model. Please shorten it, or start over with /reset.',
    zh: '内容超出语言模型的长度限制，请缩短后再试，或发送 /重置 开始新的对话。',
  },
  rate_limited: {
    en: 'The language model is receiving too many requests. Please try again in a minute.',
    zh: '语言模型当前请求过多，请一分钟后再试。',
  },
  timeout: {
    en: 'The language model took too long to answer. Please try again in a moment.',
    zh: '语言模型响应超时，请稍后再试。',
  },
  stream_cut: {
    en: 'The language model stopped in the middle of its answer. Please try again in a moment.',
    zh: '语言模型的回答意外中断，请稍后再试。',
  },
  credentials: contactOperators,
  quota: contactOperators,
  model_not_found: contactOperators,
  bad_request: contactOperators,
  network: tryAgain,
  server_error: tryAgain,
  malformed_answer: tryAgain,
  unknown: tryAgain,
};

/** Returns a message for the sender of the question. */
export function failureMessage(error: ModelError, language: Language = 'en'): string {
  return messages[error.class][language];
}

const cutOff = {
  en: '(The answer was cut off here: it reached the maximum length.)',
  zh: '（回答已达到长度上限，后续内容已截断。）',
};

/** Appends a remark that the answer is incomplete, in the language of the answer. */
export function withCutOffRemark(answer: string): string {
  return `${answer}\n\n${cutOff[languageOf(answer)]}`;
}

/** Removes the remark that the answer is incomplete, if there is one. */
export function withoutCutOffRemark(answer: string): string {
  const remark = Object.values(cutOff).find((text) => answer.endsWith(`\n\n${text}`));
  return remark === undefined ? answer : answer.slice(0, -`\n\n${remark}`.length);
}
