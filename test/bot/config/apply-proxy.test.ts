// Tests that proxy settings of files are copied to the environment, and that proxies of the environment stay.
import { expect, test } from '@jest/globals';
import { applyProxy } from '../../../bot/config/apply-proxy.ts';
import { loadSettings } from '../../../bot/config/load-settings.ts';

const settings = loadSettings({
  env: { HTTPS_PROXY: 'http://user:word@proxy:3128', NO_PROXY: 'models.example.org' },
  dir: '/nonexistent',
});

test.each([
  ['an empty environment', {}, { HTTPS_PROXY: 'http://user:word@proxy:3128', NO_PROXY: 'models.example.org' }],
  [
    'a proxy of its own',
    { HTTPS_PROXY: 'http://other:1' },
    { HTTPS_PROXY: 'http://other:1', NO_PROXY: 'models.example.org' },
  ],
  [
    'one in lower case',
    { https_proxy: 'http://other:1', no_proxy: '*' },
    { https_proxy: 'http://other:1', no_proxy: '*' },
  ],
  [
    'a list as Windows writes it',
    { HTTPS_PROXY: 'other:1', NO_PROXY: ' http://a.example/；*.b.example;10.0.0.0/8 ' },
    { HTTPS_PROXY: 'http://other:1', NO_PROXY: 'a.example,*.b.example,10.0.0.0/8' },
  ],
])('%s', (_name, env, expected) => {
  const changed: NodeJS.ProcessEnv = { ...env };
  applyProxy(settings, changed);
  expect(changed).toEqual(expected);
});
