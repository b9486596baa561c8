// Declares the fields of a log line, under their ECS names or under `chatbot.`.

type LogValue = string | number | boolean | null | undefined;

/** Fields of one line. Keys contain dots, exactly as they appear in the log. */
export interface LogFields {
  'trace.id'?: string | undefined;
  'event.action'?: string | undefined;
  'event.outcome'?: 'success' | 'failure' | 'unknown' | undefined;
  'event.reason'?: string | undefined;
  /** Nanoseconds. */
  'event.duration'?: number | undefined;
  'http.request.method'?: string | undefined;
  'http.request.body.bytes'?: number | undefined;
  'http.response.status_code'?: number | undefined;
  /** Path without the query, because a query may contain signatures. */
  'url.path'?: string | undefined;
  'url.domain'?: string | undefined;
  'client.ip'?: string | undefined;
  'error.code'?: string | undefined;
  'error.message'?: string | undefined;
  'error.type'?: string | undefined;
  /** A caught value; becomes `error.type`, `error.message`, `error.code` and `error.stack_trace`. */
  error?: unknown;
  [key: `chatbot.${string}`]: LogValue | readonly LogValue[];
}

/** Actions whose lines are also written to `callback.log`. */
export const CALLBACK_ACTIONS: readonly unknown[] = ['callback-received', 'push-attempted'];
