// A model endpoint that answers exactly what a test says, and a remote model whose reports are kept.
import type { RequestListener } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import type { Model } from '../../../bot/model/model.ts';
import { createRemoteModel, type InferenceReport, type RemoteModelOptions } from '../../../bot/model/remote-model.ts';
import { useLoopback } from '../outgoing/loopback.ts';

interface Asked {
  method: string | undefined;
  path: string | undefined;
  headers: Record<string, unknown>;
  body: unknown;
}

export interface Endpoint {
  baseUrl: string;
  asked: Asked[];
}

export interface ModelUnderTest extends Model {
  reports: InferenceReport[];
}

export function useEndpoints() {
  const loopback = useLoopback();
  return {
    async endpoint(answer: RequestListener): Promise<Endpoint> {
      const asked: Asked[] = [];
      const { url } = await loopback.serve(async (request, response) => {
        const { method, url: path, headers } = request;
        asked.push({ method, path, headers, body: JSON.parse(await readText(request)) });
        answer(request, response);
      });
      return { baseUrl: `${url}/v1`, asked };
    },
    model(options: Partial<RemoteModelOptions> & { baseUrls: string[] }): ModelUnderTest {
      const reports: InferenceReport[] = [];
      const http = loopback.client();
      const report = (one: InferenceReport) => reports.push(one);
      const model = createRemoteModel({ name: 'lab-model', timeoutMs: 5_000, http, report, ...options });
      return { ...model, reports };
    },
  };
}

/** Server-sent events, one for each value; strings go out as they are. */
export function events(...data: unknown[]): string {
  return data.map((one) => `data: ${typeof one === 'string' ? one : JSON.stringify(one)}\n\n`).join('');
}

/** A chunk that says `content`. */
export function says(content: string): object {
  return { choices: [{ index: 0, delta: { content } }] };
}
