// Checks that the bot's own callback routes reject a forged event.
import type { Settings } from '../../../bot/config/settings.ts';
import { HttpClientError } from '../../../bot/http-client/errors.ts';
import { descriptors } from '../../../bot/platforms/registry.ts';
import type { Check, CheckContext, CheckOutcome } from '../engine/check.ts';
import { originOf } from './bot-status.ts';

interface Forgery {
  route: string;
  json: object;
}

/** Returns one unsigned event for each platform that delivers by callbacks. */
function forgeries(cfg: Settings): Forgery[] {
  return descriptors().flatMap(({ id, callbackRoutes: [route], diagnosis, usesLongConnection }) => {
    const [app] = cfg.apps[id];
    return app && !usesLongConnection(cfg) ? [{ route, json: diagnosis.forgedCallback(app) }] : [];
  });
}

export const cbReject: Check = {
  id: 'cb.reject',
  title: 'Forged callbacks are rejected',
  layer: 7,
  needs: ['proc.up'],
  critical: true,
  timeoutMs: 3000,
  onTimeout: 'fail',
  declares: ['cb.reject.accepted'],
  applies: (cfg) => forgeries(cfg).length > 0 || { reason: 'not_configured', why: 'no platform delivers by callbacks' },
  async run(ctx) {
    try {
      return classify(await sendForgeries(ctx));
    } catch (error) {
      if (!(error instanceof HttpClientError)) throw error;
      return { status: 'fail', code: error.code, summary: error.message };
    }
  },
};

interface ForgeryResponse {
  route: string;
  status: number;
}

function sendForgeries({ cfg, local, signal }: CheckContext): Promise<ForgeryResponse[]> {
  const origin = originOf(cfg.HOST, cfg.PORT);
  return Promise.all(
    forgeries(cfg).map(async ({ route, json }) => {
      const { status } = await local.request({ url: origin + route, json, timeoutMs: 2500, signal });
      return { route, status };
    }),
  );
}

function classify(responses: ForgeryResponse[]): CheckOutcome {
  const accepted = responses.filter(({ status }) => status < 400);
  const summary = `unsigned: ${responses.map(({ route, status }) => `${route} answers ${status}`).join(', ')}`;
  if (accepted.length > 0) {
    return { status: 'fail', code: 'ACCEPTED', summary, facts: { 'cb.reject.accepted': accepted } };
  }
  const broken = responses.find(({ status }) => status >= 500);
  return broken ? { status: 'fail', code: `HTTP_${broken.status}`, summary } : { status: 'ok', summary };
}
