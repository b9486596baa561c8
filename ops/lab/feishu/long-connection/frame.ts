// Parses and writes `pbbp2.Frame`, the protobuf message of Feishu's long connection, and requires its required fields.

/** One frame. SeqID and LogID are passed through unchanged. */
export interface FeishuFrame {
  SeqID: bigint;
  LogID: bigint;
  service: number;
  /** 0 is control, 1 is data. */
  method: number;
  headers: Record<string, string>;
  payload: Buffer;
}

/** Parses a frame. Returns undefined if the bytes are no frame or a required field is missing. */
export function readFrame(bytes: Buffer): FeishuFrame | undefined {
  try {
    const fields = readFields(bytes);
    const required = [1, 2, 3, 4].map((id) => fields.find((field) => field.id === id)?.number);
    const [SeqID, LogID, service, method] = required;
    if (SeqID === undefined || LogID === undefined || service === undefined || method === undefined) return undefined;
    const headers = fields.filter((field) => field.id === 5).map((field) => readHeader(field.bytes));
    const payload = fields.find((field) => field.id === 8)?.bytes ?? Buffer.alloc(0);
    const numbers = { SeqID, LogID, service: Number(service), method: Number(method) };
    return { ...numbers, headers: Object.fromEntries(headers), payload };
  } catch {
    return undefined;
  }
}

/** Writes a frame. */
export function writeFrame(frame: FeishuFrame): Buffer {
  const headers = Object.entries(frame.headers).map(([key, value]) =>
    writeBytes(5, Buffer.concat([writeBytes(1, Buffer.from(key)), writeBytes(2, Buffer.from(value))])),
  );
  const numbers = [frame.SeqID, frame.LogID, BigInt(frame.service), BigInt(frame.method)];
  return Buffer.concat([
    ...numbers.flatMap((number, index) => [Buffer.from([(index + 1) << 3]), writeNumber(number)]),
    ...headers,
    writeBytes(8, frame.payload),
  ]);
}

interface Field {
  id: number;
  number: bigint | undefined;
  bytes: Buffer;
}

function readHeader(bytes: Buffer): [string, string] {
  const [key, value] = [1, 2].map((id) =>
    readFields(bytes)
      .find((field) => field.id === id)
      ?.bytes.toString('utf8'),
  );
  if (key === undefined || value === undefined) throw new Error('a header needs a key and a value');
  return [key, value];
}

function readFields(bytes: Buffer): Field[] {
  const found: Field[] = [];
  let rest = bytes;
  const number = (): bigint => {
    const length = rest.findIndex((byte) => byte < 128) + 1;
    if (length === 0 || length > 10) throw new Error('a number does not end');
    const digits = rest.subarray(0, length);
    rest = rest.subarray(length);
    return digits.reduceRight((sum, byte) => sum * 128n + BigInt(byte % 128), 0n);
  };
  while (rest.length > 0) {
    const tag = Number(number());
    const [id, type] = [tag >> 3, tag & 7];
    const value = number();
    if (type === 2) {
      const size = Number(value);
      if (size > rest.length) throw new Error('the frame ends early');
      found.push({ id, number: undefined, bytes: rest.subarray(0, size) });
      rest = rest.subarray(size);
    } else if (type === 0) found.push({ id, number: value, bytes: Buffer.alloc(0) });
    else throw new Error(`no field of a frame has the type ${type}`);
  }
  return found;
}

function writeBytes(id: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(id << 3) | 2]), writeNumber(BigInt(bytes.length)), bytes]);
}

function writeNumber(number: bigint): Buffer {
  const last = number < 128n;
  const byte = Buffer.from([Number(number % 128n) + (last ? 0 : 128)]);
  return last ? byte : Buffer.concat([byte, writeNumber(number / 128n)]);
}
