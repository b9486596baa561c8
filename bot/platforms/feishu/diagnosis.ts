// Data of Feishu for the diagnosis.
import { z } from 'zod';
import type { PlatformDiagnosis } from '../platform-diagnosis.ts';
import type { FeishuApp, FeishuSettings } from './app.ts';
import { tokenRequest } from './outbound/api.ts';

/**
 * Codes of a wrong secret, or of an app id and a secret that do not belong together. All codes:
 * https://open.feishu.cn/document/server-docs/api-call-guide/generic-error-code (read 2026-11).
 */
const SECRET_CODES = ['10003', '10005', '10014', '10015', '20002', '99991543'];
/** Codes of a rejected access token. A revoked secret causes them, but they also occur alone. */
const TOKEN_CODES = ['99991661', '99991663', '99991664', '99991665', '99991671', '99991677'];

const tokenAnswer = z.object({ code: z.union([z.number(), z.string()]), msg: z.string().optional() });

export const feishuDiagnosis: PlatformDiagnosis<FeishuApp> = {
  // The probe has no token, so it is rejected before it counts for a quota.
  servers: [
    {
      id: 'feishu',
      name: 'Feishu',
      setting: 'FEISHU_BASE_URL',
      address: (settings: Pick<FeishuSettings, 'FEISHU_BASE_URL'>) => settings.FEISHU_BASE_URL,
      probe: { path: '/open-apis/bot/v3/info' },
    },
  ],
  tokenProbe: {
    request: tokenRequest,
    read(body) {
      const answer = tokenAnswer.safeParse(body);
      if (!answer.success) return undefined;
      const { code, msg } = answer.data;
      return code === 0 ? 'accepted' : { code: String(code), message: msg ?? '' };
    },
  },
  forgedCallback: ({ appId }) => ({
    schema: '2.0',
    header: { event_id: 'diagnose', event_type: 'diagnose.forged_v1', token: '', app_id: appId },
    event: {},
  }),
  connectionSetup:
    'In the developer console, Events & Callbacks, choose "Receive events through persistent connection".',
  secretFault: {
    id: 'FEISHU_APP_SECRET_WRONG',
    label: 'Feishu credentials',
    isPushError: ({ code }) => SECRET_CODES.includes(code),
    isProbeCode: (code) => SECRET_CODES.includes(code),
    follows: ['credentials', 'token_expired'],
    title: 'Feishu rejected the app secret.',
    provenTitle: (app, code) => `Feishu rejects the secret of app ${app} (code ${code}).`,
    remedy:
      'Copy App ID and App Secret again from the developer console (Credentials & Basic Info) to FEISHU_APP_ID and FEISHU_APP_SECRET.',
    discriminators: {
      10014: 'if the secret in the console equals yours, the app is disabled there: enable it',
    },
  },
  tokenFault: {
    id: 'FEISHU_TOKEN_INVALID',
    label: 'Feishu tokens',
    isPushError: ({ code }) => TOKEN_CODES.includes(code),
    title: 'Feishu accepts the app secret but rejects the access token that the bot sends with.',
    discriminator: 'if it comes back within two hours, two bots share the app or its clock is wrong',
  },
};
