// Classes of the error codes of providers. The page of each provider was read on 2026-11-27.
import type { InferenceErrorClass } from '../domain/inference.ts';
import type { ErrorShape } from './read-error-response.ts';

interface Provider {
  page: string;
  /**
   * Shape of the error body in which the codes count; default every shape. Short numbers need one, because providers
   * share them.
   */
  shape?: ErrorShape;
  codes: Partial<Record<InferenceErrorClass, readonly string[]>>;
}

/** Codes and types. A code also matches with a suffix after a dot, as in `SensitiveContentDetected.Violence`. */
export const PROVIDERS: Record<string, Provider> = {
  OpenAI: {
    page: 'https://developers.openai.com/docs/guides/error-codes',
    codes: {
      credentials: [
        'invalid_api_key',
        'invalid_authentication_error',
        'incorrect_api_key_error',
        'account_deactivated',
      ],
      quota: ['insufficient_quota', 'billing_hard_limit_reached', 'billing_not_active', 'credit_balance_exhausted'],
      rate_limited: ['rate_limit_exceeded', 'rate_limit_error', 'slow_down'],
      context_length: ['context_length_exceeded', 'string_above_max_length'],
      content_filter: ['content_filter', 'content_policy_violation', 'moderation_blocked'],
      model_not_found: ['model_not_found'],
    },
  },
  'Azure OpenAI': {
    page: 'https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter',
    codes: {
      content_filter: ['ResponsibleAIPolicyViolation', 'content_filter'],
      model_not_found: ['DeploymentNotFound', 'OperationNotSupported'],
      credentials: ['PermissionDenied', 'AuthenticationTypeDisabled'],
      rate_limited: ['TooManyRequests', 'RateLimitReached', 'NoCapacity'],
    },
  },
  DashScope: {
    page: 'https://help.aliyun.com/zh/model-studio/error-code',
    codes: {
      credentials: ['InvalidApiKey', 'AccessDenied', 'Model.AccessDenied', 'Workspace.AccessDenied', 'APIKeyNotFound'],
      quota: [
        'Arrearage',
        'AllocationQuota.FreeTierOnly',
        'AccessDenied.Unpurchased',
        'CommodityNotPurchased',
        'PrepaidBillOverdue',
        'PostpaidBillOverdue',
      ],
      rate_limited: [
        'Throttling',
        'Throttling.RateQuota',
        'Throttling.AllocationQuota',
        'Throttling.BurstRate',
        'LimitRequests',
        'limit_requests',
        'limit_burst_rate',
        'FlowControl',
      ],
      content_filter: [
        'DataInspectionFailed',
        'data_inspection_failed',
        'InvalidParameter.DataInspection',
        'IPInfringementSuspect',
      ],
      model_not_found: ['ModelNotFound', 'Model.NotFound', 'model_not_supported'],
      context_length: ['BadRequest.TooLarge'],
      server_error: [
        'InternalError',
        'SystemError',
        'ModelServiceFailed',
        'ModelUnavailable',
        'ServiceUnavailableError',
      ],
      timeout: ['RequestTimeOut'],
    },
  },
  DeepSeek: {
    page: 'https://api-docs.deepseek.com/quick_start/error_codes',
    codes: { credentials: ['authentication_error'], quota: ['insufficient_balance'] },
  },
  Zhipu: {
    page: 'https://docs.bigmodel.cn/cn/api/api-code',
    shape: 'error',
    codes: {
      credentials: ['1000', '1001', '1002', '1003', '1004', '1005', '1110', '1111', '1112', '1121', '1220'],
      quota: ['1113', '1304', '1308', '1309', '1310'],
      rate_limited: ['1302', '1303', '1305', '1312', '1313'],
      model_not_found: ['1211', '1212', '1221', '1222', '1311'],
      context_length: ['1261'],
      content_filter: ['1300', '1301'],
      bad_request: ['1210', '1213', '1214', '1215', '1231'],
      server_error: ['1100', '1120', '1200', '1230'],
    },
  },
  Moonshot: {
    page: 'https://platform.kimi.com/docs/api/errors',
    codes: {
      content_filter: ['content_filter'],
      credentials: ['invalid_authentication_error', 'incorrect_api_key_error', 'permission_denied_error'],
      quota: ['exceeded_current_quota_error'],
      rate_limited: ['rate_limit_reached_error', 'engine_overloaded_error'],
      model_not_found: ['resource_not_found_error'],
    },
  },
  'Volcengine Ark': {
    page: 'https://www.volcengine.com/docs/82379/1299023',
    codes: {
      content_filter: [
        'SensitiveContentDetected',
        'InputTextSensitiveContentDetected',
        'OutputTextSensitiveContentDetected',
        'InputImageSensitiveContentDetected',
        'ContentSecurityDetectionError',
      ],
      credentials: ['AuthenticationError', 'AccessDenied', 'OperationDenied.PermissionDenied', 'InvalidAccountStatus'],
      quota: [
        'AccountOverdueError',
        'OperationDenied.ServiceOverdue',
        'OperationDenied.ServiceNotOpen',
        'SetLimitExceeded',
        'QuotaExceeded',
        'AccountQuotaExceeded',
      ],
      rate_limited: [
        'RateLimitExceeded',
        'ModelAccountRpmRateLimitExceeded',
        'ModelAccountTpmRateLimitExceeded',
        'ModelAccountIpmRateLimitExceeded',
        'APIAccountRpmRateLimitExceeded',
        'ServerOverloaded',
        'RequestBurstTooFast',
      ],
      model_not_found: ['InvalidEndpointOrModel', 'ModelNotOpen', 'UnsupportedModel', 'InvalidEndpoint'],
    },
  },
  Qianfan: {
    page: 'https://cloud.baidu.com/doc/qianfan-api/s/Om9b4yj3w',
    codes: {
      context_length: ['characters_too_long', 'tokens_too_long'],
      content_filter: ['unsafe_request', 'image_url_unsafe'],
      credentials: ['invalid_iam_token', 'invalid_appid', 'access_denied', 'no_parameter_permission'],
      model_not_found: ['invalid_model'],
      rate_limited: ['rpm_rate_limit_exceeded', 'tpm_rate_limit_exceeded', 'RATE_LIMIT_TOTAL_QPS'],
      quota: ['BILLING_INSUFFICIENT_BALANCE', 'QUOTA_USER_DAILY_FREE', 'QUOTA_USER_DAILY_REQUEST'],
    },
  },
  'Qianfan V1': {
    page: 'https://cloud.baidu.com/doc/WENXINWORKSHOP/s/tlmyncueh',
    shape: 'error_code',
    codes: {
      server_error: ['1', '2', '15'],
      rate_limited: ['4', '18'],
      credentials: ['6', '13', '14', '100', '110', '111'],
      quota: ['17', '19'],
      model_not_found: ['3'],
    },
  },
  'Qianfan V1, its models': {
    page: 'https://cloud.baidu.com/doc/WENXINWORKSHOP/s/hlzic283e',
    codes: {
      server_error: ['336000', '336100'],
      rate_limited: ['336501', '336502', '336503', '336504', '336505'],
      context_length: ['336007', '336103', '336104'],
    },
  },
  MiniMax: {
    page: 'https://platform.minimax.io/docs/api-reference/errorcode',
    shape: 'base_resp',
    codes: {
      server_error: ['1000', '1013', '1024', '1033'],
      timeout: ['1001'],
      rate_limited: ['1002', '1039', '1041', '2045'],
      credentials: ['1004', '2049'],
      quota: ['1008', '1028', '1030', '2056'],
      model_not_found: ['2061'],
      content_filter: ['1026', '1027'],
      bad_request: ['1042', '2013'],
    },
  },
  'MiniMax, as OpenAI': {
    page: 'https://github.com/modelscope/modelscope/issues/1691',
    codes: { quota: ['insufficient_balance_error'] },
  },
  SiliconFlow: {
    page: 'https://docs.siliconflow.cn/cn/faqs/error-code',
    shape: 'top',
    codes: {
      model_not_found: ['20012', '30003'],
      context_length: ['20015'],
      quota: ['30001', '30011'],
      rate_limited: ['50501', '50505', '50508', '60000'],
    },
  },
  'llama.cpp': {
    page: 'https://github.com/ggml-org/llama.cpp/pull/15780',
    codes: { context_length: ['exceed_context_size_error'], server_error: ['unavailable_error'] },
  },
  LiteLLM: {
    page: 'https://docs.litellm.ai/docs/exception_mapping',
    codes: {
      credentials: [
        'no_db_connection',
        'auth_error',
        'token_not_found_in_db',
        'expired_key',
        'key_model_access_denied',
      ],
      quota: ['budget_exceeded'],
      rate_limited: ['throttling_error'],
    },
  },
};

/** Returns the class of the first known code, looked up in every provider's list. */
export function classOfCodes(shape: ErrorShape, codes: readonly string[]): InferenceErrorClass | undefined {
  for (const code of codes) {
    const found = classOfCode(shape, code);
    if (found) return found;
  }
  return undefined;
}

function classOfCode(shape: ErrorShape, code: string): InferenceErrorClass | undefined {
  for (let known = code; known !== ''; known = known.slice(0, Math.max(0, known.lastIndexOf('.')))) {
    const found = anywhere.get(known.toLowerCase()) ?? inShape.get(`${shape} ${known.toLowerCase()}`);
    if (found) return found;
  }
  return undefined;
}

const anywhere = new Map<string, InferenceErrorClass>();
const inShape = new Map<string, InferenceErrorClass>();
for (const { shape, codes } of Object.values(PROVIDERS)) {
  for (const [errorClass, list] of Object.entries(codes)) {
    const known = errorClass as InferenceErrorClass; // keys of a closed table
    for (const code of list) {
      if (shape) inShape.set(`${shape} ${code.toLowerCase()}`, known);
      else anywhere.set(code.toLowerCase(), known);
    }
  }
}
