// Types of all facts. Checks write them and rules read them, so a misspelt key does not compile.
import type { CheckResult } from './report.ts';

/** One step of the chain of checks of a server. */
export type Hop = 'dns' | 'tcp' | 'tls' | 'http';

/** Failure of a step. `endpoint` is `host:port` or a host, without a path, because paths may contain secrets. */
export type Failure = { code: string; message: string; endpoint: string };

/** End of the endpoint of a failure if the first hop is the proxy from the environment. */
export const PROXY_MARK = ' (the proxy)';

export type Volume = { path: string; freeBytes: number; usedPercent: number; writeError: string | null };
export type PortHolder = { setting: string; port: number; pid: number; command: string };
type Condition = { id: string; level: string; detail: string };
export type AppFailure = { app: string; code: string; message: string };

/** Number of attempts and failures of one platform in the window. Times are ISO 8601 in UTC. */
export type Traffic = {
  platform: string;
  attempted: number;
  failed: number;
  chats: number;
  lastAt: string;
  lastSuccessAt: string | null;
};

/** Genuine callbacks that were ignored in the window, by reason. */
export type Ignored = { platform: string; reason: string; count: number };

/** An organisation whose messages were ignored because no tenant is bound to it. */
export type Stranger = {
  platform: string;
  appId: string;
  organisation: string;
  count: number;
  firstAt: string;
  lastAt: string;
};

/** A long connection that should be open. `since` is null if the bot has not tried to open it. */
export type Disconnected = { app: string; since: string | null; lastError: string | null };

/** Number of given-up rows with the same platform and code, and the fix. */
export type GivenUp = { platform: string; code: string | null; count: number; hint: string | null };

export type QueueState = {
  depth: number;
  oldestAgeSeconds: number;
  dead: number;
  unknown: number;
  /** Empty if the database does not answer. */
  givenUp: GivenUp[];
  source: string;
};

/** Facts by server, see `targets.ts`. */
interface NetFacts {
  [key: `net.${string}.${Hop}.failure`]: Failure;
  [key: `net.${string}.http.dateSkewSeconds`]: number;
  [key: `net.${string}.tls.validTo`]: string;
}

/** Facts by platform. */
interface PlatformFacts {
  [key: `cred.${string}.refused`]: AppFailure[];
  [key: `conn.${string}.down`]: Disconnected[];
}

export type FactTypes = NetFacts &
  PlatformFacts & {
    'cfg.problems': { name: string; problem: string; fix: string }[];
    'host.disk.volumes': Volume[];
    'host.mem.availablePercent': number;
    'host.clock.skewSeconds': number;
    'proc.up.state': 'up' | 'down' | 'silent' | 'foreign';
    'proc.up.pid': number;
    'proc.up.startedAt': string;
    'proc.port.taken': PortHolder[];
    'proc.ready.failed': Condition[];
    'db.connect.failure': Failure;
    'queue.inbox.state': QueueState;
    'queue.outbox.state': QueueState;
    'logs.local.failure': Failure;
    'logs.local.lastLineAt': string;
    'ev.pushes.traffic': Traffic[];
    'ev.callbacks.traffic': Traffic[];
    'ev.model.traffic': Traffic[];
    'ev.ignored.reasons': Ignored[];
    'ev.ignored.strangers': Stranger[];
    'ev.ignored.instead': { platform: string; appId: string; organisation: string; tenantId: string }[];
    'cb.reject.accepted': { route: string; status: number }[];
  };

export type FactKey = keyof FactTypes & string;

/** Returns one fact under a computed key. */
export function factOf<Key extends FactKey>(key: Key, value: FactTypes[Key]): Partial<FactTypes> {
  return { [key]: value } as Partial<FactTypes>; // TypeScript widens a computed key to string
}

/** Returns a fact of another check, or undefined if the check did not emit it. */
export function readFact<Key extends FactKey>({ facts }: CheckResult, key: Key): FactTypes[Key] | undefined {
  // A check can emit only declared facts, and the compiler checks their types in the check.
  return facts.find((fact) => fact.key === key)?.value as FactTypes[Key] | undefined;
}
