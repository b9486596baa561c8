// A model behind OpenAI-compatible endpoints: the installation's own with a second one to fall back to, or a tenant's.
import type { ModelEndpoint, TenantModel } from '../domain/inference.ts';
import { type AskedEndpoint, type AskOptions, createAskedEndpoint } from './ask-endpoint.ts';
import type { Endpoint } from './call-endpoint.ts';
import { isWorthFallback } from './failures.ts';
import { type Model, ModelError, type ModelRequest } from './model.ts';

export interface RemoteModelOptions extends AskOptions {
  /** Model that is asked where nothing else is said. */
  name: string;
  /** Tried in this order. */
  endpoints: Endpoint[];
  /** Keys of tenants' endpoints, by host. */
  tenantKeys: ReadonlyMap<string, string>;
  /** For one answer, all endpoints and retries together. */
  timeoutMs: number;
  /** How many circuits of this kind are open now. */
  onCircuits: (id: ModelEndpoint, open: number) => void;
}

/** A tenant's endpoint is asked alone: what is meant for it goes nowhere else. */
export function createRemoteModel(options: RemoteModelOptions): Model {
  const askedOf = createAskedEndpoints(options);
  return {
    name: options.name,
    kind: 'remote',
    async complete(request: ModelRequest) {
      const deadline = performance.now() + options.timeoutMs;
      let last: ModelError | undefined;
      for (const endpoint of route(options, request.tenant)) {
        if (last && performance.now() >= deadline) break;
        const result = await askedOf(endpoint).ask(endpoint, request, deadline);
        if (!(result instanceof ModelError)) return result;
        last = result;
        if (!isWorthFallback(result)) break;
      }
      throw last ?? new ModelError('network', 'NO_ENDPOINT', 'No model endpoint is set: set MODEL_BASE_URL.');
    },
  };
}

function route({ name, endpoints, tenantKeys }: RemoteModelOptions, tenant: TenantModel = {}): Endpoint[] {
  const { endpoint, name: model } = tenant;
  if (endpoint !== undefined) return [tenantEndpoint(endpoint, model ?? name, tenantKeys)];
  if (model === undefined) return endpoints;
  // The second endpoint may have other models: only where it is asked for the same one is the tenant's known there.
  return endpoints.map((each) => (each.model === name ? { ...each, model, label: 'tenant' } : each));
}

function tenantEndpoint(address: string, model: string, keys: ReadonlyMap<string, string>): Endpoint {
  const apiKey = URL.canParse(address) ? keys.get(new URL(address).host) : undefined;
  return { id: 'tenant', label: 'tenant', baseUrl: address.replace(/\/+$/, ''), model, apiKey };
}

/** One memory for each address: circuit and retry budget. There are as many as operators have set. */
function createAskedEndpoints(options: RemoteModelOptions): (endpoint: Endpoint) => AskedEndpoint {
  const known = new Map<string, AskedEndpoint>();
  const open: Partial<Record<ModelEndpoint, number>> = {};
  return ({ id, baseUrl }) => {
    const key = `${id} ${baseUrl}`;
    const asked =
      known.get(key) ??
      createAskedEndpoint(options, (isOpen) => {
        const count = (open[id] ?? 0) + (isOpen ? 1 : -1);
        open[id] = count;
        options.onCircuits(id, count);
      });
    known.set(key, asked);
    return asked;
  };
}
