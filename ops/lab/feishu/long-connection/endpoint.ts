// Where an app asks for the address of its long connection. The address holds a ticket that opens one connection.
import express, { type Router } from 'express';
import { randomId } from '../../common/ids.ts';
import { asRecord } from '../../common/json-body.ts';
import type { LabCredentials } from '../../credentials.ts';
import type { FaultSet } from '../../faults.ts';

/** Where connections are opened. */
export const socketPath = '/ws/v2';

/** Named in the address and in every frame. */
export const serviceId = 33_554_678;

/** The platform's own words and codes; all come with HTTP 200. */
const refusals = {
  busy: { code: 1, msg: 'system busy' },
  secret: { code: 1000040345, msg: 'app_secret is invalid' },
  app: { code: 1000040346, msg: 'app_id is invalid' },
} as const;

/** What the endpoint needs. */
export interface EndpointDeps {
  app: LabCredentials['feishu'];
  faults: FaultSet;
  /** Those that are out. */
  tickets: Set<string>;
  isBusy(): boolean;
  /** How the client is to behave, in the platform's words; seconds. */
  clientConfig(): Record<string, number>;
}

/** Builds the router. */
export function createEndpoint({ app, faults, tickets, isBusy, clientConfig }: EndpointDeps): Router {
  const router = express.Router();
  router.post('/callback/ws/endpoint', express.json({ type: () => true }), (request, response) => {
    const { AppID, AppSecret } = asRecord(request.body);
    const isKnown = AppSecret === app.appSecret && !faults.has('feishu-secret-revoked');
    const refusal =
      (isBusy() && refusals.busy) || (AppID !== app.appId && refusals.app) || (!isKnown && refusals.secret);
    if (refusal) return void response.json({ ...refusal, data: null });
    const ticket = randomId(32);
    tickets.add(ticket);
    const query = new URLSearchParams({ device_id: randomId(19), service_id: String(serviceId), ticket });
    const URL = `ws://${request.get('host')}${socketPath}?${query}`;
    response.json({ code: 0, msg: '', data: { URL, ClientConfig: clientConfig() } });
  });
  return router;
}
