// Stream mode's gateway: issues a ticket for subscriptions. A ticket opens one connection, within 90 s.
import express, { type Router } from 'express';
import { BoundedMap } from '../../common/bounded-map.ts';
import { randomId } from '../../common/ids.ts';
import { asRecord, asText } from '../../common/json-body.ts';
import type { LabCredentials } from '../../credentials.ts';
import type { FaultSet } from '../../faults.ts';
import { OpenApiError } from '../errors.ts';

const ticketLifeMs = 90_000;

/** Path at which connections are opened. */
export const streamPath = '/connect';

/** The issued tickets. */
export interface Tickets {
  /** Invalidates the ticket and returns its topics. Returns undefined if the ticket is unknown, used or expired. */
  redeem(ticket: string): readonly string[] | undefined;
  issue(topics: readonly string[]): string;
}

/** Creates the store of tickets. */
export function createTickets(now: () => number): Tickets {
  const issued = new BoundedMap<string, { topics: readonly string[]; until: number }>(1_000);
  return {
    issue(topics) {
      const ticket = randomId(32);
      issued.set(ticket, { topics, until: now() + ticketLifeMs });
      return ticket;
    },
    redeem(ticket) {
      const ticketFacts = issued.get(ticket);
      issued.delete(ticket);
      return ticketFacts !== undefined && ticketFacts.until > now() ? ticketFacts.topics : undefined;
    },
  };
}

/** Dependencies of the gateway. */
export interface GatewayDeps {
  app: LabCredentials['dingtalk'];
  faults: FaultSet;
  tickets: Tickets;
  isBusy(): boolean;
}

/** Builds the router for `/v1.0`. It needs no access token. */
export function createGateway({ app, faults, tickets, isBusy }: GatewayDeps): Router {
  const router = express.Router();
  router.post('/gateway/connections/open', express.json({ type: () => true }), (request, response) => {
    if (isBusy()) throw new OpenApiError('ServiceUnavailable', 'the gateway is overloaded');
    const { clientId, clientSecret, subscriptions } = asRecord(request.body);
    const known = clientId === app.appKey && clientSecret === app.appSecret;
    if (!known || faults.has('dingtalk-secret-rotated')) throw new OpenApiError('authFailed', '鉴权失败');
    const ticket = tickets.issue(readTopics(subscriptions));
    response.json({ endpoint: `ws://${request.get('host')}${streamPath}`, ticket });
  });
  return router;
}

function readTopics(subscriptions: unknown): string[] {
  const list: unknown[] = Array.isArray(subscriptions) ? subscriptions : [];
  if (list.length === 0) throw new OpenApiError('invalidParameter.subscriptions.empty', 'subscriptions is empty');
  return list.map((entry) => {
    const { type, topic } = asRecord(entry);
    const isEvents = type === 'EVENT' && topic === '*';
    const isCallback = type === 'CALLBACK' && asText(topic).startsWith('/v1.0/');
    if (isEvents || isCallback) return `${type} ${topic}`;
    throw new OpenApiError('invalidParameter.subscriptions', `no such subscription: ${type} ${topic}`);
  });
}
