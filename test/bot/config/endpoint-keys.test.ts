// Tests the keys of tenants' endpoints: they are parsed by host, and an invalid entry prevents the start of the bot.
import { expect, test } from '@jest/globals';
import { endpointKeys } from '../../../bot/config/endpoint-keys.ts';
import { loadSettings } from '../../../bot/config/load-settings.ts';
import { folderWith } from './folder.ts';

test.each([
  { list: undefined, keys: {} },
  { list: 'a.example=sk-a', keys: { 'a.example': 'sk-a' } },
  {
    list: 'a.example=Bearer sk-a,b.example=bearer  sk-b',
    keys: { 'a.example': 'sk-a', 'b.example': 'sk-b' },
  },
  {
    list: ' A.example = sk-a , 10.0.0.7:8000=sk=b==,',
    keys: { '10.0.0.7:8000': 'sk=b==' },
  },
  { list: 'A.example=sk-a,B.example=sk-b', keys: { 'a.example': 'sk-a', 'b.example': 'sk-b' } },
  {
    list: '例子.cn=sk-a,a.example:443=sk-b,b.example:80=sk-c,[::1]:8000=sk-d',
    keys: { 'xn--fsqu00a.cn': 'sk-a', 'a.example': 'sk-b', 'b.example': 'sk-c', '[::1]:8000': 'sk-d' },
  },
])('$list', ({ list, keys }) => {
  expect(Object.fromEntries(endpointKeys(list))).toEqual(keys);
});

const load = (keys: string) => loadSettings({ env: { MODEL_ENDPOINT_KEYS: keys }, dir: folderWith({}) });

test.each([
  'sk-alone',
  'a.example=',
  '=sk-a',
  'https://a.example/v1=sk-a',
  'a.example=sk-a,sk-b',
  'a.example=sk-a;b.example=sk-b',
])('rejects %j without showing it', (keys) => {
  expect(() => load(keys)).toThrow(/MODEL_ENDPOINT_KEYS.*not host=key.*Write each entry as host=key/);
  expect(() => load(keys)).not.toThrow(/sk-/);
});

test('accepts valid keys', () => {
  expect(() => load('a.example=sk-a, b.example:8000=sk-b')).not.toThrow();
});
