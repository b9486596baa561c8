// Defines the endpoints, outcomes and error classes of requests to a language model.

/** A tenant's own endpoint and model. If a member is missing, the installation's setting applies. */
export interface TenantModel {
  endpoint?: string;
  name?: string;
}

export const INFERENCE_OUTCOMES = ['success', 'failure'] as const;
export type InferenceOutcome = (typeof INFERENCE_OUTCOMES)[number];

/** Endpoints of a request. `tenant` is a tenant's own endpoint. */
export const MODEL_ENDPOINTS = ['primary', 'fallback', 'tenant'] as const;
export type ModelEndpoint = (typeof MODEL_ENDPOINTS)[number];

export const TOKEN_KINDS = ['prompt', 'completion'] as const;

export const INFERENCE_ERROR_CLASSES = [
  'credentials',
  'rate_limited',
  'quota',
  'bad_request',
  'context_length',
  'content_filter',
  'network',
  'timeout',
  'model_not_found',
  'stream_cut',
  'server_error',
  'malformed_answer',
  'unknown',
] as const;
export type InferenceErrorClass = (typeof INFERENCE_ERROR_CLASSES)[number];
