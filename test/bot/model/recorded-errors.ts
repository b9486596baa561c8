// Error responses as the providers document or send them, with their pages, read on 2026-11-27. Rows of `other` imitate
// gateways without documentation.
import type { InferenceErrorClass } from '../../../bot/domain/inference.ts';

export interface RecordedError {
  provider: string;
  page: string;
  /** HTTP status; 200 if the error comes in a successful response. */
  status: number;
  body: unknown;
  is: InferenceErrorClass;
  /** Host of the provider, if its codes have another meaning than those of others. */
  host?: string;
}

const of =
  (provider: string, page: string, host?: string) =>
  (status: number, is: InferenceErrorClass, body: unknown): RecordedError => ({
    provider,
    page,
    status,
    body,
    is,
    ...(host ? { host } : {}),
  });
const error = (message: string, code: string | number | null = null, type: string | null = null) => ({
  error: { message, type, param: null, code },
});

const oneApi = of('One API', 'https://github.com/songquanpeng/one-api/issues/2340');
const openai = of('OpenAI', 'https://developers.openai.com/docs/guides/error-codes');
const azure = of('Azure OpenAI', 'https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter');
const dashscope = of('DashScope', 'https://help.aliyun.com/zh/model-studio/error-code');
const dashscopeLimits = of(
  'DashScope',
  'https://help.aliyun.com/zh/model-studio/rate-limit',
  'dashscope-intl.aliyuncs.com',
);
const deepseek = of('DeepSeek', 'https://api-docs.deepseek.com/quick_start/error_codes');
const zhipu = of('Zhipu', 'https://docs.bigmodel.cn/cn/api/api-code');
const moonshot = of('Moonshot', 'https://platform.kimi.com/docs/api/errors');
const ark = of('Volcengine Ark', 'https://www.volcengine.com/docs/82379/1299023');
const qianfan = of('Qianfan', 'https://cloud.baidu.com/doc/qianfan-api/s/Om9b4yj3w');
const qianfanV1 = of('Qianfan V1', 'https://cloud.baidu.com/doc/WENXINWORKSHOP/s/tlmyncueh');
const minimax = of('MiniMax', 'https://platform.minimax.io/docs/api-reference/errorcode');
const siliconflow = of('SiliconFlow', 'https://docs.siliconflow.cn/cn/faqs/error-code');
const openrouter = of('OpenRouter', 'https://openrouter.ai/docs/api/reference/errors-and-debugging');
const ollama = of('Ollama', 'https://docs.ollama.com/api/errors');
const vllm = of('vLLM', 'https://github.com/vllm-project/vllm/issues/4667');
const llamacpp = of('llama.cpp', 'https://github.com/ggml-org/llama.cpp/issues/19774');
const litellm = of('LiteLLM', 'https://docs.litellm.ai/docs/exception_mapping');
const gemini = of('Gemini', 'https://ai.google.dev/gemini-api/docs/rate-limits');
const other = of('gateways', 'https://www.rfc-editor.org/rfc/rfc9110');

const base = (status_code: number, status_msg: string) => ({
  id: 'x',
  choices: null,
  base_resp: { status_code, status_msg },
});

