// The fake Feishu's long connection: protobuf frames over WebSockets, each event to one connection, until acknowledged.
import type { WebSocket } from 'ws';
import type { CallbackAnswer } from '../../common/deliver.ts';
import { randomId } from '../../common/ids.ts';
import { asRecord, asText, parseRecord } from '../../common/json-body.ts';
import { createDeliveries } from '../../common/long-connections/deliveries.ts';
import { createSocketHost, type SocketHost } from '../../common/long-connections/socket-host.ts';
import { serviceId, socketPath } from './endpoint.ts';
import { type FeishuFrame, readFrame, writeFrame } from './frame.ts';

/** The long connection for tests. */
export interface FeishuLongConnection
  extends Pick<SocketHost<object>, 'clients' | 'opened' | 'isSilent' | 'rejectsHandshakes' | 'kick'> {
  /** True makes the endpoint reject every app as "system busy". */
  isBusy: boolean;
  /** Milliseconds in which a client must acknowledge. The platform's deadline is 3 s. */
  ackWithinMs: number;
  /** Milliseconds before an unacknowledged event is delivered again. */
  retryDelaysMs: number[];
  /** Seconds between the client's pings, as the platform requests. */
  pingIntervalSeconds: number;
  /** Size in bytes above which an event is split into several frames. */
  frameBytes: number;
  /** Texts of the clients' protocol errors. */
  readonly problems: readonly string[];
}

/** Dependencies of the long connection. */
export interface LongConnectionDeps {
  /** The issued tickets. */
  tickets: Set<string>;
  retryDelaysMs: readonly number[];
}

type OnAttempt = (answer: CallbackAnswer) => void;

/** Creates the long connection. `deliver` sends an event in its envelope. */
export function createLongConnection({ tickets, retryDelaysMs }: LongConnectionDeps) {
  const deliveries = createDeliveries();
  const problems: string[] = [];
  const host = createSocketHost<object>({
    path: socketPath,
    admit: (url) => (tickets.delete(url.searchParams.get('ticket') ?? '') ? {} : undefined),
    rejection: { status: 403, headers: { 'Handshake-Status': '514', 'Handshake-Msg': 'auth failed' } },
    onMessage: read,
  });

  function read(socket: WebSocket, data: Buffer): void {
    const frame = readFrame(data);
    if (frame?.service !== serviceId) {
      problems.push(frame === undefined ? 'a frame could not be read' : `the frame is for service ${frame.service}`);
      socket.close(1008);
    } else if (frame.method === 1) {
      const problem = problemWith(frame);
      if (problem !== undefined) problems.push(problem);
      else deliveries.acknowledge(frame.headers.message_id ?? '', readCode(frame));
    } else if (frame.headers.type === 'ping') {
      const payload = Buffer.from(JSON.stringify(clientConfig()));
      socket.send(writeFrame({ ...frame, headers: { type: 'pong' }, payload }));
    } else problems.push(`a control frame has the type ${frame.headers.type}`);
  }

  const longConnection: FeishuLongConnection = Object.assign(host, {
    isBusy: false,
    ackWithinMs: 3_000,
    retryDelaysMs: [...retryDelaysMs],
    pingIntervalSeconds: 120,
    frameBytes: 100_000,
    problems,
  });
  const clientConfig = () => ({
    ReconnectCount: 3,
    ReconnectInterval: 120,
    ReconnectNonce: 30,
    PingInterval: longConnection.pingIntervalSeconds,
  });

  return {
    longConnection,
    clientConfig,
    upgrade: host.upgrade,
    isInUse: () => host.opened > 0,
    deliver: (event: object, onAttempt?: OnAttempt): Promise<CallbackAnswer> =>
      deliveries.deliver({
        newId: () => randomId(32),
        send: (id) => host.sendToOne(framesOf(event, id, longConnection.frameBytes)),
        ackWithinMs: longConnection.ackWithinMs,
        retryDelaysMs: longConnection.retryDelaysMs,
        onAttempt,
      }),
    stop() {
      deliveries.stop();
      host.kick();
    },
  };
}

/** Returns the problem of an acknowledgement, which must be the delivered frame with another payload. */
function problemWith({ headers }: FeishuFrame): string | undefined {
  const missing = ['message_id', 'sum', 'seq', 'trace_id', 'type'].filter((key) => headers[key] === undefined);
  return missing.length === 0 ? undefined : `the answer to an event lacks the headers ${missing.join(', ')}`;
}

function readCode({ payload }: FeishuFrame): { status: number; body: string } {
  const { code, data } = asRecord(parseRecord(payload.toString('utf8')));
  return { status: typeof code === 'number' ? code : 0, body: Buffer.from(asText(data), 'base64').toString('utf8') };
}

function framesOf(event: object, messageId: string, frameBytes: number): Buffer[] {
  const bytes = Buffer.from(JSON.stringify(event));
  const sum = Math.ceil(bytes.length / frameBytes);
  return Array.from({ length: sum }, (_, seq) =>
    writeFrame({
      SeqID: 0n,
      LogID: BigInt(`0x${randomId(16)}`),
      service: serviceId,
      method: 1,
      headers: { type: 'event', message_id: messageId, sum: String(sum), seq: String(seq), trace_id: randomId(32) },
      payload: bytes.subarray(seq * frameBytes, (seq + 1) * frameBytes),
    }),
  );
}
