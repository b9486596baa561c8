// Schema of `GET /status`. The bot's type of the report and the readers in ops derive from it, so that renaming a member
// is a compiler error in both. A reader picks the members that it needs and accepts reports of other versions.
import { z } from 'zod';
import type { Profile } from '../config/settings.ts';
import type { Fate, OutboxState } from '../domain/delivery.ts';
import type { Platform } from '../domain/platform.ts';
import type { Model } from '../model/model.ts';
import type { Dialect } from '../store/open-store.ts';

/** A value of a closed set for the bot, and any text for readers, because a newer bot may report a new value. */
const oneOf = <T extends string>() =>
  z.custom<T>((value) => typeof value === 'string').transform((value): string => value);

const service = z.object({
  name: z.string(),
  version: z.string(),
  commit: z.string(),
  pid: z.int(),
  startedAt: z.string(),
});

const readiness = z.object({
  status: oneOf<'ready' | 'not_ready' | 'draining'>(),
  conditions: z.array(
    z.object({
      id: oneOf<'database' | 'log_dir' | 'disk' | 'connection'>(),
      /** If a required condition fails, the bot is not ready. An advisory condition is only reported. */
      level: oneOf<'required' | 'advisory'>(),
      ok: z.boolean(),
      detail: z.string(),
    }),
  ),
});

const platform = z.object({
  apps: z.array(z.string()),
  /** Per app, the reason why the bot's own id in it is unknown. */
  botIdProblems: z.record(z.string(), z.string()),
  lastInboundAt: z.string().nullable(),
  lastPush: z
    .object({
      at: z.string(),
      outcome: oneOf<Fate>(),
      class: z.string().nullable(),
      code: z.string().nullable(),
    })
    .nullable(),
});

const organisationKey = { platform: z.string(), appId: z.string(), organisation: z.string() };

const organisations = z.object({
  bound: z.array(z.object({ ...organisationKey, tenantId: z.string() })).nullable(),
  /** Organisations whose messages this process ignored, because they are bound to no tenant. */
  unknown: z.array(z.object({ ...organisationKey, ignored: z.number(), lastAt: z.string() })),
});

/** Facts of a long connection, see bot/connections/facts.ts. */
const connection = z.object({
  platform: oneOf<Platform>(),
  appId: z.string(),
  up: z.boolean(),
  connectedSince: z.string().nullable(),
  downSince: z.string().nullable(),
  lastFrameAt: z.string().nullable(),
  lastEventAt: z.string().nullable(),
  restarts: z.number(),
  failures: z.number(),
  flaps: z.number(),
  lastError: z.string().nullable(),
});

const age = { oldestAgeSeconds: z.number() };
const parts = {
  pending: z.number(),
  sending: z.number(),
  unknown: z.number(),
  dead: z.number(),
} satisfies Record<OutboxState, z.ZodNumber>;

const queues = z.object({
  inbox: z.object({ depth: z.number(), ...age }),
  outbox: z.object({ ...parts, ...age }),
});

/** Schema of the report, also shown in ARCHITECTURE.md. Facts from the database are null while it cannot be read. */
export const statusSchema = z.object({
  service,
  profile: oneOf<Profile>(),
  readiness,
  platforms: z.record(z.string(), platform),
  organisations,
  /** Long connections, one per app that uses one. */
  connections: z.array(connection),
  queues: queues.nullable(),
  sessions: z.object({ active: z.number().nullable(), limit: z.number() }),
  model: z.object({ kind: oneOf<Model['kind']>(), name: z.string() }),
  database: z.object({ dialect: oneOf<Dialect>() }),
  log: z.object({ dir: z.string() }),
});

/** Response body of `GET /status` as the bot writes it. */
export type StatusReport = z.input<typeof statusSchema>;
