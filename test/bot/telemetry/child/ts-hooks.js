// Loader hooks for child processes that run TypeScript sources. Types are stripped when a file is loaded.
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { transform } from '@swc/core';

// `--import` runs this file on the main thread, which registers the file as the loader. Node runs loaders on their own
// thread.
if (isMainThread) register(import.meta.url);

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const source = await readFile(fileURLToPath(url), 'utf8');
  const { code } = await transform(source, { jsc: { target: 'es2023', parser: { syntax: 'typescript' } } });
  return { format: 'module', source: code, shortCircuit: true };
}
