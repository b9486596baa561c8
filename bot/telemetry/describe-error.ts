// Turns anything thrown into the four ECS error fields; own properties of errors never get through, they hold headers and bodies.
import { types } from 'node:util';

export interface ErrorFields {
  'error.type': string;
  'error.message': string;
  'error.code'?: string;
  'error.stack_trace'?: string;
}

/** Causes followed before the chain is cut. */
const DEPTH = 5;

/** Also true for errors of another realm, such as a worker's. */
export const isError = (value: unknown): value is Error => value instanceof Error || types.isNativeError(value);

function chainOf(error: Error): Error[] {
  const chain: Error[] = [error];
  for (let next = error.cause; isError(next) && chain.length < DEPTH; next = next.cause) {
    if (chain.includes(next)) break;
    chain.push(next);
  }
  return chain;
}

/** Node leaves the message of a failed connection empty and puts one error per address beside it. */
function messageOf(error: Error): string {
  const { errors } = error as { errors?: unknown }; // present on an AggregateError
  if (!Array.isArray(errors)) return error.message;
  const parts = errors.slice(0, DEPTH).map((part) => (isError(part) ? part.message : String(part)));
  return [error.message, ...parts].filter((text) => text !== '').join('; ');
}

function codeOf(error: Error): string | undefined {
  const { code } = error as { code?: unknown }; // Node and most libraries put a word here; others have none
  return typeof code === 'string' || typeof code === 'number' ? String(code) : undefined;
}

/** ECS fields of an error; the messages and stacks of its causes are folded into the text. */
export function describeError(error: unknown): ErrorFields {
  if (!isError(error)) {
    const isText = typeof error === 'string' || typeof error === 'number';
    return { 'error.type': typeof error, 'error.message': isText ? String(error) : 'something that is not an error' };
  }
  const chain = chainOf(error);
  const code = chain.map(codeOf).find((found) => found !== undefined);
  const last = chain.at(-1)?.cause;
  const messages = [...chain.map(messageOf), ...(typeof last === 'string' ? [last] : [])];
  return {
    'error.type': error.name,
    'error.message': messages.filter((text) => text !== '').join(': '),
    ...(code === undefined ? {} : { 'error.code': code }),
    'error.stack_trace': chain.map(({ stack, message }) => stack ?? message).join('\nCaused by: '),
  };
}
