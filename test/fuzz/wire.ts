// Represents an HTTP request by parts that can be damaged separately, and serialises it.

export interface Wire {
  method: string;
  /** Path and query of the request line. */
  target: string;
  version: string;
  /** A name may occur twice. `toBytes` adds `content-length` unless the list contains it, or another framing. */
  headers: [name: string, value: string][];
  body: Buffer;
}

export function toBytes({ method, target, version, headers, body }: Wire): Buffer {
  const framed = headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name.trim()));
  const all = framed ? headers : [...headers, ['content-length', String(body.length)]];
  const lines = all.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  // Latin-1 keeps the bytes of header values unchanged.
  return Buffer.concat([Buffer.from(`${method} ${target} ${version}\r\n${lines}\r\n`, 'latin1'), body]);
}
