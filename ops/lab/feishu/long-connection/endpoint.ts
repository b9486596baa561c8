// Issues the address of an app's long connection. The address contains a ticket that opens one connection.
import express, { type Router } from 'express';
import { randomId } from '../../common/ids.ts';
import { asRecord } from '../../common/json-body.ts';
import type { LabCredentials } from '../../credentials.ts';
import type { FaultSet } from '../../faults.ts';

/** Path at which connections are opened. */
export const socketPath = '/ws/v2';

/** Service id in the address and in every frame. */
export const serviceId = 33_554_678;

/** The platform's codes and texts. All come with HTTP 200. */
const endpointErrors = {
  busy: { code: 1, msg: 'system busy' },
  secret: { code: 1000040345, msg: 'app_secret is invalid' },
  app: { code: 1000040346, msg: 'app_id is invalid' },
} as const;

/** Dependencies of the endpoint. */
export interface EndpointDeps {
  app: LabCredentials['feishu'];
  faults: FaultSet;
  /** The issued tickets. */
  tickets: Set<string>;
  isBusy(): boolean;
  /** Returns the platform's settings for the client, in seconds. */
  clientConfig(): Record<string, number>;
}

/** Builds the router. */
export function createEndpoint({ app, faults, tickets, isBusy, clientConfig }: EndpointDeps): Router {
  const router = express.Router();
  router.post('/callback/ws/endpoint', express.json({ type: () => true }), (request, response) => {
    const { AppID, AppSecret } = asRecord(request.body);
    const isKnown = AppSecret === app.appSecret && !faults.has('feishu-secret-revoked');
    const endpointError =
      (isBusy() && endpointErrors.busy) ||
      (AppID !== app.appId && endpointErrors.app) ||
      (!isKnown && endpointErrors.secret);
    if (endpointError) return void response.json({ ...endpointError, data: null });
    const ticket = randomId(32);
    tickets.add(ticket);
    const query = new URLSearchParams({ device_id: randomId(19), service_id: String(serviceId), ticket });
    const URL = `ws://${request.get('host')}${socketPath}?${query}`;
    response.json({ code: 0, msg: '', data: { URL, ClientConfig: clientConfig() } });
  });
  return router;
}
