// Damages a request on the wire: bytes, headers, framing, encodings, request line.
import { gzipSync } from 'node:zlib';
import type { Random } from '../bot/platforms/random.ts';
import { toBytes, type Wire } from './wire.ts';

export type Mutation = (wire: Wire, random: Random) => Buffer;

const pick = <T>(random: Random, from: readonly T[]): T => from[random.int(from.length)] as T; // `from` is never empty

function change(wire: Wire, changes: Partial<Wire>): Buffer {
  return toBytes({ ...wire, ...changes });
}

function withHeader(wire: Wire, name: string, value: string): Buffer {
  const others = wire.headers.filter(([given]) => given !== name);
  return change(wire, { headers: [...others, [name, value]] });
}

function addHeader(wire: Wire, name: string, value: string): Buffer {
  return change(wire, { headers: [...wire.headers, [name, value]] });
}

function chunked(body: Buffer, size = body.length.toString(16)): Buffer {
  return Buffer.concat([Buffer.from(`${size}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]);
}

function spliced(bytes: Buffer, random: Random): Buffer {
  const [at, removed] = [random.int(bytes.length + 1), random.int(8)];
  return Buffer.concat([bytes.subarray(0, at), random.bytes(random.int(8)), bytes.subarray(at + removed)]);
}

const BOMB = gzipSync(Buffer.alloc(20_000_000, '['));
const LENGTHS = ['-1', '0', '1', '99', '18446744073709551616', '1e3', '0x10', '+5', '5, 5', 'NaN', '', ' '];
const ENCODINGS = ['chunked', ' chunked', 'Chunked', 'xchunked', 'identity', 'gzip, chunked', 'chunked, chunked', ''];
const TYPES = [
  'text/plain',
  'application/json; charset=utf-16',
  'application/json;;;=',
  'application/JSON; charset=x',
  '',
  '/',
];
const METHODS = ['GET', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'HEAD', 'PATCH', 'post', 'PRI', 'P\0ST', ''];
const VERSIONS = ['HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/1.1 ', 'http/1.1', ''];
const QUERIES = [
  '__proto__[polluted]=1',
  'signature[]=a&timestamp[]=b&nonce[]=c',
  'signature[a][b][c]=1&timestamp=1&nonce=1',
  '%00=%ff&%',
  'timestamp=NaN&nonce=%F0%9F&signature=',
  Array.from({ length: 2_000 }, (_, i) => `a${i}=1`).join('&'),
  'x'.repeat(9_000),
];
const TARGETS = [
  '*',
  '/',
  '//',
  '/feishu/verify/../../admin',
  '/feishu/verify%2f',
  '/FEISHU/VERIFY',
  '/feishu/%',
  'http://[::1',
  'x',
];

/** Mutations by name, which a finding contains. */
export const MUTATIONS: Record<string, Mutation> = {
  'a changed byte': (wire, random) => {
    const body = Buffer.from(wire.body);
    body[random.int(body.length)] = random.int(256);
    return change(wire, { body });
  },
  'replaced bytes of the body': (wire, random) => change(wire, { body: spliced(wire.body, random) }),
  'replaced bytes anywhere': (wire, random) => spliced(toBytes(wire), random),
  'a truncated request': (wire, random) => toBytes(wire).subarray(0, random.int(toBytes(wire).length)),
  'a truncated body with its actual length': (wire, random) =>
    change(wire, { body: wire.body.subarray(0, random.int(wire.body.length)) }),
  'another charset': (wire, random) =>
    change(wire, { body: Buffer.from(wire.body.toString(), pick(random, ['utf16le', 'latin1', 'base64'])) }),
  'a byte order mark': (wire) => change(wire, { body: Buffer.concat([Buffer.from('\ufeff'), wire.body]) }),
  'gzip, genuine': (wire) => change(withEncoding(wire, 'gzip'), { body: gzipSync(wire.body) }),
  'gzip, truncated': (wire) => change(withEncoding(wire, 'gzip'), { body: gzipSync(wire.body).subarray(0, 20) }),
  'gzip, 20 MB of brackets': (wire) => change(withEncoding(wire, 'gzip'), { body: BOMB }),
  'a wrong content encoding': (wire, random) =>
    change(withEncoding(wire, pick(random, ['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip', ''])), {}),
  'more than 1 MB': (wire) => change(wire, { body: Buffer.alloc(1_100_000, '[') }),
  'another length': (wire, random) => withHeader(wire, 'content-length', pick(random, LENGTHS)),
  'a length near the right one': (wire, random) =>
    withHeader(wire, 'content-length', String(wire.body.length + random.int(9) - 4)),
  'two lengths': (wire, random) =>
    change(wire, {
      headers: [
        ...wire.headers,
        ['content-length', String(wire.body.length)],
        ['content-length', pick(random, LENGTHS)],
      ],
    }),
  'chunked, genuine': (wire) => change(framed(wire, 'chunked'), { body: chunked(wire.body) }),
  'chunks of a wrong size': (wire, random) =>
    change(framed(wire, 'chunked'), {
      body: chunked(wire.body, pick(random, ['-1', 'fffffffffffffffff', '1', 'zz', ''])),
    }),
  'chunked and a length': (wire) =>
    change(framed(wire, 'chunked', ['content-length', '5']), { body: chunked(wire.body) }),
  'another transfer encoding': (wire, random) =>
    change(framed(wire, pick(random, ENCODINGS)), { body: chunked(wire.body) }),
  'chunked twice, in two headers': (wire) =>
    change(framed(wire, 'chunked', ['transfer-encoding', 'identity']), { body: chunked(wire.body) }),
  'a request inside the body': (wire) => change(framed(wire, 'chunked'), { body: chunked(toBytes(wire)) }),
  'two requests at once': (wire) => Buffer.concat([toBytes(wire), toBytes(wire)]),
  'a header twice': (wire, random) => addHeader(wire, ...pick(random, wire.headers)),
  'a header twice, the first one different': (wire, random) => {
    const [name] = pick(random, wire.headers);
    return change(wire, { headers: [[name, random.text(5).replaceAll(/[\r\n\0]/g, '')], ...wire.headers] });
  },
  'a missing header': (wire, random) => {
    const missing = pick(random, wire.headers);
    return change(wire, { headers: wire.headers.filter((header) => header !== missing) });
  },
  'a header with random bytes': (wire, random) =>
    withHeader(wire, pick(random, wire.headers)[0], random.bytes(random.int(40)).toString('latin1')),
  'a header value of another type': (wire, random) =>
    withHeader(
      wire,
      pick(random, wire.headers)[0],
      pick(random, ['NaN', '-1', '1e999', '[object Object]', '{}', 'a'.repeat(8_000)]),
    ),
  'a header of 20 kB': (wire, random) => addHeader(wire, 'x-long', 'x'.repeat(20_000 + random.int(9))),
  '3,000 headers': (wire) =>
    change(wire, { headers: [...wire.headers, ...Array.from({ length: 3_000 }, (): [string, string] => ['a', 'b'])] }),
  'a header named like a property of every object': (wire, random) =>
    addHeader(wire, pick(random, ['__proto__', 'constructor', 'toString']), 'x'),
  'an invalid header name': (wire, random) => addHeader(wire, pick(random, ['a b', 'é', '', 'x\n', 'a:b']), 'x'),
  'another content type': (wire, random) => withHeader(wire, 'content-type', pick(random, TYPES)),
  'headers about the connection': (wire, random) =>
    addHeader(
      wire,
      ...pick(random, [
        ['expect', '100-continue'],
        ['expect', 'the impossible'],
        ['upgrade', 'websocket'],
        ['connection', 'upgrade, host, x'],
        ['x-forwarded-for', '::1,,,%'],
        ['x-http-method-override', 'DELETE'],
        ['if-none-match', '*'],
        ['range', 'bytes=0-1'],
      ] as [string, string][]),
    ),
  'another method': (wire, random) => change(wire, { method: pick(random, METHODS) }),
  'another version': (wire, random) => change(wire, { version: pick(random, VERSIONS) }),
  'another path': (wire, random) => change(wire, { target: pick(random, TARGETS) }),
  'another query': (wire, random) =>
    change(wire, { target: `${wire.target}${pick(random, ['?', '&', '?&'])}${pick(random, QUERIES)}` }),
  'random bytes only': (_wire, random) => random.bytes(random.int(300)),
};

function framed(wire: Wire, encoding: string, ...more: Wire['headers']): Wire {
  return { ...wire, headers: [...wire.headers, ['transfer-encoding', encoding], ...more] };
}

function withEncoding(wire: Wire, encoding: string): Wire {
  return { ...wire, headers: [...wire.headers, ['content-encoding', encoding]] };
}
