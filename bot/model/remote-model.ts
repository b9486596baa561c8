// Model that calls OpenAI-compatible endpoints: those of the installation, or that of a tenant.
import type { ModelEndpoint, TenantModel } from '../domain/inference.ts';
import { type AskOptions, createProtectedEndpoint, type ProtectedEndpoint } from './ask-endpoint.ts';
import type { Endpoint } from './call-endpoint.ts';
import { isWorthFallback } from './failures.ts';
import { type Model, ModelError, type ModelRequest } from './model.ts';

export interface RemoteModelOptions extends AskOptions {
  /** Default model name. */
  name: string;
  /** Endpoints of the installation, called in this order. */
  endpoints: Endpoint[];
  /** API keys of the endpoints of tenants, by host. */
  tenantKeys: ReadonlyMap<string, string>;
  /** Maximum time for one answer, all endpoints and retries together. */
  timeoutMs: number;
  /** Called with the number of open circuits of this kind of endpoint when it changes. */
  onCircuits: (id: ModelEndpoint, open: number) => void;
}

/** Creates the model. If a tenant has an endpoint, its questions go to no other endpoint. */
export function createRemoteModel(options: RemoteModelOptions): Model {
  const protectionOf = createProtectedEndpoints(options);
  return {
    name: options.name,
    kind: 'remote',
    async complete(request: ModelRequest) {
      const deadline = performance.now() + options.timeoutMs;
      let last: ModelError | undefined;
      for (const endpoint of route(options, request.tenant)) {
        if (last && performance.now() >= deadline) break;
        const result = await protectionOf(endpoint).ask(endpoint, request, deadline);
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
  // The fallback may offer other models. If it serves another default model, do not ask it for the model of the tenant.
  return endpoints.map((each) => (each.model === name ? { ...each, model, label: 'tenant' } : each));
}

function tenantEndpoint(address: string, model: string, keys: ReadonlyMap<string, string>): Endpoint {
  const apiKey = URL.canParse(address) ? keys.get(new URL(address).host) : undefined;
  return { id: 'tenant', label: 'tenant', baseUrl: address.replace(/\/+$/, ''), model, apiKey };
}

/** Keeps one circuit and one retry budget per address. Operators set the addresses, so their number is small. */
function createProtectedEndpoints(options: RemoteModelOptions): (endpoint: Endpoint) => ProtectedEndpoint {
  const known = new Map<string, ProtectedEndpoint>();
  const open: Partial<Record<ModelEndpoint, number>> = {};
  return ({ id, baseUrl }) => {
    const key = `${id} ${baseUrl}`;
    const protectedEndpoint =
      known.get(key) ??
      createProtectedEndpoint(options, (isOpen) => {
        const count = (open[id] ?? 0) + (isOpen ? 1 : -1);
        open[id] = count;
        options.onCircuits(id, count);
      });
    known.set(key, protectedEndpoint);
    return protectedEndpoint;
  };
}
