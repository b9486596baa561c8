// Puts the data view and the saved search into Kibana by its HTTP interface. Fixed ids: safe to repeat.
import { setTimeout as sleep } from 'node:timers/promises';
import { DATA_VIEW, savedObjects } from '../kibana/saved-objects.ts';
import { SetupError } from './settings.ts';

export interface KibanaTarget {
  url: string;
  /** Password of the user elastic. */
  password: string;
}

export interface KibanaLimits {
  /** Milliseconds after which a name that never existed means: this profile has no Kibana. */
  absentMs: number;
  /** Milliseconds until a Kibana that exists must be available. */
  deadlineMs: number;
  pauseMs: number;
}

export const KIBANA_LIMITS: KibanaLimits = { absentMs: 20_000, deadlineMs: 300_000, pauseMs: 2000 };

const REQUEST_TIMEOUT_MS = 10_000;

/** `available`, or `absent` when no host of that name has ever existed. Throws `SetupError` when it does not get ready. */
export async function waitForKibana(target: KibanaTarget, limits: KibanaLimits): Promise<'available' | 'absent'> {
  const start = performance.now();
  let existed = false;
  for (;;) {
    const state = await askStatus(target);
    if (state === 'available') return 'available';
    existed ||= state !== 'no such host';
    const waited = performance.now() - start;
    if (!existed && waited >= limits.absentMs) return 'absent';
    if (waited >= limits.deadlineMs) {
      const seconds = Math.round(limits.deadlineMs / 1000);
      throw new SetupError(
        `Kibana was not available after ${seconds} s: ${state}. Look at: docker compose logs kibana`,
      );
    }
    await sleep(limits.pauseMs);
  }
}

async function askStatus(target: KibanaTarget): Promise<string> {
  try {
    const response = await request(target, '/api/status', { method: 'GET' });
    if (response.status === 401) return 'it refuses the password of user elastic';
    const body: unknown = await response.json();
    return levelOf(body) ?? `status ${response.status}`;
  } catch (error) {
    return describe(error);
  }
}

function levelOf(body: unknown): string | undefined {
  // Kibana's reduced status page, as documented; anything else reads as undefined.
  return (body as { status?: { overall?: { level?: string } } } | null)?.status?.overall?.level;
}

/** The system's code where there is one: fetch itself says "fetch failed" and hides the reason in its cause. */
function describe(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { code?: string; message?: string } }; // what fetch throws
  if (cause?.code === 'ENOTFOUND' || cause?.code === 'EAI_AGAIN') return 'no such host';
  return cause?.code ?? cause?.message ?? message ?? String(error);
}

/** Data view, default data view, saved search. Throws `SetupError` with Kibana's own words. */
export async function putKibanaObjects(target: KibanaTarget): Promise<void> {
  await post(target, '/api/data_views/data_view', json({ override: true, data_view: DATA_VIEW }));
  await post(target, '/api/data_views/default', json({ data_view_id: DATA_VIEW.id, force: true }));
  const form = new FormData();
  form.append('file', new Blob([savedObjects()]), 'chatbot.ndjson');
  const answer = await post(target, '/api/saved_objects/_import?overwrite=true', { body: form });
  // A refused import answers 200.
  if ((answer as { success?: boolean }).success !== true) {
    throw new SetupError(`Kibana did not import the saved search: ${JSON.stringify(answer)}`);
  }
}

function json(body: unknown): RequestInit {
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

async function post(target: KibanaTarget, path: string, init: RequestInit): Promise<unknown> {
  const response = await request(target, path, { method: 'POST', ...init });
  const text = await response.text();
  if (!response.ok) throw new SetupError(`Kibana answered ${response.status} to POST ${path}: ${text.slice(0, 500)}`);
  return JSON.parse(text);
}

function request({ url, password }: KibanaTarget, path: string, init: RequestInit): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`elastic:${password}`).toString('base64')}`;
  return fetch(new URL(path, url), {
    ...init,
    headers: { ...init.headers, authorization, 'kbn-xsrf': 'true' },
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
}
