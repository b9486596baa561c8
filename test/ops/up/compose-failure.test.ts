// Explains the output of a failed `docker compose up`.

import { expect, test } from '@jest/globals';
import { explainComposeFailure } from '../../../ops/up/compose-failure.ts';

const UNREACHABLE = 'The images could not be pulled: their registry cannot be reached from here.';

const SERVICES = new Map([
  ['clawdbot', 'bot'],
  ['chatbot-mariadb-1', 'mariadb'],
  ['chatbot-elastic-setup-1', 'elastic-setup'],
  ['chatbot-node-exporter-1', 'node-exporter'],
]);
const explain = (lines: string[]) => explainComposeFailure(lines, (container) => SERVICES.get(container) ?? container);

test.each([
  [
    'Error response from daemon: Get "https://images.example/v2/": dial tcp: lookup images.example on 10.0.0.1:53: no such host',
    UNREACHABLE,
  ],
  [
    'Error response from daemon: Get "https://images.example/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
    UNREACHABLE,
  ],
  ['Error response from daemon: Get "https://images.example/v2/": net/http: TLS handshake timeout', UNREACHABLE],
  [
    'Error response from daemon: Get "https://images.example/v2/": dial tcp 192.0.2.1:443: connect: connection refused',
    UNREACHABLE,
  ],
  [
    'failed to solve: node:24-bookworm-slim: failed to resolve source metadata for images.example/library/node: failed to do request: Head "https://images.example": EOF',
    UNREACHABLE,
  ],
  [
    'Error response from daemon: toomanyrequests: You have reached your pull rate limit.',
    'The image registry rejects further downloads from this address for now (rate limit).',
  ],
  [
    'Error response from daemon: manifest for grafana/grafana:99 not found: manifest unknown: manifest unknown',
    'The image grafana/grafana:99 does not exist in its registry.',
  ],
  [
    'failed to resolve reference "images.example/caddy:99": images.example/caddy:99: not found',
    'The image images.example/caddy:99 does not exist in its registry.',
  ],
  ['failed to register layer: write /usr/lib/x.so: no space left on device', 'The disk is full.'],
  [
    'Error response from daemon: driver failed programming external connectivity on endpoint x: Bind for 0.0.0.0:443 failed: port is already allocated',
    'Port 443 is taken by another program.',
  ],
  [
    'Error starting userland proxy: listen tcp4 127.0.0.1:18789: bind: address already in use',
    'Port 18789 is taken by another program.',
  ],
  [
    'error while interpolating services.bot.environment.X: required variable MARIADB_PASSWORD is missing a value: is empty in .env',
    'MARIADB_PASSWORD has no value.',
  ],
  ["The command '/bin/sh -c npm ci' returned a non-zero code: 1", "The bot's image could not be built."],
  [
    'dependency failed to start: container chatbot-mariadb-1 is unhealthy',
    'The service mariadb did not become healthy.',
  ],
  ['container clawdbot is unhealthy', 'The service bot did not become healthy.'],
  ['container chatbot-elastic-setup-1 exited (1)', 'The service elastic-setup ended with code 1.'],
  ['something new', 'docker compose failed: something new'],
  ['', 'docker compose failed: no output'],
])('explains: %s', (output, sentence) => {
  expect(explain([' Container chatbot-bot-1  Starting', output]).sentence).toBe(sentence);
});

test('names the unhealthy service, and no service for a missing image', () => {
  expect(explain(['container chatbot-node-exporter-1 is unhealthy']).service).toBe('node-exporter');
  const { service, next } = explain(['Get "https://images.example/v2/": EOF']);
  expect({ service, offers: next.includes('PROFILE=embedded make up') }).toEqual({ service: undefined, offers: true });
});
