// Defines the report of a diagnosis as one zod schema for the engine, the renderers and readers of the JSON.
import { z } from 'zod';

export const STATUSES = ['ok', 'warn', 'fail', 'skip', 'unknown'] as const;
const OUTCOMES = ['healthy', 'degraded', 'broken', 'undetermined'] as const;
const CONFIDENCES = ['proven', 'likely', 'possible'] as const;
const BLAMES = ['us.config', 'us.code', 'us.host', 'us.network', 'model.provider', 'unknown'] as const;
/** The fault of a platform, by its id. */
const platformBlame = z.templateLiteral(['platform.', z.string()]);
const blameSchema = z.union([z.enum(BLAMES), platformBlame]);
/** Reasons why a check has neither ok, warn nor fail. */
const REASONS = [
  'prerequisite',
  'not_applicable',
  'not_configured',
  'not_selected',
  'no_permission',
  'timeout',
  'crash',
  'budget',
] as const;

const at = z.iso.datetime();

const evidenceSchema = z.strictObject({
  source: z.enum(['probe', 'log', 'metric', 'config', 'runtime']),
  /** Id of a check, or name of a file. */
  ref: z.string(),
  at,
  quote: z.string().max(200),
});

const factSchema = z.strictObject({ key: z.string(), value: z.json(), evidence: evidenceSchema });

const checkResultSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  /** 0 host and settings, 1 process, 2 name, 3 TCP, 4 TLS, 5 HTTP, 6 identity, 7 interface, 8 pipeline. */
  layer: z.int().min(0).max(8),
  critical: z.boolean(),
  status: z.enum(STATUSES),
  /** Error code for programs, such as `ECONNREFUSED` or `10014`. */
  code: z.string().optional(),
  summary: z.string(),
  startedAt: at,
  ms: z.number().min(0),
  reason: z.enum(REASONS).optional(),
  /** For a skip: id of the first check in the chain that failed, not of the direct prerequisite. */
  becauseOf: z.string().optional(),
  facts: z.array(factSchema),
});

const errorGroupSchema = z.strictObject({
  /** `ev.pushes:<platform>:<stage>:<code>`, `ev.callbacks:<platform>:<reason>` or `ev.model:model:<code>`. */
  id: z.string(),
  kind: z.enum(['push', 'callback', 'model']),
  platform: z.string(),
  stage: z.string(),
  code: z.string(),
  /** Class of a push or model error, or reason of a callback. */
  class: z.string(),
  count: z.int().min(1),
  /** Number of failures and successes of this platform and kind in the window. */
  attempted: z.int().min(1),
  chats: z.int().min(0),
  firstSeen: at,
  lastSeen: at,
  /** True if a later attempt of the same kind succeeded, or if the matching check is ok now. */
  recovered: z.boolean(),
  traceId: z.string().optional(),
});

const remedySchema = z.strictObject({
  text: z.string(),
  commands: z.array(z.string()),
  risk: z.enum(['safe', 'restart', 'config', 'credential']),
});

const verdictSchema = z.strictObject({
  id: z.string(),
  confidence: z.enum(CONFIDENCES),
  blame: blameSchema,
  layer: z.int().min(0).max(8),
  title: z.string(),
  impact: z.strictObject({
    text: z.string(),
    platform: z.string().optional(),
    failed: z.int().optional(),
    attempted: z.int().optional(),
    chats: z.int().optional(),
  }),
  evidence: z.array(evidenceSchema).min(1),
  explains: z.array(z.string()),
  onset: at.optional(),
  remedies: z.array(remedySchema).min(1),
  /** Command that proves the fix. */
  verify: z.string(),
  runbook: z.string(),
  /** Fact that distinguishes this cause from the next likely one. */
  discriminator: z.string().optional(),
});

const symptomSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(['check', 'errorGroup']),
  weight: z.number(),
  text: z.string(),
  onset: at.optional(),
  /** Advice for the code, if the bot has the code in its tables. */
  blame: blameSchema.optional(),
  hint: z.string().optional(),
});

export const reportSchema = z.strictObject({
  schemaVersion: z.literal(1),
  tool: z.strictObject({ version: z.string(), node: z.string(), where: z.string() }),
  startedAt: at,
  window: z.strictObject({ from: at, to: at }),
  outcome: z.enum(OUTCOMES),
  primary: verdictSchema.optional(),
  contributing: z.array(verdictSchema),
  /** Causes that are over, and causes that are possible but not shown by any fact. */
  alsoSeen: z.array(verdictSchema),
  unexplained: z.array(symptomSchema),
  ruledOut: z.array(z.string()),
  checks: z.array(checkResultSchema),
  errorGroups: z.array(errorGroupSchema),
  timeline: z.array(z.strictObject({ at, event: z.string(), ref: z.string() })),
  budget: z.strictObject({
    totalMs: z.number(),
    usedMs: z.number(),
    exhausted: z.boolean(),
    externalCalls: z.record(z.string(), z.int()),
  }),
  redaction: z.array(z.strictObject({ rule: z.string(), count: z.int() })),
});

export type Report = z.infer<typeof reportSchema>;
export type CheckResult = z.infer<typeof checkResultSchema>;
export type Fact = z.infer<typeof factSchema>;
export type EvidenceRef = z.infer<typeof evidenceSchema>;
export type ErrorGroup = z.infer<typeof errorGroupSchema>;
export type Verdict = z.infer<typeof verdictSchema>;
export type Symptom = z.infer<typeof symptomSchema>;
export type Blame = z.infer<typeof blameSchema>;
export type Remedy = z.infer<typeof remedySchema>;
export type Status = (typeof STATUSES)[number];
export type Outcome = (typeof OUTCOMES)[number];
export type Confidence = (typeof CONFIDENCES)[number];
export type Reason = (typeof REASONS)[number];
export type Layer = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** Maximum number of characters of a quote of collected data. */
export const QUOTE_LIMIT = 200;
