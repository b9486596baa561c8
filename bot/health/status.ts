// Builds the report that `/status` returns.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from '../config/settings.ts';
import type { Connections } from '../connections/create-connections.ts';
import type { Channel } from '../domain/channel.ts';
import type { Platform } from '../domain/platform.ts';
import type { Model } from '../model/model.ts';
import type { Dialect } from '../store/open-store.ts';
import type { QueueFacts } from '../telemetry/metrics.ts';
import type { UnknownOrganisation } from '../tenants/notices.ts';
import type { TenantBinding } from '../tenants/tenants.ts';
import type { Activity } from './activity.ts';
import type { ReadinessProbe } from './gather-readiness.ts';
import type { QueueReader } from './queue-facts.ts';
import type { StatusReport } from './status-schema.ts';

export interface StatusDeps {
  settings: Settings;
  dialect: Dialect;
  version: string;
  startedAt: string;
  channels: ReadonlyMap<Platform, Channel>;
  activity: Activity;
  connections: Pick<Connections, 'facts'>;
  model: Model;
  readiness: ReadinessProbe;
  queues: QueueReader;
  readBindings: () => Promise<TenantBinding[]>;
  unknownOrganisations: () => UnknownOrganisation[];
}

export interface Status {
  report(): Promise<StatusReport>;
}

export function createStatus(deps: StatusDeps): Status {
  const { settings, version, startedAt, channels, activity, connections, model } = deps;
  const platforms = () =>
    Object.fromEntries(
      [...channels.values()].map((channel) => {
        const { platform, appIds } = channel;
        return [platform, { apps: appIds, botIdProblems: botIdProblemsOf(channel), ...activity.of(platform) }];
      }),
    );
  return {
    async report() {
      const [readiness, queues, bound] = await Promise.all([
        deps.readiness.read(),
        withinTimeout(deps.queues.read()),
        withinTimeout(deps.readBindings()),
      ]);
      return {
        service: { name: settings.SERVICE_NAME, version, commit: settings.COMMIT, pid: process.pid, startedAt },
        profile: settings.profile,
        readiness,
        platforms: platforms(),
        organisations: { bound: bound ?? null, unknown: deps.unknownOrganisations() },
        connections: connections.facts(),
        queues: queues ? queuesOf(queues) : null,
        sessions: { active: queues?.sessionsActive ?? null, limit: settings.SESSIONS_MAX },
        model: { kind: model.kind, name: model.name },
        database: { dialect: deps.dialect },
        log: { dir: settings.LOG_DIR },
      };
    },
  };
}

function botIdProblemsOf({ appIds, botIdProblem }: Channel): Record<string, string> {
  return Object.fromEntries(
    appIds.flatMap((appId) => {
      const problem = botIdProblem?.(appId);
      return problem === undefined ? [] : [[appId, problem]];
    }),
  );
}

/**
 * Time limit of each read in milliseconds. A locked database blocks readers, and the doctor waits 2 s for the report.
 */
const READ_TIMEOUT_MS = 1_000;

function withinTimeout<T>(facts: Promise<T>): Promise<T | undefined> {
  const late = sleep(READ_TIMEOUT_MS, undefined, { ref: false });
  return Promise.race([facts.catch(() => undefined), late]);
}

function queuesOf(queues: QueueFacts): StatusReport['queues'] {
  return {
    inbox: { depth: queues.inboxDepth, oldestAgeSeconds: queues.inboxOldestAgeSeconds },
    outbox: { ...queues.outboxDepth, oldestAgeSeconds: queues.outboxOldestAgeSeconds },
  };
}