export const RECORDED_ERRORS: readonly RecordedError[] = [
  deepseek(400, 'content_filter', error('Content Exists Risk', 'invalid_request_error', 'invalid_request_error')),
  openrouter(400, 'model_not_found', error('a/b is not a valid model ID', 400)),
  vllm(
    400,
    'context_length',
    error('The decoder prompt (length 9000) is longer than the maximum model length of 4096.', 400, 'BadRequestError'),
  ),
  gemini(429, 'rate_limited', [
    {
      error: {
        code: 429,
        message: 'You exceeded your current quota, please check your plan and billing details. Please retry in 33.4s.',
        status: 'RESOURCE_EXHAUSTED',
      },
    },
  ]),
  other(400, 'content_filter', error('输入内容违规')),
  other(400, 'content_filter', error('请求包含违禁词，请修改')),
  other(400, 'content_filter', error('内容不合规')),
  other(403, 'credentials', error('您的账号因违规被封禁')),
  other(400, 'model_not_found', error('模型 abc 不可用')),
  other(400, 'model_not_found', error('不支持的模型')),
  other(400, 'rate_limited', error('超出并发限制')),
  other(400, 'rate_limited', error('系统繁忙，请稍后再试')),
  other(429, 'quota', error('今日调用次数已达上限')),
  openai(401, 'credentials', error('Incorrect API key provided: sk-1.', 'invalid_api_key', 'invalid_request_error')),
  openai(
    403,
    'credentials',
    error('Country, region, or territory not supported', 'unsupported_country_region_territory', 'request_forbidden'),
  ),
  openai(
    429,
    'rate_limited',
    error('Rate limit reached for gpt-4o on requests per min (RPM).', 'rate_limit_exceeded', 'requests'),
  ),
  openai(
    429,
    'context_length',
    error('Request too large for gpt-4o on tokens per min (TPM): Limit 10000, Requested 12000.', null, 'tokens'),
  ),
  openai(
    429,
    'quota',
    error('You exceeded your current quota, please check your plan and billing details.', null, 'insufficient_quota'),
  ),
  openai(
    429,
    'quota',
    error('You exceeded your current quota, please check your plan.', 'insufficient_quota', 'insufficient_quota'),
  ),
  openai(
    404,
    'model_not_found',
    error('The model `gpt-8` does not exist.', 'model_not_found', 'invalid_request_error'),
  ),
  openai(
    400,
    'context_length',
    error(
      "This model's maximum context length is 4097 tokens. However, your messages resulted in 6988 tokens.",
      'context_length_exceeded',
      'invalid_request_error',
    ),
  ),
  openai(
    503,
    'server_error',
    error('The engine is currently overloaded, please try again later', null, 'server_error'),
  ),

  azure(400, 'content_filter', {
    error: { message: 'The response was filtered', type: null, param: 'prompt', code: 'content_filter', status: 400 },
  }),
  azure(400, 'content_filter', {
    error: { message: 'No.', code: null, innererror: { code: 'ResponsibleAIPolicyViolation' } },
  }),
  azure(404, 'model_not_found', error('The API deployment for this resource does not exist.', 'DeploymentNotFound')),
  azure(401, 'credentials', {
    statusCode: 401,
    message: 'Unauthorized. Access token is missing, invalid, audience is incorrect, or have expired.',
  }),
  azure(
    429,
    'rate_limited',
    error(
      'Requests to the ChatCompletions_Create Operation have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 9 seconds.',
      '429',
    ),
  ),

  dashscope(
    400,
    'quota',
    error('Access denied, please make sure your account is in good standing.', 'Arrearage', 'Arrearage'),
  ),
  dashscope(
    400,
    'content_filter',
    error('Input data may contain inappropriate content.', 'data_inspection_failed', 'data_inspection_failed'),
  ),
  dashscope(400, 'content_filter', {
    code: 'DataInspectionFailed',
    message: 'Output data may contain inappropriate content.',
    request_id: 'x',
  }),
  dashscope(
    400,
    'context_length',
    error('Range of input length should be [1, 6000]', 'invalid_parameter_error', 'invalid_request_error'),
  ),
  dashscope(401, 'credentials', error('Incorrect API key provided.', 'invalid_api_key', 'invalid_request_error')),
  dashscope(
    403,
    'quota',
    error(
      'The free tier of the model has been exhausted.',
      'AllocationQuota.FreeTierOnly',
      'AllocationQuota.FreeTierOnly',
    ),
  ),
  dashscope(403, 'credentials', { code: 'AccessDenied', message: 'Access denied.' }),
  dashscope(
    404,
    'model_not_found',
    error(
      'The model `qwen-x` does not exist or you do not have access to it.',
      'model_not_found',
      'invalid_request_error',
    ),
  ),
  dashscope(429, 'rate_limited', {
    code: 'Throttling.AllocationQuota',
    message: 'Allocated quota exceeded, please increase your quota limit.',
  }),
  dashscope(429, 'rate_limited', {
    code: 'Throttling.RateQuota',
    message: 'Requests rate limit exceeded, please try again later.',
  }),
  dashscope(429, 'rate_limited', error('You exceeded your current requests list.', 'limit_requests', 'limit_requests')),
  dashscope(
    429,
    'rate_limited',
    error(
      'You exceeded your current quota, please check your plan and billing details. For details, see: https://help.aliyun.com/zh/model-studio/error-code#token-limit',
      'insufficient_quota',
      'insufficient_quota',
    ),
  ),
  dashscopeLimits(
    429,
    'rate_limited',
    error(
      'You exceeded your current quota, please check your plan and billing details.',
      'insufficient_quota',
      'insufficient_quota',
    ),
  ),
  dashscope(500, 'server_error', {
    code: 'InternalError',
    message: 'An internal error has occured, please try again later.',
  }),

  deepseek(
    401,
    'credentials',
    error('Authentication Fails (no such user)', 'invalid_request_error', 'authentication_error'),
  ),
  deepseek(402, 'quota', error('Insufficient Balance', 'invalid_request_error', 'unknown_error')),
  deepseek(
    400,
    'context_length',
    error(
      "This model's maximum context length is 131072 tokens. However, you requested 131134 tokens (122942 in the messages, 8192 in the completion).",
      'invalid_request_error',
      'invalid_request_error',
    ),
  ),
  deepseek(
    400,
    'content_filter',
    error('Content Exists Risk: high risk', 'invalid_request_error', 'invalid_request_error'),
  ),
  deepseek(400, 'model_not_found', error('Model Not Exist', 'invalid_request_error', 'invalid_request_error')),
  deepseek(
    422,
    'bad_request',
    error('Failed to deserialize the JSON body', 'invalid_request_error', 'invalid_request_error'),
  ),
  deepseek(429, 'rate_limited', error('Rate limit reached')),
  deepseek(503, 'server_error', error('Server overloaded')),

  zhipu(
    400,
    'content_filter',
    error('系统检测到输入或生成内容可能包含不安全或敏感内容，请您避免输入易产生敏感内容的提示语，感谢您的配合', '1301'),
  ),
  zhipu(400, 'content_filter', {
    ...error('系统检测到输入或生成内容可能包含不安全或敏感内容', 1301),
    contentFilter: [{ level: 1, role: 'user' }],
  }),
  zhipu(429, 'quota', error('您的账户已欠费，请充值后重试', '1113')),
  zhipu(429, 'quota', error('Your account is in arrears, please recharge and try again', '1113')),
  zhipu(429, 'rate_limited', error('您当前使用该API的并发数过高，请降低并发，或联系客服增加限额', '1302')),
  zhipu(429, 'rate_limited', error('该模型当前访问量过大，请您稍后再试', '1305')),
  zhipu(429, 'quota', error('已达到 5 小时的使用上限。您的限额将在 20:00 重置。', '1308')),
  zhipu(429, 'quota', error('该 API 已达今日调用次数限额，如有更多需求，请联系客服购买', '1304')),
  zhipu(401, 'credentials', error('身份验证失败', '1000')),
  zhipu(401, 'credentials', error('Authentication Token 已过期，请重新生成/获取', '1003')),
  zhipu(400, 'model_not_found', error('模型不存在，请检查模型代码', '1211')),
  zhipu(400, 'context_length', error('Prompt 超长', '1261')),
  zhipu(400, 'bad_request', error('API 调用参数有误，请检查文档', '1210')),
  zhipu(500, 'server_error', error('API 调用失败', '1200')),
  zhipu(200, 'content_filter', error('系统检测到输入或生成内容可能包含不安全或敏感内容', '1301')),

  moonshot(400, 'content_filter', {
    error: { type: 'content_filter', message: 'The request was rejected because it was considered high risk' },
  }),
  moonshot(400, 'context_length', {
    error: { type: 'invalid_request_error', message: 'Invalid request: Your request exceeded model token limit: 8192' },
  }),
  moonshot(400, 'context_length', { error: { type: 'invalid_request_error', message: 'Input token length too long' } }),
  moonshot(400, 'bad_request', {
    error: { type: 'invalid_request_error', message: 'Invalid request: temperature must be between 0 and 1' },
  }),
  moonshot(401, 'credentials', { error: { type: 'invalid_authentication_error', message: 'Invalid Authentication' } }),
  moonshot(403, 'quota', {
    error: {
      type: 'exceeded_current_quota_error',
      message: 'Your account is suspended, please check your plan and billing details',
    },
  }),
  moonshot(429, 'quota', {
    error: { type: 'exceeded_current_quota_error', message: 'You exceeded your current token quota' },
  }),
  moonshot(404, 'model_not_found', {
    error: { type: 'resource_not_found_error', message: 'Not found the model or Permission denied' },
  }),
  moonshot(429, 'rate_limited', {
    error: { type: 'rate_limit_reached_error', message: 'Your account request reached max request: 3' },
  }),
  moonshot(429, 'rate_limited', {
    error: { type: 'engine_overloaded_error', message: 'The engine is currently overloaded, please try again later' },
  }),

  ark(
    400,
    'content_filter',
    error(
      'The request failed because the input text may contain sensitive information.',
      'SensitiveContentDetected',
      'BadRequest',
    ),
  ),
  ark(400, 'content_filter', error('No.', 'SensitiveContentDetected.SevereViolation', 'BadRequest')),
  ark(400, 'content_filter', error('No.', 'InputTextSensitiveContentDetected', 'BadRequest')),
  ark(
    401,
    'credentials',
    error('The API key or AK/SK in the request is missing or invalid.', 'AuthenticationError', 'Unauthorized'),
  ),
  ark(
    403,
    'quota',
    error('The request failed because your account has an overdue balance.', 'AccountOverdueError', 'Forbidden'),
  ),
  ark(
    403,
    'credentials',
    error('The request failed because you do not have access to the requested resource.', 'AccessDenied', 'Forbidden'),
  ),
  ark(
    404,
    'model_not_found',
    error(
      'The model or endpoint x does not exist or you do not have access to it.',
      'InvalidEndpointOrModel.NotFound',
      'NotFound',
    ),
  ),
  ark(
    404,
    'model_not_found',
    error('Please activate the model service in the Ark Console.', 'ModelNotOpen', 'NotFound'),
  ),
  ark(
    429,
    'rate_limited',
    error(
      'The Requests Per Minute (RPM) limit has been exceeded.',
      'RateLimitExceeded.EndpointRPMExceeded',
      'TooManyRequests',
    ),
  ),
  ark(
    400,
    'bad_request',
    error('One or more parameters specified in the request are not valid.', 'InvalidParameter', 'BadRequest'),
  ),

  qianfan(400, 'context_length', {
    error: { code: 'tokens_too_long', message: 'Prompt tokens too long', type: 'invalid_request_error' },
    id: 'as-1',
  }),
  qianfan(400, 'context_length', {
    error: { code: 'characters_too_long', message: 'the max input characters is 8000', type: 'invalid_request_error' },
  }),
  qianfan(401, 'model_not_found', {
    error: { code: 'invalid_model', message: 'No permission to use the model', type: 'invalid_request_error' },
  }),
  qianfan(401, 'credentials', {
    error: { code: 'invalid_iam_token', message: 'IAM Certification failed', type: 'invalid_request_error' },
  }),
  qianfan(400, 'content_filter', {
    error: { code: 'image_url_unsafe', message: 'the content is unsafe', type: 'unsafe_request' },
  }),
  qianfan(429, 'rate_limited', {
    error: { code: 'rpm_rate_limit_exceeded', message: 'Rate limit reached for RPM', type: 'rate_limit_exceeded' },
  }),
  qianfan(429, 'quota', {
    error: { code: 'BILLING_INSUFFICIENT_BALANCE', message: 'Your account has insufficient balance' },
  }),
  qianfan(400, 'bad_request', {
    error: { code: 'malformed_json', message: 'Invalid Argument', type: 'invalid_request_error' },
  }),
  qianfanV1(200, 'quota', { error_code: 17, error_msg: 'Open api daily request limit reached' }),
  qianfanV1(200, 'rate_limited', { error_code: 18, error_msg: 'Open api qps request limit reached' }),
  qianfanV1(200, 'credentials', { error_code: 110, error_msg: 'Access token invalid or no longer valid' }),
  qianfanV1(200, 'server_error', { error_code: 2, error_msg: 'Service temporarily unavailable' }),
  qianfanV1(200, 'rate_limited', { code: 336_501, msg: 'Rate limit reached for RPM' }),

  minimax(200, 'quota', base(1008, 'insufficient balance')),
  minimax(200, 'credentials', base(1004, 'login fail: Please carry the API secret key')),
  minimax(200, 'rate_limited', base(1002, 'rate limit')),
  minimax(200, 'rate_limited', base(1039, 'token limit')),
  minimax(200, 'content_filter', base(1026, 'input new_sensitive')),
  minimax(200, 'content_filter', { ...base(1027, 'output new_sensitive'), output_sensitive: true }),
  minimax(200, 'bad_request', base(2013, 'invalid params')),
  minimax(200, 'server_error', base(1024, 'internal error')),
  minimax(429, 'quota', {
    error: { http_code: '429', message: 'insufficient balance (1008)', type: 'insufficient_balance_error' },
  }),
  minimax(500, 'quota', { type: 'error', error: { type: 'api_error', message: 'insufficient balance (1008)' } }),

  siliconflow(400, 'model_not_found', {
    code: 20_012,
    message: 'Model does not exist. Please check it carefully.',
    data: null,
  }),
  siliconflow(400, 'context_length', {
    code: 20_015,
    message: 'length of prompt_tokens (9000) must be less than max_seq_len (8192).',
    data: null,
  }),
  siliconflow(400, 'context_length', {
    message: 'number of input tokens (83121) have exceeded max_prompt_tokens (65536) limit.',
    code: 20_000,
    data: null,
  }),
  siliconflow(403, 'quota', { code: 30_001, message: 'Sorry, your account balance is insufficient', data: null }),
  siliconflow(401, 'credentials', 'Invalid token'),
  siliconflow(429, 'rate_limited', {
    code: 0,
    message: 'Request was rejected due to rate limiting. Details:TPM limit reached.',
    data: null,
  }),
  siliconflow(503, 'server_error', {
    code: 50_000,
    message: 'System is really busy. Please try again later.',
    data: null,
  }),

  openrouter(402, 'quota', error('Insufficient credits. Add more using https://openrouter.ai/credits', 402)),
  openrouter(403, 'content_filter', {
    error: {
      code: 403,
      message: 'Your input was flagged',
      metadata: { reasons: ['violence'], flagged_input: 'HIDDEN' },
    },
  }),
  openrouter(401, 'credentials', error('No auth credentials found', 401)),
  openrouter(429, 'rate_limited', error('Rate limit exceeded: free-models-per-min', 429)),
  openrouter(408, 'timeout', error('Your request timed out', 408)),
  openrouter(502, 'server_error', {
    error: {
      code: 502,
      message: 'Provider returned error',
      metadata: { raw: 'upstream closed', provider_name: 'x', flagged: 'HIDDEN' },
    },
  }),
  openrouter(400, 'context_length', {
    error: {
      code: 400,
      message: 'Provider returned error',
      metadata: { raw: '{"error":{"message":"maximum context length is 8192"}}' },
    },
  }),
  openrouter(200, 'rate_limited', { error: { code: 429, message: 'Slow down' } }),
  openrouter(200, 'server_error', {
    id: 'x',
    error: { code: 'server_error', message: 'Provider disconnected' },
    choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
  }),

  ollama(404, 'model_not_found', {
    error: { message: 'model "llama9" not found, try pulling it first', type: 'api_error', param: null, code: null },
  }),
  ollama(404, 'model_not_found', { error: "model 'llama3.2' not found" }),
  ollama(400, 'bad_request', { error: 'invalid character in string literal' }),
  ollama(500, 'server_error', { error: 'llama runner process has terminated' }),
  ollama(401, 'credentials', { error: 'unauthorized', signin_url: 'https://ollama.com/connect' }),

  vllm(400, 'context_length', {
    object: 'error',
    message: "This model's maximum context length is 16384 tokens. However, you requested 122946 tokens.",
    type: 'BadRequestError',
    param: null,
    code: 400,
  }),
  vllm(400, 'context_length', {
    object: 'error',
    message: 'max_tokens must be at least 1, got -186.',
    type: 'BadRequestError',
    param: null,
    code: 400,
  }),
  vllm(404, 'model_not_found', {
    object: 'error',
    message: 'The model `x` does not exist.',
    type: 'NotFoundError',
    param: null,
    code: 404,
  }),
  vllm(401, 'credentials', { error: 'Unauthorized' }),
  vllm(400, 'bad_request', {
    detail: [{ type: 'missing', loc: ['body', 'messages'], msg: 'Field required', input: '敏感 HIDDEN' }],
  }),
  vllm(500, 'server_error', { detail: 'Internal Server Error' }),

  llamacpp(400, 'context_length', {
    error: {
      code: 400,
      message: 'request (4390 tokens) exceeds the available context size (4096 tokens), try increasing it',
      type: 'exceed_context_size_error',
      n_prompt_tokens: 4390,
      n_ctx: 4096,
    },
  }),
  llamacpp(500, 'context_length', {
    error: { code: 500, message: 'Context size has been exceeded.', type: 'server_error' },
  }),
  llamacpp(503, 'server_error', { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } }),

  litellm(429, 'rate_limited', {
    error: {
      message: 'litellm.RateLimitError: this is a mock rate limit error',
      type: 'throttling_error',
      param: null,
      code: '429',
    },
  }),
  litellm(400, 'context_length', {
    error: {
      message: 'litellm.ContextWindowExceededError: litellm.BadRequestError: this is a mock',
      type: null,
      param: null,
      code: '400',
    },
  }),
  litellm(400, 'content_filter', {
    error: { message: 'litellm.ContentPolicyViolationError: no', type: 'None', param: 'None', code: '400' },
  }),
  litellm(400, 'model_not_found', {
    error: {
      message: "{'error': '/chat/completions: Invalid model name passed in model=x.'}",
      type: 'None',
      param: 'None',
      code: '400',
    },
  }),
  litellm(400, 'credentials', {
    error: { message: 'No connected db.', type: 'no_db_connection', param: null, code: '400' },
  }),
  litellm(400, 'quota', {
    error: { message: 'Budget has been exceeded!', type: 'budget_exceeded', param: null, code: '400' },
  }),

  oneApi(503, 'model_not_found', {
    error: { message: '当前分组 default 下对于模型 x 无可用渠道 (request id: 2025)', type: 'one_api_error' },
  }),
  oneApi(503, 'model_not_found', {
    error: { message: 'No available channels for model x in group default (request id: …)', type: 'new_api_error' },
  }),
  oneApi(403, 'quota', {
    error: { message: '预扣费额度失败, 用户剩余额度: ＄0.01, 需要预扣费额度: ＄0.02', type: 'new_api_error' },
  }),
  oneApi(403, 'quota', error('x', 'pre_consume_token_quota_failed', 'new_api_error')),

  other(400, 'context_length', {
    object: 'error',
    message: 'The sum of prompt length (72417.0), query length (0) should not exceed max_num_tokens (69632)',
    type: 'BadRequestError',
    code: 400,
  }),
  other(422, 'context_length', {
    error: 'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4076 `inputs` tokens',
    error_type: 'validation',
  }),
  other(422, 'context_length', {
    error: 'Input validation error: `inputs` must have less than 1024 tokens. Given: 1047',
    error_type: 'validation',
  }),
  other(413, 'context_length', '<html>413 Request Entity Too Large</html>'),
  other(502, 'server_error', '<html><p>Billing, moderation and context length are words of this page.</p></html>'),
  other(401, 'credentials', ''),
  other(400, 'rate_limited', { errors: [{ message: 'Rate limit exceeded', code: 'x' }] }),
  other(400, 'content_filter', { code: 'x', message: '内容安全审核不通过' }),
  other(403, 'quota', { code: 'x', message: '余额不足，请充值' }),
  other(400, 'context_length', { code: 'x', message: '输入内容超过模型最大长度限制' }),
  other(400, 'credentials', { code: 'x', message: 'API Key 无效' }),
  other(400, 'model_not_found', { code: 'x', message: '模型 abc 不存在' }),
];
