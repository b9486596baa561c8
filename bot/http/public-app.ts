// The public listener: callbacks of the platforms, and nothing else.
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import type { CallbackRequest, RejectedReason } from '../channels/channel.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Platform } from '../telemetry/names.ts';
import type { Intake } from './intake.ts';
import { measureRequests } from './measure-requests.ts';

/** Feishu's largest events are far below; whatever is larger is no callback. */
const MAX_BODY = '1mb';

export interface PublicAppDeps {
  intake: Intake;
  metrics: Metrics;
  /** Express's `trust proxy`. */
  trustedProxies: string;
  clock: () => number;
}

export function createPublicApp({ intake, metrics, trustedProxies, clock }: PublicAppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', trustedProxies);
  app.use(measureRequests(metrics));
  const callback = (platform: Platform): (RequestHandler | ErrorRequestHandler)[] => [
    requireJson(intake, platform),
    express.raw({ type: () => true, limit: MAX_BODY }),
    async (request: Request, response: Response) => {
      const answer = await intake.callback(platform, toCallbackRequest(request, clock()));
      response.status(answer.status).json(answer.body);
    },
    refuseUnreadable(intake, platform),
  ];
  app.post(['/feishu/verify', '/feishu/event'], ...callback('feishu'));
  app.post('/dingtalk/callback', ...callback('dingtalk'));
  app.use((_request, response) => {
    response.status(404).json({ error: 'not_found' });
  });
  return app;
}

function requireJson(intake: Intake, platform: Platform): RequestHandler {
  return (request, response, next) => {
    if (request.is('application/json')) return next();
    const answer = intake.refuse(platform, 'unsupported_media_type');
    response.status(answer.status).json(answer.body);
  };
}

const reasonOfBodyError: Record<string, RejectedReason> = {
  'entity.too.large': 'too_large',
  'encoding.unsupported': 'unsupported_media_type',
};

/** What the body reader throws: too large, cut off, wrongly compressed. The caller sees a word, never a stack. */
function refuseUnreadable(intake: Intake, platform: Platform): ErrorRequestHandler {
  return (error: { type?: string }, _request, response, _next) => {
    const answer = intake.refuse(platform, reasonOfBodyError[error.type ?? ''] ?? 'incomplete_body');
    // Whatever of the body is still coming must not be read as the next request.
    response.set('connection', 'close').status(answer.status).json(answer.body);
  };
}

function toCallbackRequest(request: Request, now: number): CallbackRequest {
  const first = (value: unknown) => (Array.isArray(value) ? value[0] : value);
  const strings = (record: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(record).map(([name, value]) => [
        name,
        typeof first(value) === 'string' ? first(value) : undefined,
      ]),
    ) as Record<string, string | undefined>;
  return {
    headers: strings(request.headers),
    query: strings(request.query),
    rawBody: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    now,
  };
}
