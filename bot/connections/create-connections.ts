// Creates the long connections of all apps whose platform uses them.

import type { Settings } from '../config/settings.ts';
import type { CallbackResult } from '../domain/callback.ts';
import type { Channel } from '../domain/channel.ts';
import { type Protocol, TIMING, type Timing } from '../domain/connection.ts';
import type { Platform } from '../domain/platform.ts';
import { createAgents } from '../http-client/agents.ts';
import type { HttpClient } from '../http-client/http-client.ts';
import { descriptors } from '../platforms/registry.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ConnectionFacts } from './facts.ts';
import { openLink } from './link.ts';
import { type Change, createSupervisor, type Supervisor } from './supervisor.ts';

export interface ConnectionsDeps {
  settings: Settings;
  channels: ReadonlyMap<Platform, Pick<Channel, 'botId'>>;
  http: HttpClient;
  metrics: Metrics;
  log: Logger;
  clock: () => number;
  timing?: Partial<Timing>;
}

/** Stores the result of an event. The event may be acknowledged if the status is 200; see `Intake.admit`. */
export type Admit = (platform: Platform, result: CallbackResult) => Promise<{ status: number }>;

export interface Connections {
  /** Starts to connect. Does not wait until the connections are open. */
  start(admit: Admit): void;
  facts(): ConnectionFacts[];
  stop(): Promise<void>;
}

export function createConnections(deps: ConnectionsDeps): Connections {
  const timing = { ...TIMING, ...deps.timing };
  const agents = createAgents();
  let admit: Admit = () => Promise.reject(new Error('The connections are not started.'));
  const supervisors = protocolsOf(deps, timing).map((protocol) => supervise(protocol));
  const facts = () => supervisors.map((supervisor) => supervisor.facts());

  function supervise(protocol: Protocol): Supervisor {
    const { platform } = protocol;
    const store = async (result: CallbackResult): Promise<boolean> => {
      const { status } = await admit(platform, result);
      if (status === 200) supervisor.noteEvent();
      return status === 200;
    };
    const { log, clock } = deps;
    const supervisor = createSupervisor({
      log,
      clock,
      protocol,
      timing,
      open: async (events) =>
        openLink({ ...events, endpoint: await protocol.requestEndpoint(events.signal), agents, timing, store }),
      onChange: (change) => {
        count(deps, platform, change);
        deps.metrics.connectionUp.set({ platform }, isUp(platform, facts()) ? 1 : 0);
      },
    });
    return supervisor;
  }

  return {
    start(given) {
      admit = given;
      for (const supervisor of supervisors) supervisor.start();
    },
    facts,
    async stop() {
      await Promise.all(supervisors.map((supervisor) => supervisor.stop()));
      agents.close();
    },
  };
}

function protocolsOf({ settings, channels, http, clock }: ConnectionsDeps, timing: Timing): Protocol[] {
  return descriptors().flatMap(({ id, createConnection, usesLongConnection }) => {
    if (!createConnection || !usesLongConnection(settings)) return [];
    const channel = channels.get(id);
    return settings.apps[id].map((app) => createConnection({ app, settings, channel, http, timing, clock }));
  });
}

function isUp(platform: Platform, facts: ConnectionFacts[]): boolean {
  return facts.every((fact) => fact.up || fact.platform !== platform);
}

function count({ metrics, clock }: ConnectionsDeps, platform: Platform, change: Change): void {
  if (change === 'opened') metrics.connectionOpens.inc({ platform });
  if (change === 'failed') metrics.connectionFailures.inc({ platform });
  if (change === 'frame') metrics.connectionLastFrame.set({ platform }, clock() / 1000);
}
