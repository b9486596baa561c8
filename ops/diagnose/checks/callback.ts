// The bot's own callback address: a forged event must be refused.
import { usesLongConnection } from '../../../bot/config/input.ts';
import type { Settings } from '../../../bot/config/settings.ts';
import { HttpClientError } from '../../../bot/http-client/errors.ts';
import type { Check, CheckContext, CheckOutcome } from '../engine/check.ts';
import { originOf } from './bot-status.ts';

interface Forgery {
  route: string;
  json: object;
}

/** Unsigned events of a type that does nothing, so that even a bot that believes them stays unharmed. */
function forgeries(cfg: Settings): Forgery[] {
  const feishu = {
    schema: '2.0',
    header: { event_id: 'diagnose', event_type: 'diagnose.forged_v1', token: '', app_id: cfg.feishuApps[0]?.appId },
    event: {},
  };
  const dingtalk = { msgtype: 'diagnose', msgId: 'diagnose', conversationId: 'diagnose', conversationType: '1' };
  const asksFeishu = cfg.feishuApps.length > 0 && !usesLongConnection(cfg, 'feishu');
  const asksDingtalk = cfg.dingtalkApps.length > 0 && !usesLongConnection(cfg, 'dingtalk');
  return [
    ...(asksFeishu ? [{ route: '/feishu/verify', json: feishu }] : []),
    ...(asksDingtalk ? [{ route: '/dingtalk/callback', json: dingtalk }] : []),
  ];
}

export const cbReject: Check = {
  id: 'cb.reject',
  title: 'Forged callbacks are refused',
  layer: 7,
  needs: ['proc.up'],
  critical: true,
  timeoutMs: 3000,
  onTimeout: 'fail',
  declares: ['cb.reject.accepted'],
  applies: (cfg) => forgeries(cfg).length > 0 || { reason: 'not_configured', why: 'no platform delivers by callbacks' },
  async run(ctx) {
    try {
      return judge(await forge(ctx));
    } catch (error) {
      if (!(error instanceof HttpClientError)) throw error;
      return { status: 'fail', code: error.code, summary: error.message };
    }
  },
};

interface Answer {
  route: string;
  status: number;
}

function forge({ cfg, local, signal }: CheckContext): Promise<Answer[]> {
  const origin = originOf(cfg.HOST, cfg.PORT);
  return Promise.all(
    forgeries(cfg).map(async ({ route, json }) => {
      const { status } = await local.request({ url: origin + route, json, timeoutMs: 2500, signal });
      return { route, status };
    }),
  );
}

function judge(answers: Answer[]): CheckOutcome {
  const accepted = answers.filter(({ status }) => status < 400);
  const summary = `unsigned: ${answers.map(({ route, status }) => `${route} answers ${status}`).join(', ')}`;
  if (accepted.length > 0) {
    return { status: 'fail', code: 'ACCEPTED', summary, facts: { 'cb.reject.accepted': accepted } };
  }
  const broken = answers.find(({ status }) => status >= 500);
  return broken ? { status: 'fail', code: `HTTP_${broken.status}`, summary } : { status: 'ok', summary };
}
