// ECS fields for any thrown value.
import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { describeError } from '../../../bot/telemetry/describe-error.ts';
import { freePort } from '../../support/free-port.ts';

const stack = expect.any(String);
const cycle = new Error('round');
cycle.cause = cycle;

test.each<[string, unknown, object]>([
  ['an error', new TypeError('a'), { 'error.type': 'TypeError', 'error.message': 'a', 'error.stack_trace': stack }],
  [
    'causes, with the first code in the chain',
    new Error('a', { cause: Object.assign(new Error('b', { cause: 'c' }), { code: 'EPIPE' }) }),
    { 'error.type': 'Error', 'error.message': 'a: b: c', 'error.code': 'EPIPE', 'error.stack_trace': stack },
  ],
  [
    'a number as code',
    Object.assign(new Error('a'), { code: 40035 }),
    { 'error.type': 'Error', 'error.message': 'a', 'error.code': '40035', 'error.stack_trace': stack },
  ],
  ['a cycle of causes', cycle, { 'error.type': 'Error', 'error.message': 'round', 'error.stack_trace': stack }],
  [
    'several errors at once',
    new AggregateError([new Error('a'), 'b'], ''),
    { 'error.type': 'AggregateError', 'error.message': 'a; b', 'error.stack_trace': stack },
  ],
  ['a text', 'a', { 'error.type': 'string', 'error.message': 'a' }],
  ['an object', { password: 'x' }, { 'error.type': 'object', 'error.message': 'thrown value is not an Error' }],
  ['null', null, { 'error.type': 'object', 'error.message': 'thrown value is not an Error' }],
])('describes %s', (_name, error, expected) => expect(describeError(error)).toEqual(expected));

test('a refused connection has the code and the address of Node’s error', async () => {
  const port = await freePort();
  const error = await new Promise((resolve) => connect(port, '127.0.0.1').once('error', resolve));
  expect(describeError(error)).toMatchObject({
    'error.code': 'ECONNREFUSED',
    'error.message': expect.stringContaining(`127.0.0.1:${port}`),
  });
});
