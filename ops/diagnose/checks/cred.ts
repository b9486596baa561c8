// Checks that the platforms accept our credentials: one token call per app. A success is cached for ten minutes.

import type { Platform } from '../../../bot/domain/platform.ts';
import { HttpClientError } from '../../../bot/http-client/errors.ts';
import type { PlatformDescriptor } from '../../../bot/platforms/platform-descriptor.ts';
import type { TokenProbe } from '../../../bot/platforms/platform-diagnosis.ts';
import { descriptors } from '../../../bot/platforms/registry.ts';
import type { Check, CheckContext, CheckOutcome } from '../engine/check.ts';
import { type AppFailure, factOf, readFact } from '../facts.ts';
import { isLoopback } from './loopback.ts';

interface TokenRequest {
  platform: Platform;
  baseUrl: string;
  path: string;
  app: string;
  json: object;
}

/** Returns one check for each platform. */
export const credentialChecks = (): Check[] => descriptors().map(credentialCheck);

function credentialCheck(descriptor: PlatformDescriptor): Check {
  const { id: platform, name, diagnosis } = descriptor;
  const [server] = diagnosis.servers;
  return {
    id: `cred.${platform}`,
    title: `${name.en} credentials`,
    layer: 6,
    needs: [`net.${server.id}.http`],
    after: ['ev.pushes'],
    critical: true,
    timeoutMs: 4000,
    onTimeout: 'fail',
    declares: [`cred.${platform}.refused`],
    async run(ctx) {
      const requests = tokenRequestsOf(descriptor, ctx);
      const results = await Promise.all(requests.map((one) => requestToken(ctx, one, diagnosis.tokenProbe)));
      const rejected = results.flatMap(({ failure }) => (failure ? [failure] : []));
      if (rejected.length > 0) return rejectedOutcome(platform, rejected);
      const unclear = results.find((result) => result.unclear !== undefined);
      if (unclear) return { status: 'fail', code: 'UNCLEAR', summary: unclear.unclear ?? '' };
      return { status: 'ok', summary: results.map((result) => result.text).join('; ') };
    },
  };
}

function tokenRequestsOf({ id: platform, apps, diagnosis }: PlatformDescriptor, { cfg }: CheckContext): TokenRequest[] {
  const baseUrl = diagnosis.servers[0].address(cfg) ?? '';
  return cfg.apps[platform].map((app) => ({
    platform,
    baseUrl,
    app: apps.idOf(app),
    ...diagnosis.tokenProbe.request(app),
  }));
}

function rejectedOutcome(platform: Platform, rejected: AppFailure[]): CheckOutcome {
  const summary = rejected.map(({ app, code, message }) => `${app} is rejected with ${code} "${message}"`).join('; ');
  const facts = factOf(`cred.${platform}.refused`, rejected);
  return { status: 'fail', code: rejected[0]?.code ?? '', summary, facts };
}

interface TokenResult {
  text: string;
  failure?: AppFailure;
  unclear?: string;
}

async function requestToken(
  ctx: CheckContext,
  request: TokenRequest,
  probe: TokenProbe<unknown>,
): Promise<TokenResult> {
  const { platform, baseUrl, path, app, json } = request;
  const secret = JSON.stringify(json);
  const key = `${platform} ${baseUrl} ${app}`;
  const remembered = mayUseCache(ctx, request) ? await ctx.memory.recall(key, secret) : undefined;
  if (remembered && !hasFailedSince(ctx, platform, remembered)) {
    return { text: `${app} was accepted at ${remembered.toISOString()}` };
  }
  ctx.countCall(platform);
  try {
    const response = await ctx.http.request({ url: `${baseUrl}${path}`, json, timeoutMs: 3000, signal: ctx.signal });
    const answer = probe.read(response.json);
    if (answer === undefined || response.status >= 500) {
      return {
        text: '',
        unclear: `${app}: the token call gave HTTP ${response.status}, neither a token nor a rejection`,
      };
    }
    if (answer !== 'accepted') return { text: '', failure: { app, ...answer } };
    await ctx.memory.remember(key, secret);
    return { text: `${app} is accepted` };
  } catch (error) {
    if (!(error instanceof HttpClientError)) throw error;
    return { text: '', unclear: `${app}: ${error.message}` };
  }
}

/** A stand-in on this machine has no quota to save. A check that is selected by its id must send the request. */
function mayUseCache({ asked }: CheckContext, { baseUrl }: TokenRequest): boolean {
  return !asked && !isLoopback(baseUrl);
}

function hasFailedSince(ctx: CheckContext, platform: string, since: Date): boolean {
  const pushes = readFact(ctx.dep('ev.pushes'), 'ev.pushes.traffic') ?? [];
  const traffic = pushes.find((entry) => entry.platform === platform);
  if (!traffic || traffic.failed === 0) return false;
  return traffic.lastAt > since.toISOString();
}
