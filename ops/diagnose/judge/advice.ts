// Finds blame and hint for a failure that no verdict explains, from the tables of the platforms and of the model.
import type { PushErrorClass } from '../../../bot/domain/delivery.ts';
import type { InferenceErrorClass } from '../../../bot/domain/inference.ts';
import { descriptorOf } from '../../../bot/platforms/registry.ts';
import type { Blame, ErrorGroup, Symptom } from '../report.ts';

export type Advice = Pick<Symptom, 'blame' | 'hint'>;

/** `platform` stands for the blame of the platform that sent the code. */
const PUSH_BLAME: Record<PushErrorClass, Blame | 'platform'> = {
  credentials: 'us.config',
  signature: 'us.config',
  permission: 'us.config',
  ip_denied: 'us.config',
  rate_limited: 'platform',
  quota: 'us.config',
  target_gone: 'us.config',
  too_large: 'us.code',
  content_rejected: 'us.config',
  bad_request: 'us.code',
  token_expired: 'us.code',
  session_expired: 'us.code',
  network: 'us.network',
  timeout: 'us.network',
  platform_error: 'platform',
  unknown: 'unknown',
};

const MODEL_ADVICE: Record<InferenceErrorClass, { blame: Blame; hint: string }> = {
  credentials: { blame: 'us.config', hint: 'Copy the API key again to MODEL_API_KEY.' },
  rate_limited: {
    blame: 'model.provider',
    hint: 'The provider limits the calls: raise the limit of the account there.',
  },
  quota: { blame: 'us.config', hint: 'The balance or quota of the account is used up: top it up.' },
  bad_request: { blame: 'us.code', hint: 'The model rejects the request: please report it with the log line.' },
  context_length: { blame: 'us.config', hint: 'Set MODEL_CONTEXT_TOKENS to the context length of the model.' },
  content_filter: { blame: 'us.config', hint: "Check MODEL_SYSTEM_PROMPT and the provider's content filter." },
  network: { blame: 'us.network', hint: 'The model could not be reached: ./chatbot diagnose --only net.model' },
  timeout: { blame: 'model.provider', hint: 'The model is too slow: raise MODEL_TIMEOUT_MS, or use a smaller model.' },
  model_not_found: { blame: 'us.config', hint: 'Set MODEL_NAME to a model that the server offers.' },
  stream_cut: { blame: 'model.provider', hint: 'The server or a proxy before it breaks the connection: read its log.' },
  server_error: {
    blame: 'model.provider',
    hint: "The model server fails: read its log or the provider's status page.",
  },
  malformed_answer: { blame: 'model.provider', hint: 'Check that MODEL_BASE_URL is an OpenAI-compatible endpoint.' },
  unknown: { blame: 'unknown', hint: 'Read the message in app.log.' },
};

/** Returns the advice for a group of failures in the log. */
export function adviceForGroup({ kind, platform, code, class: name }: ErrorGroup): Advice {
  if (kind === 'callback') return {};
  if (kind === 'model') return Object.hasOwn(MODEL_ADVICE, name) ? MODEL_ADVICE[name as InferenceErrorClass] : {};
  return adviceForCode(platform, code, name);
}

/** Returns the advice for a code of a platform. The default class is the one in the platform's table of codes. */
export function adviceForCode(platform: string, code: string, logged?: string): Advice {
  const known = descriptorOf(platform)?.explainCode(code);
  const name = logged ?? known?.class ?? '';
  const blame = Object.hasOwn(PUSH_BLAME, name) ? PUSH_BLAME[name as PushErrorClass] : undefined;
  return {
    ...(blame && { blame: blame === 'platform' ? (`platform.${platform}` as const) : blame }),
    ...(known && { hint: known.hint }),
  };
}
