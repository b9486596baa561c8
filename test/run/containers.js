// Removes containers of test/stack. Their processes belong to the Docker Engine and carry no mark.

import { spawnSync } from 'node:child_process';

/** Name of the compose project in test/stack/compose.ts. */
const PROJECT = 'chatbot-stack-test';
const LIMIT_MS = 120_000;

function docker(...args) {
  return spawnSync('docker', args, { encoding: 'utf8', timeout: LIMIT_MS }).stdout ?? '';
}

/** Removes remaining containers of the tests, and returns their names. */
export function endContainers() {
  const list = docker(
    'ps',
    '--all',
    '--filter',
    `label=com.docker.compose.project=${PROJECT}`,
    '--format',
    '{{.Names}}',
  );
  const names = list.split('\n').filter(Boolean);
  if (names.length > 0) docker('rm', '--force', '--volumes', ...names);
  return names;
}
