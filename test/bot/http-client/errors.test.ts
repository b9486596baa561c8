// System codes and what they are called.
import { describe, expect, test } from '@jest/globals';
import {
  kindOfCode,
  type OutgoingErrorKind,
  type Stage,
  systemCode,
  targetOf,
} from '../../../bot/http-client/errors.ts';

test.each<[string, Stage, OutgoingErrorKind]>([
  ['ENOTFOUND', 'connecting', 'dns'],
  ['EAI_AGAIN', 'connecting', 'dns'],
  ['ECONNREFUSED', 'connecting', 'connect'],
  ['EHOSTUNREACH', 'connecting', 'connect'],
  ['ETIMEDOUT', 'connecting', 'connect'],
  ['ECONNRESET', 'connecting', 'connect'],
  ['ECONNRESET', 'securing', 'tls'],
  ['CERT_HAS_EXPIRED', 'securing', 'tls'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'securing', 'tls'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'connected', 'tls'],
  ['ECONNRESET', 'connected', 'reset'],
  ['EPIPE', 'connected', 'reset'],
  ['UNKNOWN', 'connected', 'reset'],
])('%s while %s is %s', (code, stage, kind) => {
  expect(kindOfCode(code, stage)).toBe(kind);
});

describe('the code of an error', () => {
  const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });

  test.each<{ name: string; error: unknown; code: string | undefined }>([
    { name: 'its own', error: refused, code: 'ECONNREFUSED' },
    {
      name: 'of its cause',
      error: new Error('failed', { cause: new Error('failed', { cause: refused }) }),
      code: 'ECONNREFUSED',
    },
    {
      name: 'of the first address that was tried',
      error: new AggregateError([refused, new Error('other')]),
      code: 'ECONNREFUSED',
    },
    { name: 'a number is none', error: Object.assign(new Error('x'), { code: 7 }), code: undefined },
    { name: 'an empty one is none', error: { code: '', cause: refused }, code: 'ECONNREFUSED' },
    { name: 'no error at all', error: 'text', code: undefined },
  ])('$name', ({ error, code }) => {
    expect(systemCode(error)).toBe(code);
  });
});

test.each([
  ['https://open.feishu.cn/hook/s3cret', 'open.feishu.cn:443'],
  ['http://user:s3cret@proxy', 'proxy:80'],
  ['http://[::1]:8080/?s3cret', '[::1]:8080'],
])('of %s only %s is told', (url, target) => {
  expect(targetOf(new URL(url))).toBe(target);
});
