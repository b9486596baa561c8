// Creates a self-signed certificate for localhost and platform.invalid, so that the repository contains no key.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Agents, createAgents } from '../../../bot/http-client/agents.ts';
import { spawnMarkedSync } from '../../support/spawn-marked.ts';

export interface Certificate {
  key: string;
  cert: string;
}

/** Creates a key and a certificate with openssl. Throws if openssl fails. */
export function makeCertificate(): Certificate {
  const dir = mkdtempSync(join(tmpdir(), 'certificate-'));
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const subject = [
    '-subj',
    '/CN=loopback',
    '-addext',
    'subjectAltName=DNS:localhost,DNS:platform.invalid',
    '-days',
    '1',
  ];
  try {
    const made = spawnMarkedSync('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', cert]);
    if (made.status !== 0) throw new Error(`openssl: ${made.error?.message ?? made.stderr}`);
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Returns the bot's agents, whose connections also trust `certificate`. */
export function createTrustingAgents({ cert }: Certificate): Agents {
  const agents = createAgents();
  return {
    for(url) {
      const route = agents.for(url);
      const { options } = route.agent as unknown as { options: object }; // not in the published types of node:http
      Object.assign(options, { ca: cert });
      return route;
    },
    close: () => agents.close(),
  };
}
