// Data of DingTalk for the diagnosis. Codes: https://open.dingtalk.com/document/orgapp/error-code (read 2026-11).
import { z } from 'zod';
import type { PlatformDiagnosis } from '../platform-diagnosis.ts';
import type { DingtalkApp, DingtalkSettings } from './app.ts';
import { tokenRequest } from './outbound/api.ts';

/** Codes of the token call for a wrong secret. Other rejections have other causes, see `explainDingtalk`. */
const SECRET_CODES = /^(invalidClientIdOrSecret|invalid\.client)/i;
/** Codes of an app that may not request tokens, whatever its secret is. */
const DISABLED_CODES = /^unauthorized\.client/i;

const rejection = z.object({ code: z.union([z.number(), z.string()]), message: z.string().optional() });

export const dingtalkDiagnosis: PlatformDiagnosis<DingtalkApp> = {
  servers: [
    {
      id: 'dingtalk',
      name: 'DingTalk',
      setting: 'DINGTALK_API_BASE_URL',
      address: (settings: Pick<DingtalkSettings, 'DINGTALK_API_BASE_URL'>) => settings.DINGTALK_API_BASE_URL,
      probe: { path: '/v1.0/oauth2/accessToken', json: {} },
    },
    {
      id: 'dingtalk-oapi',
      name: 'DingTalk webhooks',
      setting: 'DINGTALK_OAPI_BASE_URL',
      address: (settings: Pick<DingtalkSettings, 'DINGTALK_OAPI_BASE_URL'>) => settings.DINGTALK_OAPI_BASE_URL,
      probe: { path: '/gettoken' },
    },
  ],
  tokenProbe: {
    request: tokenRequest,
    read(body) {
      if (typeof body === 'object' && body !== null && 'accessToken' in body) return 'accepted';
      const answer = rejection.safeParse(body);
      return answer.success ? { code: String(answer.data.code), message: answer.data.message ?? '' } : undefined;
    },
  },
  forgedCallback: () => ({
    msgtype: 'diagnose',
    msgId: 'diagnose',
    conversationId: 'diagnose',
    conversationType: '1',
  }),
  connectionSetup: 'In the developer console set the robot to Stream mode, and publish it.',
  secretFault: {
    id: 'DINGTALK_SIGN_MISMATCH',
    label: 'DingTalk secret and signature',
    isPushError: ({ class: kind, code }) =>
      kind === 'signature' || (kind === 'credentials' && !DISABLED_CODES.test(code)),
    isProbeCode: (code) => SECRET_CODES.test(code),
    // Callbacks are signed with the app secret too.
    callbackReason: 'signature_mismatch',
    follows: ['credentials', 'signature', 'token_expired'],
    title: 'DingTalk signs with another secret than ours.',
    provenTitle: (app, code) => `DingTalk rejects the secret of app ${app} (${code}).`,
    remedy:
      'Copy Client ID and Client Secret again from the developer console to DINGTALK_APP_KEY and DINGTALK_APP_SECRET.',
    discriminators: {},
  },
};
