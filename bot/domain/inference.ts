// Requests to a language model: endpoints, outcomes, error classes.

/** A tenant's own endpoint and model; missing members are the installation's. */
export interface TenantModel {
  endpoint?: string;
  name?: string;
}

export const INFERENCE_OUTCOMES = ['success', 'failure'] as const;
export type InferenceOutcome = (typeof INFERENCE_OUTCOMES)[number];

/** Endpoint that was asked; `tenant` is any endpoint that a tenant has of its own. */
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
