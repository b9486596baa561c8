// Classifies error messages in English and Chinese. Used if the error has no known code.
import type { InferenceErrorClass } from '../domain/inference.ts';

type Patterns = readonly RegExp[];

const FILTER: Patterns = [
  /content[_ ]?filter|content[_ ](management[_ ])?policy|policy_?violation|responsible_?ai|data_?inspection/i,
  /(?:inappropriate|sensitive|harmful|prohibited) (?:content|information|data|words?)|new_sensitive|sensitive_?content/i,
  /high risk|content exists risk|moderation|flagged|unsafe|safety (?:system|policy|filter|reasons?)/i,
  /敏感|不安全|(?<!账[号户].{0,4})违规|违禁|违反.{0,8}(?:法规|规定|政策)|不合规|内容安全|安全策略|内容审核|审核不通过|风控|不当内容/,
];
const QUOTA: Patterns = [
  /insufficient[_ ](?:user[_ ])?(?:account[_ ])?(?:balance|quota|credits?|funds?)|(?:balance|credits?) (?:is |are )?(?:not enough|insufficient|exhausted|too low)/i,
  /exceeded your current quota|quota (?:has been |is )?(?:exhausted|used up|exceeded)|out of (?:credits?|quota)|(?:not enough|more) credits/i,
  /overdue|arrear|billing|payment required|top up|recharge|free (?:tier|quota|allocated quota)|usage limit/i,
  /pre_consume_token_quota_failed|预扣费额度失败|欠费|余额不足|额度不足|额度已?(?:用完|用尽|耗尽)|无可用额度|充值|配额已|已达.{0,12}(?:使用上限|次数限额)|套餐已到期|(?:[今当每]日|[本当每]月).{0,12}(?:上限|限额|用完|用尽)/,
];
const RATE: Patterns = [
  /rate.?limit|too many (?:requests|tokens)|throttl|requests? per (?:second|minute|hour|day)|tokens per (?:second|minute|day)/i,
  /concurren(?:t|cy).{0,60}(?:limit|exceed|reach|high|many)|\b(?:qps|rpm|tpm|rpd|tpd)\b/i,
  /限流|频率过高|频率限制|频率超|请求过[多快]|请求过于频繁|并发.{0,6}(?:过高|超|达到|上限)|(?:超[过出]|达到).{0,6}并发|访问量过大|速率限制|繁忙|负载.{0,4}(?:过高|饱和)/,
];
const LENGTH: Patterns = [
  /context[_ ]?(?:length|size|window)|longer than the (?:maximum )?(?:model|context)|input length|maximum context|max message tokens|model token limit|request too large/i,
  /(?:prompt|input|messages?|tokens?|token length|conversation|request)(?: tokens?)? (?:is |are )?too (?:long|large)|reduce (?:the|your) (?:length|prompt|messages?|input)/i,
  /(?:input|prompt)[ _]tokens?.{0,40}exceed|exceed.{0,60}(?:context|max_?(?:seq|prompt|input|model|token)|maximum (?:input|prompt|number of tokens))/i,
  /`inputs`.{0,60}must (?:be <=|have less than)|(?:prompt|input) length.{0,60}exceed/i,
  /prompt_tokens must be less than|max_tokens must be at least 1, got -|max input characters|exceed n_ctx/i,
  /超长|(?:输入|内容|长度|文本|上下文|提示词?|prompt|tokens?).{0,20}(?:过长|超[过出限]|超限)|超[过出].{0,20}(?:长度|上下文|tokens?)/i,
];
const MODEL: Patterns = [
  /model.{0,100}(?:not[ _](?:found|exist|loaded)|does ?n[o']t exist|do(?:es)? not exist|is unknown)|not a valid model|(?:invalid|unknown|no such) model|unsupported model/i,
  /模型.{0,40}(?:不存在|未开通|未找到|已下线|未部署|不可用|无可用渠道)|不支持的模型|不支持(?:该|此|这个)模型/,
];
/**
 * One API replies 503 for a model without a channel: https://github.com/songquanpeng/one-api/issues/1494 (read
 * 2026-11).
 */
const NO_CHANNEL: Patterns = [/无可用渠道|no available channels? for model/i];
const CREDENTIALS: Patterns = [
  /(?:invalid|incorrect|missing|expired|wrong|no) (?:api[-_ ]?)?(?:key|token|credentials?|authentication|authorization)|api[-_ ]?key.{0,30}(?:invalid|incorrect|expired|missing|not valid|required)/i,
  /unauthori[sz]ed|authentication|access denied|permission denied|no permission|not authorized/i,
  /鉴权|认证失败|身份验证|未授权|无权|没有权限|(?:密钥|令牌|api ?key).{0,12}(?:无效|错误|过期|不存在|不正确|缺失)/i,
];

/** Matches a wait of seconds or minutes. Such a limit is no exhausted quota. */
const SHORT_WAIT = /\b(?:re)?try (?:again )?(?:in|after) [\d.]+ ?(?:ms|s|sec\w*|min\w*)\b/i;

const matches = (text: string, patterns: Patterns): boolean => patterns.some((pattern) => pattern.test(text));

/** Returns the first of `classes` whose patterns match. */
function firstOf(text: string, ...classes: [InferenceErrorClass, Patterns][]): InferenceErrorClass | undefined {
  return classes.find(([, patterns]) => matches(text, patterns))?.[0];
}

/** Returns the class by HTTP status and message. The status limits the classes that the message can select. */
export function classOfPhrase(status: number, text: string): InferenceErrorClass {
  if (status === 402) return 'quota';
  // Gemini calls its limit per minute a quota too: https://ai.google.dev/gemini-api/docs/rate-limits (read 2026-11).
  if (status === 429 && SHORT_WAIT.test(text)) return 'rate_limited';
  if (status === 429) return firstOf(text, ['quota', QUOTA]) ?? 'rate_limited';
  if (status === 401) return firstOf(text, ['quota', QUOTA]) ?? 'credentials';
  if (status === 403) {
    return firstOf(text, ['quota', QUOTA], ['content_filter', FILTER], ['model_not_found', MODEL]) ?? 'credentials';
  }
  if (status === 404) return 'model_not_found';
  if (status === 408) return 'timeout';
  if (status === 413) return 'context_length';
  if (status >= 500) {
    return (
      firstOf(
        text,
        ['context_length', LENGTH],
        ['quota', QUOTA],
        ['content_filter', FILTER],
        ['model_not_found', NO_CHANNEL],
      ) ?? 'server_error'
    );
  }
  return (
    firstOf(
      text,
      ['content_filter', FILTER],
      ['context_length', LENGTH],
      ['quota', QUOTA],
      ['rate_limited', RATE],
      ['model_not_found', [...MODEL, ...NO_CHANNEL]],
      ['credentials', CREDENTIALS],
    ) ?? 'bad_request'
  );
}
