// The long connections, as the bot tells of them: do they stand, and do they last.
import type { Settings } from '../../../bot/config/settings.ts';
import type { PlatformDescriptor } from '../../../bot/platforms/platform-descriptor.ts';
import { descriptors } from '../../../bot/platforms/registry.ts';
import type { Check, CheckOutcome } from '../engine/check.ts';
import { type Disconnected, factOf } from '../facts.ts';
import { type BotStatus, fetchStatus } from './bot-status.ts';

/** Platforms move their connections about; the bot opens the next one within this time. */
const GRACE_MS = 5_000;
/** A connection that ends sooner than this was a flap for the bot, too. */
const STABLE_MS = 60_000;

/** One check for each platform with long connections. */
export function connectionChecks(): Check[] {
  return descriptors()
    .filter(({ createConnection }) => createConnection !== undefined)
    .map(connectionCheck);
}

type Connection = BotStatus['connections'][number];

function connectionCheck({ id: platform, name, apps, usesLongConnection }: PlatformDescriptor): Check {
  const appsOf = (cfg: Settings) => cfg.apps[platform].map((app) => apps.idOf(app));
  return {
    id: `conn.${platform}`,
    title: `${name.en} long connection`,
    layer: 7,
    needs: ['proc.up'],
    critical: true,
    timeoutMs: 3000,
    onTimeout: 'fail',
    declares: [`conn.${platform}.down`],
    applies(cfg) {
      if (appsOf(cfg).length === 0) return { reason: 'not_configured', why: 'not configured' };
      return usesLongConnection(cfg) || { reason: 'not_applicable', why: 'messages come by callbacks' };
    },
    async run(ctx) {
      const status = await fetchStatus(ctx);
      if (!status) return { status: 'unknown', reason: 'crash', summary: 'the bot stopped answering' };
      const own = status.connections.filter((connection) => connection.platform === platform);
      const missing = appsOf(ctx.cfg).filter((app) => own.every(({ appId }) => appId !== app));
      const down = [...missing.map(neverTried), ...downOf(own, ctx.clock.now())];
      if (down.length === 0) return classifyOpen(own, ctx.clock.now());
      const facts = factOf(`conn.${platform}.down`, down);
      return { status: 'fail', code: 'DOWN', summary: down.map(inWords).join('; '), facts };
    },
  };
}

/** The bot reads its settings at its start. */
const neverTried = (app: string): Disconnected => ({
  app,
  since: null,
  lastError: 'the bot runs with older settings and has not opened one',
});

function downOf(connections: Connection[], now: number): Disconnected[] {
  return connections
    .filter(({ up, downSince }) => !up && now - Date.parse(downSince ?? '') > GRACE_MS)
    .map(({ appId, downSince, lastError }) => ({ app: appId, since: downSince, lastError }));
}

function inWords({ app, since, lastError }: Disconnected): string {
  return `${app} is not connected${since ? ` since ${since}` : ''}: ${lastError ?? 'no answer yet'}`;
}

/** A connection that breaks again and again is up whenever one looks. */
function classifyOpen(connections: Connection[], now: number): CheckOutcome {
  const opening = connections.filter(({ up }) => !up);
  if (opening.length > 0)
    return { status: 'warn', summary: `${opening.map(({ appId }) => appId).join(', ')}: being opened` };
  const isYoung = ({ connectedSince }: Connection) => now - Date.parse(connectedSince ?? '') < STABLE_MS;
  const flapping = connections.find((connection) => connection.flaps > 0 && isYoung(connection));
  if (flapping) {
    const { appId, flaps, lastError } = flapping;
    return {
      status: 'warn',
      summary: `${appId}: ${flaps} connections broke within a minute, the last one: ${lastError}`,
    };
  }
  return {
    status: 'ok',
    summary: connections.map(({ appId, connectedSince }) => `${appId} since ${connectedSince}`).join('; '),
  };
}
