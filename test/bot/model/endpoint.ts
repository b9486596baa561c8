// Model endpoint with responses from the test, and a remote model that records its reports.
import type { RequestListener } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import type { InferenceReport } from '../../../bot/model/ask-endpoint.ts';
import type { Endpoint } from '../../../bot/model/call-endpoint.ts';
import type { Model } from '../../../bot/model/model.ts';
import { createRemoteModel, type RemoteModelOptions } from '../../../bot/model/remote-model.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { useLoopback } from '../http-client/loopback.ts';

interface ReceivedRequest {
  method: string | undefined;
  path: string | undefined;
  headers: Record<string, unknown>;
  body: unknown;
}

export interface TestEndpoint {
  baseUrl: string;
  asked: ReceivedRequest[];
  /** Open connections. */
  open: ReadonlySet<unknown>;
}

export interface ModelUnderTest extends Model {
  reports: InferenceReport[];
  /** Changes of the circuits, in order: kind of endpoint and number of open circuits. */
  circuits: string[];
}

interface ModelOptions extends Partial<RemoteModelOptions>, Partial<Pick<Endpoint, 'apiKey' | 'space'>> {
  /** Address of the first endpoint, and of the fallback if there are two. */
  baseUrls: string[];
}

export function useEndpoints() {
  const loopback = useLoopback();
  return {
    async endpoint(answer: RequestListener): Promise<TestEndpoint> {
      const asked: ReceivedRequest[] = [];
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

/** Returns server-sent events, one for each value. Strings are sent as they are. */
export function events(...data: unknown[]): string {
  return data.map((one) => `data: ${typeof one === 'string' ? one : JSON.stringify(one)}\n\n`).join('');
}

/** Returns a chunk with content. */
export function contentChunk(content: string): object {
  return { choices: [{ index: 0, delta: { content } }] };
}

/** Returns a chunk with a finish reason. */
export function finishChunk(finish_reason: string): object {
  return { choices: [{ index: 0, delta: {}, finish_reason }] };
}
