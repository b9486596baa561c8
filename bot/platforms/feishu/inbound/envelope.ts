// Parses the envelope of Feishu's events in schema 1.0 and 2.0.
// Both are documented at https://open.feishu.cn/document/server-docs/event-subscription-guide/overview (read 2026-11).
import { z } from 'zod';
import { id } from '../../shared/id.ts';

/** Envelope of schema 2.0. Schema 1.0 has neither `schema` nor `header`. */
const envelopeV2 = z.object({
  schema: z.literal('2.0'),
  header: z.object({ event_id: id, event_type: z.string(), token: z.string(), app_id: id, tenant_key: id }),
  event: z.unknown().optional(),
});

const envelopeV1 = z.object({
  uuid: id,
  token: z.string(),
  type: z.literal('event_callback'),
  event: z.looseObject({ type: z.string(), app_id: id, tenant_key: id }),
});

/** A parsed event of either schema. */
export interface FeishuEvent {
  token: string;
  appId: string;
  eventId: string;
  tenantKey: string;
  eventType: string;
  body: unknown;
}

/** Parses an event of either schema; returns undefined for other JSON. */
export function readEnvelope(json: unknown): FeishuEvent | undefined {
  const v2 = envelopeV2.safeParse(json);
  if (v2.success) {
    const { header, event } = v2.data;
    return {
      token: header.token,
      appId: header.app_id,
      eventId: header.event_id,
      tenantKey: header.tenant_key,
      eventType: header.event_type,
      body: event,
    };
  }
  const v1 = envelopeV1.safeParse(json);
  if (!v1.success) return undefined;
  const { uuid, token, event } = v1.data;
  return {
    token,
    appId: event.app_id,
    eventId: uuid,
    tenantKey: event.tenant_key,
    eventType: event.type,
    body: event,
  };
}
