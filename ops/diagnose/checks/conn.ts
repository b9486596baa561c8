// Checks the long connections in the bot's status: whether they are up, and whether they last.
import type { Settings } from '../../../bot/config/settings.ts';
import { TIMING } from '../../../bot/domain/connection.ts';
import type { PlatformDescriptor } from '../../../bot/platforms/platform-descriptor.ts';
import { descriptors } from '../../../bot/platforms/registry.ts';
import type { Check, CheckOutcome } from '../engine/check.ts';
import { type Disconnected, factOf } from '../facts.ts';
import { type BotStatus, fetchStatus } from './bot-status.ts';

/** Maximum normal downtime: platforms close connections to rebalance, and the bot reconnects within this time. */
const GRACE_MS = 5_000;

/** Returns one check for each platform with long connections. */
export function connectionChecks(): Check[] {
  return descriptors()
    .filter(({ createConnection }) => createConnection !== undefined)
    .map(connectionCheck);
}

type BotConnection = BotStatus['connections'][number];

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
      return usesLongConnection(cfg) || { reason: 'not_applicable', why: 'messages arrive as callbacks' };
    },
    async run(ctx) {
      const status = await fetchStatus(ctx);
      if (!status) return { status: 'unknown', reason: 'crash', summary: 'the bot stopped answering' };
      const own = status.connections.filter((connection) => connection.platform === platform);
      const missing = appsOf(ctx.cfg).filter((app) => own.every(({ appId }) => appId !== app));
      const down = [...missing.map(neverOpened), ...downOf(own, ctx.clock.now())];
      if (down.length === 0) return classifyOpen(own, ctx.clock.now());
      const facts = factOf(`conn.${platform}.down`, down);
      return { status: 'fail', code: 'DOWN', summary: down.map(describeDisconnected).join('; '), facts };
    },
  };
}

/** Describes an app without a connection: the bot reads its settings only when it starts. */
const neverOpened = (app: string): Disconnected => ({
  app,
  since: null,
  lastError: 'the bot runs with older settings and has not opened a connection',
});

function downOf(connections: BotConnection[], now: number): Disconnected[] {
  return connections
    .filter(({ up, downSince }) => !up && now - Date.parse(downSince ?? '') > GRACE_MS)
    .map(({ appId, downSince, lastError }) => ({ app: appId, since: downSince, lastError }));
}

function describeDisconnected({ app, since, lastError }: Disconnected): string {
  return `${app} is ${since ? `down since ${since}` : 'not connected'}: ${lastError ?? 'no answer yet'}`;
}

/** Warns about connections that are opening or flapping. A flapping connection may be up at the moment of the check. */
function classifyOpen(connections: BotConnection[], now: number): CheckOutcome {
  const opening = connections.filter(({ up }) => !up);
  if (opening.length > 0)
    return { status: 'warn', summary: `${opening.map(({ appId }) => appId).join(', ')}: connecting` };
  const isYoung = ({ connectedSince }: BotConnection) => now - Date.parse(connectedSince ?? '') < TIMING.stableMs;
  const flapping = connections.find((connection) => connection.flaps > 0 && isYoung(connection));
  if (flapping) {
    const { appId, flaps, lastError } = flapping;
    return {
      status: 'warn',
      summary: `${appId}: ${flaps} connections ended within a minute of opening, the last one: ${lastError}`,
    };
  }
  return {
    status: 'ok',
    summary: connections.map(({ appId, connectedSince }) => `${appId} since ${connectedSince}`).join('; '),
  };
}
