// The fake DingTalk's Stream mode: JSON frames over WebSockets, each delivery to one connection, until acknowledged.
import { setTimeout as wait } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import type { CallbackAnswer } from '../../common/deliver.ts';
import { randomId } from '../../common/ids.ts';
import { createDeliveries } from '../../common/long-connections/deliveries.ts';
import { createSocketHost, type SocketHost } from '../../common/long-connections/socket-host.ts';
import { readAnswer } from './answer.ts';
import { streamPath, type Tickets } from './gateway.ts';

const robotTopic = '/v1.0/im/bot/messages/get';

interface Client {
  topics: readonly string[];
  /** True after the announcement that the connection will be closed. It gets no more deliveries. */
  isRetired: boolean;
  /** Message id and data of the unanswered ping. */
  ping?: { id: string; data: string } | undefined;
}

/** Stream mode for tests. */
export interface DingtalkStream
  extends Pick<SocketHost<Client>, 'clients' | 'opened' | 'isSilent' | 'rejectsHandshakes' | 'kick'> {
  /** True makes the gateway reject every app with 503. */
  isBusy: boolean;
  ackWithinMs: number;
  /** Milliseconds before an unacknowledged delivery is repeated; observed are 5 s to a minute. */
  retryDelaysMs: number[];
  /** Sends a `ping` frame on every connection, and closes each connection that has not answered the previous one. */
  pingAll(): void;
  /** Announces to every connection that it will be closed, stops deliveries to it, and closes it after 10 s. */
  announceDisconnect(closeAfterMs?: number): void;
  /** Delivers an event to which the app has subscribed in the console. */
  sendEvent(eventType: string, payload?: object): Promise<CallbackAnswer>;
  /** Texts of the clients' protocol errors. */
  readonly problems: readonly string[];
}

type OnAttempt = (answer: CallbackAnswer) => void;

/** Creates the stream. `deliver` sends the body of a robot message. */
export function createStream({ corpId, tickets, now }: { corpId: string; tickets: Tickets; now(): number }) {
  const deliveries = createDeliveries();
  const problems: string[] = [];
  const host = createSocketHost<Client>({
    path: streamPath,
    admit(url) {
      const topics = tickets.redeem(url.searchParams.get('ticket') ?? '');
      return topics && { topics, isRetired: false };
    },
    rejection: { status: 401 },
    onMessage: (socket, data, client) => read(socket, data, client),
  });

  function frame(type: string, headers: object, data: string): string {
    const common = { contentType: 'application/json', time: String(now()) };
    return JSON.stringify({ specVersion: '1.0', type, headers: { ...common, ...headers }, data });
  }

  function read(socket: WebSocket, data: Buffer, client: Client): void {
    const answer = readAnswer(data);
    if (typeof answer === 'string') {
      problems.push(answer);
      socket.close(1008);
    } else if (client.ping?.id !== answer.id) {
      deliveries.acknowledge(answer.id, answer);
    } else if (client.ping.data === answer.body) {
      client.ping = undefined;
    } else problems.push('the answer to a ping does not carry its data');
  }

  function deliver(
    type: 'CALLBACK' | 'EVENT',
    headers: { topic: string },
    options: { body: object; onAttempt?: OnAttempt },
  ) {
    const accepts = ({ topics, isRetired }: Client) => !isRetired && topics.includes(`${type} ${headers.topic}`);
    return deliveries.deliver({
      newId: () => randomId(32),
      send: (messageId) =>
        host.sendToOne([frame(type, { ...headers, messageId }, JSON.stringify(options.body))], accepts),
      ackWithinMs: stream.ackWithinMs,
      retryDelaysMs: stream.retryDelaysMs,
      onAttempt: options.onAttempt,
    });
  }

  const stream: DingtalkStream = Object.assign(host, {
    isBusy: false,
    ackWithinMs: 5_000,
    retryDelaysMs: [5_000, 15_000, 60_000],
    problems,
    pingAll() {
      for (const [socket, client] of host.clients) {
        if (client.ping !== undefined) socket.close(1001);
        client.ping = { id: randomId(32), data: JSON.stringify({ opaque: randomId(16) }) };
        if (!host.isSilent)
          socket.send(frame('SYSTEM', { topic: 'ping', messageId: client.ping.id }, client.ping.data));
      }
    },
    announceDisconnect(closeAfterMs = 10_000) {
      for (const [socket, client] of host.clients) {
        client.isRetired = true;
        socket.send(frame('SYSTEM', { topic: 'disconnect' }, JSON.stringify({ reason: 'connection is expired' })));
        void wait(closeAfterMs, undefined, { ref: false }).then(() => socket.close());
      }
    },
    sendEvent: (eventType: string, payload: object = {}) => {
      const ids = { eventType, eventId: randomId(32), eventCorpId: corpId, eventBornTime: String(now()) };
      return deliver('EVENT', { topic: '*', ...ids }, { body: payload });
    },
  });
  const pings = setInterval(stream.pingAll, pingEveryMs).unref();

  return {
    stream,
    upgrade: host.upgrade,
    isInUse: () => host.opened > 0,
    deliver: (body: object, onAttempt: OnAttempt) => deliver('CALLBACK', { topic: robotTopic }, { body, onAttempt }),
    stop() {
      clearInterval(pings);
      deliveries.stop();
      host.kick();
    },
  };
}

const pingEveryMs = 30_000;
