// Checks the path to one server in steps: name, TCP, TLS, HTTP. A failed step skips the later ones.

import type { Settings } from '../../../bot/config/settings.ts';
import { HttpClientError } from '../../../bot/http-client/errors.ts';
import { plainError } from '../../process/plain-error.ts';
import type { Check, CheckContext, CheckOutcome } from '../engine/check.ts';
import { type FactTypes, type Failure, factOf, type Hop, PROXY_MARK, readFact } from '../facts.ts';
import { endpointOf, type TargetInfo, targets } from '../targets.ts';
import { describeFailure } from './describe-failure.ts';

const LIMITS_MS: Record<Hop, number> = { dns: 2000, tcp: 3200, tls: 2000, http: 3000 };
const CERTIFICATE_WARN_DAYS = 14;
const DAY_MS = 86_400_000;

/** Returns the chain of checks of one target. */
export function netChecks(target: TargetInfo): Check[] {
  const hops: Hop[] = target.probe === undefined ? ['dns', 'tcp'] : ['dns', 'tcp', 'tls', 'http'];
  const run = { dns, tcp, tls, http };
  return hops.map(
    (hop): Check => ({
      ...common(target, hop),
      needs: neededBy(target, hop),
      after: hop === 'http' ? [`net.${target.id}.tls`, ...(target.ownRequests ? [target.ownRequests] : [])] : [],
      declares: declaredBy(target, hop),
      applies: (cfg) => appliesTo(target, hop, cfg),
      run: (ctx) => run[hop](ctx, target),
    }),
  );
}

const LAYERS = { dns: 2, tcp: 3, tls: 4, http: 5 } as const;
const TITLES: Record<Hop, string> = { dns: 'name', tcp: 'TCP', tls: 'TLS', http: 'HTTP' };

function common(
  target: TargetInfo,
  hop: Hop,
): Pick<Check, 'id' | 'title' | 'layer' | 'critical' | 'timeoutMs' | 'onTimeout'> {
  return {
    id: `net.${target.id}.${hop}`,
    title: `${target.name}, ${TITLES[hop]}`,
    layer: LAYERS[hop],
    critical: target.critical,
    // The step reports its own limit as a fact. This later limit only catches a step that ignores its own.
    timeoutMs: LIMITS_MS[hop] + 300,
    onTimeout: 'fail',
  };
}

/** Returns the prerequisite of a step. HTTP needs TCP and only runs after TLS, because plain HTTP has no TLS step. */
function neededBy(target: TargetInfo, hop: Hop): string[] {
  if (hop === 'dns') return ['cfg.schema'];
  return [hop === 'tcp' ? `net.${target.id}.dns` : `net.${target.id}.tcp`];
}

function declaredBy(target: TargetInfo, hop: Hop): Check['declares'] {
  const failure = `net.${target.id}.${hop}.failure` as const;
  if (hop === 'tls') return [failure, `net.${target.id}.tls.validTo`];
  return hop === 'http' ? [failure, `net.${target.id}.http.dateSkewSeconds`] : [failure];
}

function appliesTo(target: TargetInfo, hop: Hop, cfg: Settings): ReturnType<NonNullable<Check['applies']>> {
  const { url, setting } = target;
  const address = url(cfg);
  if (address === undefined) return { reason: 'not_configured', why: 'not configured' };
  const same = targets().find((other) => other.platform !== undefined && other.platform === target.platform);
  if (same && same.id !== target.id && endpointKey(same.url(cfg) ?? '') === endpointKey(address)) {
    return { reason: 'not_applicable', why: `same server as net.${same.id}` };
  }
  const plain = hop === 'tls' && !address.startsWith('https:');
  return plain ? { reason: 'not_applicable', why: `${setting} is not https` } : true;
}

function endpointKey(address: string): string {
  const { host, port } = endpointOf(address);
  return `${host}:${port}`;
}

/** Returns the first hop of the bot's requests: the server, or the proxy from the environment. */
function route(ctx: CheckContext, target: TargetInfo) {
  const address = target.url(ctx.cfg) ?? '';
  const proxy = target.id === 'database' ? undefined : ctx.net.proxyFor(address);
  const endpoint = endpointOf(proxy ?? address);
  const via = proxy ? PROXY_MARK : '';
  return { address, proxy, endpoint, name: `${endpoint.host}:${endpoint.port}${via}` };
}

async function dns(ctx: CheckContext, target: TargetInfo): Promise<CheckOutcome> {
  const { endpoint } = route(ctx, target);
  try {
    const addresses = await ctx.net.resolve(endpoint.host);
    return { status: 'ok', summary: `${endpoint.host} is ${addresses.join(', ')}` };
  } catch (error) {
    return failed(target, 'dns', { endpoint: endpoint.host, ...plainError(error) });
  }
}

