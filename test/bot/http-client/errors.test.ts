// Classification of system codes, and the target in errors.
import { describe, expect, test } from '@jest/globals';
import {
  type HttpClientErrorKind,
  kindOfCode,
  type RequestStage,
  systemCode,
  targetOf,
} from '../../../bot/http-client/errors.ts';

test.each<[string, RequestStage, HttpClientErrorKind]>([
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
])('%s while %s has the kind %s', (code, stage, kind) => {
  expect(kindOfCode(code, stage)).toBe(kind);
});

describe('systemCode returns', () => {
  const connectError = Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });

  test.each<{ name: string; error: unknown; code: string | undefined }>([
    { name: 'the code of the error', error: connectError, code: 'ECONNREFUSED' },
    {
      name: 'the code of its cause',
      error: new Error('failed', { cause: new Error('failed', { cause: connectError }) }),
      code: 'ECONNREFUSED',
    },
    {
      name: 'the code of the first address that was tried',
      error: new AggregateError([connectError, new Error('other')]),
      code: 'ECONNREFUSED',
    },
    { name: 'nothing for a number', error: Object.assign(new Error('x'), { code: 7 }), code: undefined },
    {
      name: 'the code of the cause if its own is empty',
      error: { code: '', cause: connectError },
      code: 'ECONNREFUSED',
    },
    { name: 'nothing for a value that is no error', error: 'text', code: undefined },
  ])('$name', ({ error, code }) => {
    expect(systemCode(error)).toBe(code);
  });
});

test.each([
  ['https://open.feishu.cn/hook/s3cret', 'open.feishu.cn:443'],
  ['http://user:s3cret@proxy', 'proxy:80'],
  ['http://[::1]:8080/?s3cret', '[::1]:8080'],
])('the target of %s is %s', (url, target) => {
  expect(targetOf(new URL(url))).toBe(target);
});
