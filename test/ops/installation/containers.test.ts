// Parses the output of `docker compose ps --format json`.

import { expect, test } from '@jest/globals';
import { parseContainers } from '../../../ops/installation/containers.ts';

const line = (fields: object) =>
  JSON.stringify({
    Name: 'clawdbot',
    Service: 'bot',
    State: 'running',
    Status: 'Up 2 minutes (healthy)',
    Health: 'healthy',
    ExitCode: 0,
    ...fields,
  });

test.each([
  ['healthy', {}, true],
  ['running without a check', { Health: '' }, true],
  ['still starting', { Health: 'starting' }, false],
  ['unhealthy', { Health: 'unhealthy' }, false],
  ['a job that ended well', { State: 'exited', Health: '' }, true],
  ['a job that failed', { State: 'exited', Health: '', ExitCode: 1 }, false],
  ['restarting', { State: 'restarting', Health: '' }, false],
])('reports the health of a container: %s', (_, fields, healthy) => {
  expect(parseContainers(line(fields))).toMatchObject([{ healthy }]);
});

test('returns one container per line, with each published port once', () => {
  const publisher = { URL: '127.0.0.1', TargetPort: 18789, PublishedPort: 18789, Protocol: 'tcp' };
  const text = `${line({ Publishers: [publisher, publisher, { ...publisher, PublishedPort: 0 }] })}\n${line({ Name: 'chatbot-proxy-1', Service: 'proxy', Publishers: null })}\n`;
  const common = { status: 'Up 2 minutes (healthy)', healthy: true };
  expect(parseContainers(text)).toEqual([
    { name: 'clawdbot', service: 'bot', ports: '127.0.0.1:18789', ...common },
    { name: 'chatbot-proxy-1', service: 'proxy', ports: '', ...common },
  ]);
});

test('parses the array of an older Compose', () => {
  const both = [line({}), line({ Service: 'proxy' })].map((text): unknown => JSON.parse(text));
  expect(parseContainers(`${JSON.stringify(both)}\n`)).toMatchObject([{ service: 'bot' }, { service: 'proxy' }]);
  expect(parseContainers('[]\n')).toEqual([]);
});
