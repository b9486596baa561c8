// Encodes and decodes frames of Feishu's long connection: the protobuf message `pbbp2.Frame`, without a library.

/** Values of `method`: `control` for pings and pongs, `data` for events. */
export const METHODS = { control: 0, data: 1 } as const;

export interface FeishuFrame {
  seqId: bigint;
  logId: bigint;
  service: number;
  method: number;
  headers: [key: string, value: string][];
  payloadEncoding?: string | undefined;
  payloadType?: string | undefined;
  payload?: Buffer | undefined;
  logIdNew?: string | undefined;
}

/** Field numbers of the message. */
const FIELD = {
  seqId: 1,
  logId: 2,
  service: 3,
  method: 4,
  headers: 5,
  payloadEncoding: 6,
  payloadType: 7,
  payload: 8,
  logIdNew: 9,
} as const;

/** Wire types: the low three bits of a tag. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** Decodes a frame. Throws a `RangeError` if the bytes are not a frame. */
export function decodeFrame(bytes: Buffer): FeishuFrame {
  const numbers = new Map<number, bigint>();
  const texts = new Map<number, Buffer>();
  const headers: FeishuFrame['headers'] = [];
  for (const { id, value } of fieldsOf(bytes)) {
    if (typeof value === 'bigint') numbers.set(id, value);
    else if (id === FIELD.headers) headers.push(decodeHeader(value));
    else texts.set(id, value);
  }
  const int32 = (id: number) => Number(BigInt.asIntN(32, numbers.get(id) ?? 0n));
  return {
    seqId: numbers.get(FIELD.seqId) ?? 0n,
    logId: numbers.get(FIELD.logId) ?? 0n,
    service: int32(FIELD.service),
    method: int32(FIELD.method),
    headers,
    payloadEncoding: texts.get(FIELD.payloadEncoding)?.toString('utf8'),
    payloadType: texts.get(FIELD.payloadType)?.toString('utf8'),
    payload: texts.get(FIELD.payload),
    logIdNew: texts.get(FIELD.logIdNew)?.toString('utf8'),
  };
}

export function encodeFrame(frame: FeishuFrame): Buffer {
  const headers = frame.headers.map(([key, value]) => Buffer.concat([bytesField(1, key), bytesField(2, value)]));
  const optional = (id: number, value: string | Buffer | undefined) =>
    value === undefined ? [] : [bytesField(id, value)];
  return Buffer.concat([
    varintField(FIELD.seqId, frame.seqId),
    varintField(FIELD.logId, frame.logId),
    varintField(FIELD.service, BigInt(frame.service)),
    varintField(FIELD.method, BigInt(frame.method)),
    ...headers.map((header) => bytesField(FIELD.headers, header)),
    ...optional(FIELD.payloadEncoding, frame.payloadEncoding),
    ...optional(FIELD.payloadType, frame.payloadType),
    ...optional(FIELD.payload, frame.payload),
    ...optional(FIELD.logIdNew, frame.logIdNew),
  ]);
}

function decodeHeader(bytes: Buffer): [string, string] {
  const header: [string, string] = ['', ''];
  for (const { id, value } of fieldsOf(bytes)) {
    if (id === 1) header[0] = value.toString();
    if (id === 2) header[1] = value.toString();
  }
  return header;
}

function* fieldsOf(bytes: Buffer): Generator<{ id: number; value: bigint | Buffer }> {
  let at = 0;
  const readBytes = (length: number): Buffer => {
    if (at + length > bytes.length) throw new RangeError('the frame is truncated');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = readBytes(1).readUInt8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new RangeError('a number in the frame is too long');
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const id = Math.floor(tag / 8);
    const type = tag % 8;
    if (type === VARINT) yield { id, value: varint() };
    else if (type === BYTES) yield { id, value: readBytes(Number(varint())) };
    else if (type === FIXED64) readBytes(8);
    else if (type === FIXED32) readBytes(4);
    else throw new RangeError(`the frame has a field of type ${type}`);
  }
}

function varintField(id: number, value: bigint): Buffer {
  return Buffer.concat([varint(BigInt(id * 8 + VARINT)), varint(BigInt.asUintN(64, value))]);
}

function bytesField(id: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string); // Buffer.from accepts both types, but has no signature for the union
  return Buffer.concat([varint(BigInt(id * 8 + BYTES)), varint(BigInt(bytes.length)), bytes]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}
