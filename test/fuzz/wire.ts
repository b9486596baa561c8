// One HTTP request in parts that can be damaged one by one, and its bytes.

export interface Wire {
  method: string;
  /** Path and query as they stand in the first line. */
  target: string;
  version: string;
  /** A name may stand there twice. `content-length` is added by `toBytes` unless it, or another framing, is here. */
  headers: [name: string, value: string][];
  body: Buffer;
}

export function toBytes({ method, target, version, headers, body }: Wire): Buffer {
  const framed = headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name.trim()));
  const all = framed ? headers : [...headers, ['content-length', String(body.length)]];
  const lines = all.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  // Latin-1: what stands in a header goes out byte by byte.
  return Buffer.concat([Buffer.from(`${method} ${target} ${version}\r\n${lines}\r\n`, 'latin1'), body]);
}
