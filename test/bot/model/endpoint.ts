// A model endpoint that answers exactly what a test says, and a remote model whose reports are kept.
import type { RequestListener } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import type { InferenceReport } from '../../../bot/model/ask-endpoint.ts';
import type { Endpoint } from '../../../bot/model/call-endpoint.ts';
import type { Model } from '../../../bot/model/model.ts';
import { createRemoteModel, type RemoteModelOptions } from '../../../bot/model/remote-model.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { useLoopback } from '../http-client/loopback.ts';

interface Asked {
  method: string | undefined;
  path: string | undefined;
  headers: Record<string, unknown>;
  body: unknown;
}

export interface TestEndpoint {
  baseUrl: string;
  asked: Asked[];
  /** Connections that are open now. */
  open: ReadonlySet<unknown>;
}

export interface ModelUnderTest extends Model {
  reports: InferenceReport[];
  /** Circuits that opened and closed, in order. */
  circuits: string[];
}

interface ModelOptions extends Partial<RemoteModelOptions>, Partial<Pick<Endpoint, 'apiKey' | 'space'>> {
  /** The first and, if there are two, the one to fall back to. */
  baseUrls: string[];
}

export function useEndpoints() {
  const loopback = useLoopback();
  return {
    async endpoint(answer: RequestListener): Promise<TestEndpoint> {
      const asked: Asked[] = [];
      const { url, open } = await loopback.serve(async (request, response) => {
        const { method, url: path, headers } = request;
        asked.push({ method, path, headers, body: JSON.parse(await readText(request)) });
        answer(request, response);
      });
      return { baseUrl: `${url}/v1`, asked, open };
    },
    model({ baseUrls, apiKey, space, name = 'lab-model', ...options }: ModelOptions): ModelUnderTest {
      const reports: InferenceReport[] = [];
      const circuits: string[] = [];
      const [first, second] = baseUrls.map((baseUrl) => ({ baseUrl, model: name, apiKey, space }));
      const model = createRemoteModel({
        name,
        endpoints: [
          ...(first ? [{ ...first, id: 'primary' as const, label: 'first' }] : []),
          ...(second ? [{ ...second, id: 'fallback' as const, label: 'second' }] : []),
        ],
        tenantKeys: new Map(),
        timeoutMs: PATIENCE_MS,
        silenceMs: PATIENCE_MS,
        http: loopback.client(),
        report: (one) => reports.push(one),
        onCircuits: (id, open) => circuits.push(`${id} ${open}`),
        ...options,
      });
      return { ...model, reports, circuits };
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

/** A chunk that ends the answer. */
export function ends(finish_reason: string): object {
  return { choices: [{ index: 0, delta: {}, finish_reason }] };
}
