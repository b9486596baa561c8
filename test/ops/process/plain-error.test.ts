// Converts errors of every shape to two strings.
import { expect, test } from '@jest/globals';
import { plainError } from '../../../ops/process/plain-error.ts';

const coded = (code: string, message: string) => Object.assign(new Error(message), { code });

test.each([
  ['a system error', coded('ECONNREFUSED', 'connect'), { code: 'ECONNREFUSED', message: 'connect' }],
  [
    'a cause below a wrapper',
    new TypeError('fetch failed', { cause: coded('ENOTFOUND', 'getaddrinfo') }),
    { code: 'ENOTFOUND', message: 'fetch failed' },
  ],
  [
    'a dual-stack connect, which has no message of its own',
    new AggregateError([coded('ECONNREFUSED', 'connect ::1'), coded('ECONNREFUSED', 'connect 127.0.0.1')]),
    { code: 'ECONNREFUSED', message: 'connect ::1' },
  ],
  ['an error without a code', new RangeError('too far'), { code: 'RangeError', message: 'too far' }],
  ['an error without code and message', new Error(''), { code: 'Error', message: 'no message' }],
  ['a value that is no error', 'a string', { code: 'UNKNOWN', message: 'a string' }],
])('converts %s', (_, error, expected) => {
  expect(plainError(error)).toEqual(expected);
});
