// A third, tiny platform: JSON callbacks with a shared secret in a header, answers by one POST. Only tests register it.
import { z } from 'zod';
import type { AlertReceiver } from '../../../../bot/domain/alert.ts';
import type { CallbackRequest, CallbackResult } from '../../../../bot/domain/callback.ts';
import type { Channel } from '../../../../bot/domain/channel.ts';
import type { OutboundPart, SendResult } from '../../../../bot/domain/delivery.ts';
import type { Platform } from '../../../../bot/domain/platform.ts';
import type { HttpClient } from '../../../../bot/http-client/http-client.ts';
import type { ChannelDeps, PlatformDeps, PlatformDescriptor } from '../../../../bot/platforms/platform-descriptor.ts';
import { platforms } from '../../../../bot/platforms/registry.ts';
import { checkIdAndSecret } from '../../../../bot/platforms/shared/app-candidate.ts';
import { equalSecrets } from '../../../../bot/platforms/shared/compare.ts';
import { parseBody } from '../../../../bot/platforms/shared/parse-body.ts';
import { resultOfError } from '../../../../bot/platforms/shared/platform-call.ts';

interface EchoApp {
  appId: string;
  appSecret: string;
  /** Address of the platform. */
  baseUrl: string;
}

interface EchoSettings {
  apps: { echo: EchoApp[] };
}

/** The type of ids is closed, so that the registry has to be complete; a test adds one all the same. */
export const ECHO = 'echo' as Platform;
export const SECRET_HEADER = 'x-echo-secret';

const event = z.object({ app: z.string(), id: z.string(), org: z.string(), user: z.string(), text: z.string() });

const echo: PlatformDescriptor<EchoApp> = {
  id: ECHO,
  name: { en: 'Echo', zh: '回声' },
  terms: {
    userId: 'name',
    userIdExample: 'ann',
    userIdIsUniqueIn: 'app',
    appId: 'app',
    organisation: 'team',
    organisationExample: 'team1',
  },
  callbackRoutes: ['/echo/event'],
  apps: {
    fields: { app_id: undefined, app_secret: undefined, base_url: undefined },
    commonFields: {},
    check: (candidate) => checkIdAndSecret(candidate, 'app_id', 'Echo'),
    read: ({ app_id = '', app_secret = '', base_url = '' }) => ({
      appId: app_id,
      appSecret: app_secret,
      baseUrl: base_url,
    }),
    idOf: ({ appId }) => appId,
    secretsOf: ({ appSecret }) => [appSecret],
    weaknessesOf: () => [],
  },
  usesLongConnection: () => false,
  createChannel: ({ apps, http }: ChannelDeps<EchoApp>) => createEchoChannel(apps, http),
  alerts: {
    webhookSetting: 'echo.base_url',
    secretSetting: 'echo.app_secret',
    createReceiver: ({ settings, http }: PlatformDeps & { settings: EchoSettings }) => {
      const [app] = settings.apps.echo;
      return app && createEchoReceiver(app, http);
    },
  },
  explainCode: (code) => (code === '401' ? { class: 'credentials', hint: 'Copy the secret again.' } : undefined),
  diagnosis: {
    servers: [
      {
        id: 'echo',
        name: 'Echo',
        setting: 'echo.base_url',
        address: (settings: EchoSettings) => settings.apps.echo[0]?.baseUrl,
        probe: { path: '/token' },
      },
    ],
    tokenProbe: {
      request: ({ appId, appSecret }) => ({ path: '/token', json: { app: appId, secret: appSecret } }),
      read(body) {
        const { code } = z.object({ code: z.number() }).parse(body);
        return code === 0 ? 'accepted' : { code: String(code), message: 'unknown secret' };
      },
    },
    forgedCallback: () => ({ app: 'diagnose' }),
    secretFault: {
      id: 'ECHO_SECRET_WRONG',
      label: 'Echo credentials',
      isPushError: ({ class: kind }) => kind === 'credentials',
      isProbeCode: () => true,
      follows: ['credentials'],
      title: 'Echo rejected the secret.',
      provenTitle: (app, code) => `Echo rejects the secret of app ${app} (code ${code}).`,
      remedy: 'Copy the secret to config.yaml again.',
      discriminators: {},
    },
  },
};

function createEchoChannel(apps: readonly EchoApp[], http: HttpClient): Channel {
  const secretOf = (appId: string) => apps.find((app) => app.appId === appId)?.appSecret;
  return {
    platform: ECHO,
    appIds: apps.map(({ appId }) => appId),
    rates: { chat: { messages: 100, perMs: 1000 }, app: [{ messages: 100, perMs: 1000 }] },
    idempotent: true,
    screen: ({ headers }) =>
      headers[SECRET_HEADER] === undefined ? { reason: 'missing_signature' } : { maxBytes: 10_000, proven: false },
    receive: (request) => receive(request, secretOf),
    split: (markdown) => [markdown],
    send: async (part) => {
      const app = apps.find(({ appId }) => appId === part.appId);
      if (!app) throw new Error(`There is no app ${part.appId}.`);
      return send(app, part, http).catch((error: unknown) => resultOfError(error, { idempotent: true }));
    },
  };
}

function receive(
  { headers, rawBody }: CallbackRequest,
  secretOf: (appId: string) => string | undefined,
): CallbackResult {
  const parsed = parseBody(rawBody.toString('utf8'));
  if ('reason' in parsed) return { kind: 'rejected', reason: parsed.reason };
  const { data } = event.safeParse(parsed.json);
  if (!data) return { kind: 'rejected', reason: 'malformed_event' };
  const secret = secretOf(data.app);
  if (secret === undefined) return { kind: 'rejected', reason: 'unknown_app' };
  if (!equalSecrets(headers[SECRET_HEADER] ?? '', secret)) return { kind: 'rejected', reason: 'signature_mismatch' };
  const message = {
    platform: ECHO,
    appId: data.app,
    messageId: data.id,
    eventId: data.id,
    externalTenantId: data.org,
    chatId: data.user,
    chatType: 'p2p' as const,
    userId: data.user,
    addressed: 'yes' as const,
    text: data.text,
    target: { user: data.user },
  };
  return { kind: 'message', message, body: { ok: true } };
}

async function send({ baseUrl, appSecret }: EchoApp, part: OutboundPart, http: HttpClient): Promise<SendResult> {
  const json = { to: part.target, text: part.text, key: part.idempotencyKey };
  const response = await http.request({
    url: `${baseUrl}/send`,
    headers: { [SECRET_HEADER]: appSecret },
    json,
    timeoutMs: 10_000,
  });
  if (response.status === 200) return { outcome: 'sent', platformMessageId: part.idempotencyKey };
  // A platform may repeat the secret in its message: the log must not.
  const failure = { stage: 'send', code: String(response.status), message: response.text } as const;
  return { outcome: 'dead', failure: { ...failure, class: 'credentials' } };
}

function createEchoReceiver({ baseUrl }: EchoApp, http: HttpClient): AlertReceiver {
  return {
    platform: ECHO,
    rates: [{ messages: 10, perMs: 1000 }],
    async deliver({ text }) {
      await http.request({ url: `${baseUrl}/alert`, json: { text }, timeoutMs: 10_000 });
      return undefined;
    },
  };
}

/** Adds the platform to the registry of this process: one line, as in the registry itself. */
export function registerEcho(): void {
  Object.assign(platforms, { [ECHO]: echo });
}
