// Do the platforms accept our credentials: one token call per app, remembered for ten minutes.
import { z } from 'zod';
import { HttpClientError } from '../../../bot/http-client/errors.ts';
import type { Check, CheckContext, CheckOutcome } from '../engine/check.ts';
import type { AppFailure, Traffic } from '../facts.ts';
import { isLoopback } from './loopback.ts';

interface TokenQuestion {
  platform: 'feishu' | 'dingtalk';
  baseUrl: string;
  path: string;
  app: string;
  secret: string;
  json: object;
}

const feishuAnswer = z.object({ code: z.union([z.number(), z.string()]), msg: z.string().optional() });
const dingtalkRefusal = z.object({ code: z.union([z.number(), z.string()]), message: z.string().optional() });

/** An answer to a token call: accepted, refused with the platform's words, or neither. */
type Judged = 'accepted' | { code: string; message: string } | undefined;

export const credFeishu = credentialCheck('feishu', {
  questions: ({ cfg }) =>
    cfg.feishuApps.map(({ appId, appSecret }) => ({
      platform: 'feishu',
      baseUrl: cfg.FEISHU_BASE_URL,
      path: '/open-apis/auth/v3/tenant_access_token/internal',
      app: appId,
      secret: appSecret,
      json: { app_id: appId, app_secret: appSecret },
    })),
  judge(body) {
    const answer = feishuAnswer.safeParse(body);
    if (!answer.success) return undefined;
    const { code, msg } = answer.data;
    return code === 0 ? 'accepted' : { code: String(code), message: msg ?? '' };
  },
});

export const credDingtalk = credentialCheck('dingtalk', {
  questions: ({ cfg }) =>
    cfg.dingtalkApps.map(({ appKey, appSecret }) => ({
      platform: 'dingtalk',
      baseUrl: cfg.DINGTALK_API_BASE_URL,
      path: '/v1.0/oauth2/accessToken',
      app: appKey,
      secret: appSecret,
      json: { appKey, appSecret },
    })),
  judge(body) {
    if (typeof body === 'object' && body !== null && 'accessToken' in body) return 'accepted';
    const refusal = dingtalkRefusal.safeParse(body);
    return refusal.success ? { code: String(refusal.data.code), message: refusal.data.message ?? '' } : undefined;
  },
});

interface Platform {
  questions(ctx: CheckContext): TokenQuestion[];
  judge(body: unknown): Judged;
}

function credentialCheck(platform: 'feishu' | 'dingtalk', { questions, judge }: Platform): Check {
  return {
    id: `cred.${platform}`,
    title: `${platform === 'feishu' ? 'Feishu' : 'DingTalk'} credentials`,
    layer: 6,
    needs: [`net.${platform}.http`],
    after: ['ev.pushes'],
    critical: true,
    timeoutMs: 4000,
    onTimeout: 'fail',
    declares: [`cred.${platform}.refused`],
    async run(ctx) {
      const answers = await Promise.all(questions(ctx).map((question) => ask(ctx, question, judge)));
      const refused = answers.flatMap(({ failure }) => (failure ? [failure] : []));
      if (refused.length > 0) return refusedOutcome(platform, refused);
      const unclear = answers.find((answer) => answer.unclear !== undefined);
      if (unclear) return { status: 'fail', code: 'UNCLEAR', summary: unclear.unclear ?? '' };
      return { status: 'ok', summary: answers.map((answer) => answer.text).join('; ') };
    },
  };
}

function refusedOutcome(platform: 'feishu' | 'dingtalk', refused: AppFailure[]): CheckOutcome {
  const summary = refused.map(({ app, code, message }) => `${app} is refused with ${code} "${message}"`).join('; ');
  const facts = platform === 'feishu' ? { 'cred.feishu.refused': refused } : { 'cred.dingtalk.refused': refused };
  return { status: 'fail', code: refused[0]?.code ?? '', summary, facts };
}

interface Answer {
  text: string;
  failure?: AppFailure;
  unclear?: string;
}

async function ask(ctx: CheckContext, question: TokenQuestion, judge: Platform['judge']): Promise<Answer> {
  const { platform, baseUrl, path, app, secret, json } = question;
  const key = `${platform} ${baseUrl} ${app}`;
  const remembered = mayRemember(ctx, question) ? await ctx.memory.recall(key, secret) : undefined;
  if (remembered && !hasFailedSince(ctx, platform, remembered)) {
    return { text: `${app} was accepted at ${remembered.toISOString()}` };
  }
  ctx.countCall(platform);
  try {
    const response = await ctx.http.request({ url: `${baseUrl}${path}`, json, timeoutMs: 3000, signal: ctx.signal });
    const judged = judge(response.json);
    if (judged === undefined || response.status >= 500) {
      return { text: '', unclear: `${app}: the token call gave HTTP ${response.status}, neither a yes nor a no` };
    }
    if (judged !== 'accepted') return { text: '', failure: { app, ...judged } };
    await ctx.memory.remember(key, secret);
    return { text: `${app} is accepted` };
  } catch (error) {
    if (!(error instanceof HttpClientError)) throw error;
    return { text: '', unclear: `${app}: ${error.message}` };
  }
}

/** A stand-in on this machine has no quota to save, and a check asked for by name must look. */
function mayRemember({ asked }: CheckContext, { baseUrl }: TokenQuestion): boolean {
  return !asked && !isLoopback(baseUrl);
}

function hasFailedSince(ctx: CheckContext, platform: string, since: Date): boolean {
  const fact = ctx.dep('ev.pushes').facts.find(({ key }) => key === 'ev.pushes.traffic');
  const traffic = ((fact?.value ?? []) as Traffic[]).find((entry) => entry.platform === platform); // typed where it is emitted
  if (!traffic || traffic.failed === 0) return false;
  return traffic.lastAt > since.toISOString();
}
