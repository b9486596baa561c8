// Every fact a check may emit, with its type: checks write this table and rules read it, so a typing error cannot compile.

/** A server the bot depends on, by its id in `targets.ts`. Each has a chain of checks from its name to its HTTP answer. */
export type Target = string;
export type Hop = 'dns' | 'tcp' | 'tls' | 'http';

/** Why a step did not succeed. `endpoint` is `host:port` or a host; never a path, because paths may be secrets. */
export type Failure = { code: string; message: string; endpoint: string };

/** Ends the endpoint of a failure when the first hop is the proxy that the environment names. */
export const PROXY_MARK = ' (the proxy)';

export type Volume = { path: string; freeBytes: number; usedPercent: number; writeError: string | null };
export type PortHolder = { setting: string; port: number; pid: number; command: string };
type Condition = { id: string; level: string; detail: string };
export type AppFailure = { app: string; code: string; message: string };

/** What one platform's attempts looked like in the window. */
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

/** A long connection that should be open; without `since` the bot never tried. */
export type Disconnected = { app: string; since: string | null; lastError: string | null };

/** Rows given up that have the same platform and code, and what mends them. */
export type GivenUp = { platform: string; code: string | null; count: number; hint: string | null };

export type QueueState = {
  depth: number;
  oldestAgeSeconds: number;
  dead: number;
  unknown: number;
  /** Empty while the database cannot be asked. */
  givenUp: GivenUp[];
  source: string;
};

/** Facts by server. */
interface NetFacts {
  [key: `net.${string}.failure`]: Failure;
  [key: `net.${string}.dateSkewSeconds`]: number;
  [key: `net.${string}.validTo`]: string;
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

/** One fact under a key that is put together. */
export function factOf<Key extends FactKey>(key: Key, value: FactTypes[Key]): Partial<FactTypes> {
  return { [key]: value } as Partial<FactTypes>; // a computed key widens to every text
}
