// The bot's real HTTP client, which records its requests, with an optional shorter deadline.
import { createHttpClient, type HttpClient } from '../../../bot/http-client/http-client.ts';

export interface ObservedClient extends HttpClient {
  /** Paths of all requests without queries, in order. */
  paths: string[];
}

export function createObservedClient({ timeoutMs }: { timeoutMs?: number } = {}): ObservedClient {
  const http = createHttpClient();
  const paths: string[] = [];
  return {
    ...http,
    paths,
    request(request) {
      paths.push(new URL(request.url).pathname);
      return http.request(timeoutMs === undefined ? request : { ...request, timeoutMs });
    },
  };
}