async function tcp(ctx: CheckContext, target: TargetInfo): Promise<CheckOutcome> {
  const { endpoint, name } = route(ctx, target);
  try {
    const address = await ctx.net.connect(endpoint, { timeoutMs: LIMITS_MS.tcp, signal: ctx.signal });
    return { status: 'ok', summary: `${name} accepts connections at ${address}` };
  } catch (error) {
    return failed(target, 'tcp', { endpoint: name, ...plainError(error) });
  }
}

async function tls(ctx: CheckContext, target: TargetInfo): Promise<CheckOutcome> {
  const { endpoint, proxy, name } = route(ctx, target);
  if (proxy)
    return {
      status: 'skip',
      reason: 'not_applicable',
      summary: 'requests go through a proxy; the HTTP check covers TLS',
    };
  try {
    const { problem, certificate } = await ctx.net.handshake(endpoint, {
      timeoutMs: LIMITS_MS.tls,
      signal: ctx.signal,
    });
    if (problem) return failed(target, 'tls', { endpoint: name, ...problem });
    const days = Math.floor((Date.parse(certificate.validTo) - ctx.clock.now()) / DAY_MS);
    const summary = `certificate of ${certificate.subject} by ${certificate.issuer}, ${days} days left`;
    const facts = factOf(`net.${target.id}.tls.validTo`, certificate.validTo);
    return { status: days < CERTIFICATE_WARN_DAYS ? 'warn' : 'ok', summary, facts };
  } catch (error) {
    return failed(target, 'tls', { endpoint: name, ...plainError(error) });
  }
}

async function http(ctx: CheckContext, target: TargetInfo): Promise<CheckOutcome> {
  const { address, name } = route(ctx, target);
  const { probe } = target;
  const began = ctx.clock.now();
  try {
    const url = `${address.replace(/\/$/, '')}${probe?.path ?? '/'}`;
    const body = probe?.json ? { json: probe.json } : {};
    const headers = probe?.headers?.(ctx.cfg) ?? {};
    const response = await ctx.http.request({ url, ...body, headers, timeoutMs: LIMITS_MS.http, signal: ctx.signal });
    const text = `${name} answers HTTP ${response.status}`;
    const failure = (code: string, message: string) => failed(target, 'http', { endpoint: name, code, message });
    if (response.status >= 500) {
      const code = `HTTP_${response.status}`;
      const succeededAt = ownSuccess(ctx, target);
      if (succeededAt === undefined) return failure(code, text);
      return {
        status: 'warn',
        code,
        summary: `${text} to this probe, but the bot's request at ${succeededAt} succeeded`,
      };
    }
    if (probe && !probe.isGenuine(response.json))
      return failure('NOT_GENUINE', `${text}, but not in the format of the platform`);
    const facts = dateSkew(target, response.headers.get('date'), { began, ended: ctx.clock.now() });
    return { status: 'ok', summary: text, facts };
  } catch (error) {
    if (!(error instanceof HttpClientError)) throw error;
    return failed(target, 'http', { endpoint: name, code: error.code, message: error.message });
  }
}

/** Returns the time of the bot's last request to the server if it succeeded. */
function ownSuccess({ dep }: CheckContext, { ownRequests }: TargetInfo): string | undefined {
  if (ownRequests === undefined) return undefined;
  const [traffic] = readFact(dep(ownRequests), `${ownRequests}.traffic`) ?? [];
  return traffic && traffic.lastSuccessAt === traffic.lastAt ? traffic.lastAt : undefined;
}

/**
 * Returns the seconds by which our clock is ahead of the Date header. The header has whole seconds and the request
 * takes time, so the middles of both are compared.
 */
function dateSkew(
  target: TargetInfo,
  date: string | null,
  { began, ended }: { began: number; ended: number },
): Partial<FactTypes> {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) return {};
  const skew = Math.trunc(((began + ended) / 2 - (theirs + 500)) / 1000);
  // Replaces -0, because `JSON.stringify` writes it as 0.
  return factOf(`net.${target.id}.http.dateSkewSeconds`, skew === 0 ? 0 : skew);
}

function failed(target: TargetInfo, hop: Hop, failure: Failure): CheckOutcome {
  const facts = factOf(`net.${target.id}.${hop}.failure`, failure);
  return {
    status: 'fail',
    code: failure.code,
    summary: describeFailure(failure),
    facts,
  };
}
