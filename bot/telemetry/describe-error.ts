// Converts a thrown value to the ECS error fields. Drops other properties, because they may contain headers and bodies.
import { types } from 'node:util';

export interface ErrorFields {
  'error.type': string;
  'error.message': string;
  'error.code'?: string;
  'error.stack_trace'?: string;
}

/** Maximum number of errors in a chain of causes. */
const DEPTH = 5;

/** Returns true for errors, including those of another realm, for which `instanceof` is false. */
export const isError = (value: unknown): value is Error => value instanceof Error || types.isNativeError(value);

function chainOf(error: Error): Error[] {
  const chain: Error[] = [error];
  for (let next = error.cause; isError(next) && chain.length < DEPTH; next = next.cause) {
    if (chain.includes(next)) break;
    chain.push(next);
  }
  return chain;
}

/**
 * Returns the message. If a connection fails, Node's error has an empty message and one error per address in `errors`.
 */
function messageOf(error: Error): string {
  const { errors } = error as { errors?: unknown }; // present on an AggregateError
  if (!Array.isArray(errors)) return error.message;
  const parts = errors.slice(0, DEPTH).map((part) => (isError(part) ? part.message : String(part)));
  return [error.message, ...parts].filter((text) => text !== '').join('; ');
}

function codeOf(error: Error): string | undefined {
  const { code } = error as { code?: unknown }; // a text in Node and most libraries, a number in some
  return typeof code === 'string' || typeof code === 'number' ? String(code) : undefined;
}

/** Returns the ECS fields of an error, with the messages and stacks of its causes. */
export function describeError(error: unknown): ErrorFields {
  if (!isError(error)) {
    const isText = typeof error === 'string' || typeof error === 'number';
    return { 'error.type': typeof error, 'error.message': isText ? String(error) : 'thrown value is not an Error' };
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
