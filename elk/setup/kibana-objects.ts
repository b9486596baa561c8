// Creates the data view and the saved search through Kibana's HTTP API. The ids are fixed, so it can be repeated.
import { setTimeout as sleep } from 'node:timers/promises';
import { DATA_VIEW, savedObjects } from '../kibana/saved-objects.ts';
import { SetupError } from './settings.ts';

export interface KibanaTarget {
  url: string;
  /** Password of the user elastic. */
  password: string;
}

export interface KibanaLimits {
  /** Milliseconds after which a host name that never resolved means that this profile has no Kibana. */
  absentMs: number;
  /** Milliseconds until an existing Kibana must be available. */
  deadlineMs: number;
  /** Milliseconds between two requests. */
  pauseMs: number;
}

export const KIBANA_LIMITS: KibanaLimits = { absentMs: 20_000, deadlineMs: 300_000, pauseMs: 2000 };

const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Returns `available`, or `absent` if the host name never resolved. Throws `SetupError` if Kibana is not ready in time.
 */
export async function waitForKibana(target: KibanaTarget, limits: KibanaLimits): Promise<'available' | 'absent'> {
  const start = performance.now();
  let existed = false;
  for (;;) {
    const state = await fetchState(target);
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

async function fetchState(target: KibanaTarget): Promise<string> {
  try {
    const response = await request(target, '/api/status', { method: 'GET' });
    if (response.status === 401) return 'it rejects the password of user elastic';
    const body: unknown = await response.json();
    return levelOf(body) ?? `status ${response.status}`;
  } catch (error) {
    return describeError(error);
  }
}

function levelOf(body: unknown): string | undefined {
  // Shape of Kibana's reduced status page. Any other body yields undefined.
  return (body as { status?: { overall?: { level?: string } } } | null)?.status?.overall?.level;
}

/** Returns the system's error code, if there is one. `fetch` reports "fetch failed" and keeps the reason in `cause`. */
function describeError(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { code?: string; message?: string } }; // shape of fetch's errors
  if (cause?.code === 'ENOTFOUND' || cause?.code === 'EAI_AGAIN') return 'no such host';
  return cause?.code ?? cause?.message ?? message ?? String(error);
}

/**
 * Creates the data view, makes it the default, and imports the saved search. Throws `SetupError` with Kibana's message.
 */
export async function putKibanaObjects(target: KibanaTarget): Promise<void> {
  await post(target, '/api/data_views/data_view', json({ override: true, data_view: DATA_VIEW }));
  await post(target, '/api/data_views/default', json({ data_view_id: DATA_VIEW.id, force: true }));
  const form = new FormData();
  form.append('file', new Blob([savedObjects()]), 'chatbot.ndjson');
  const result = await post(target, '/api/saved_objects/_import?overwrite=true', { body: form });
  // Kibana reports a failed import with status 200 and `success: false`, see
  // https://www.elastic.co/docs/api/doc/kibana/operation/operation-post-saved-objects-import (read 2026-11).
  if ((result as { success?: boolean }).success !== true) {
    throw new SetupError(`Kibana did not import the saved search: ${JSON.stringify(result)}`);
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
