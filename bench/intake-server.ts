// The bot's public listener without the workers behind it: verify, decrypt, claim, answer.
// usage: intake-server.js [no-claim] [quiet]    no-claim: the inbox stores nothing    quiet: no log, no metrics

import { createParts } from '../bot/app/parts.ts';
import { loadSettings } from '../bot/config/load-settings.ts';
import { listen } from '../bot/http/listen.ts';
import { createPublicApp } from '../bot/http/public-app.ts';
import { createIntake } from '../bot/intake/intake.ts';
import { callbackRoutes } from '../bot/platforms/registry.ts';
import { migrate } from '../bot/store/migrate.ts';
import type { Logger } from '../bot/telemetry/logger.ts';
import type { Metrics } from '../bot/telemetry/metrics.ts';
import { serveBenchmark } from './server-protocol.ts';

const noClaim = process.argv.includes('no-claim');
const quiet = process.argv.includes('quiet');

function ignore(): void {}

/** Returns metrics whose instruments do nothing. */
function silentMetrics(metrics: Metrics): Metrics {
  const instrument = { inc: ignore, observe: ignore, set: ignore, zero: ignore };
  const silent = Object.fromEntries(Object.keys(metrics).map((name) => [name, instrument]));
  return silent as unknown as Metrics; // the intake only increments and observes
}

const silentLog: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLog,
  close: async () => ignore(),
};

let handled = 0;
const settings = loadSettings();
const logThread = new URL('../bot/telemetry/log-thread-main.js', import.meta.url);
const parts = createParts({ settings, clock: Date.now, stdout: true, logThread, isDraining: () => false });
await migrate(parts.store);
await parts.tenants.ensureDefault();
if (quiet) for (const event of ['query', 'query-response', 'query-error']) parts.store.knex.removeAllListeners(event);
const telemetry = quiet ? { metrics: silentMetrics(parts.metrics), log: silentLog } : {};
const deps = { ...parts, ...telemetry, inbox: noClaim ? { ...parts.inbox, claim: async () => true } : parts.inbox };
const intake = createIntake({
  ...deps,
  onMessage: () => {
    handled += 1;
  },
  onSeen: quiet ? ignore : parts.activity.seen,
});
const app = createPublicApp({ ...deps, routes: callbackRoutes(), intake, trustedProxies: settings.TRUSTED_PROXIES });
const { port } = await listen({ app, host: settings.HOST, port: settings.PORT, portSetting: 'PORT' });
serveBenchmark(port, () => handled);
