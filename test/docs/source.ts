// Parses TypeScript files and finds nodes of their syntax trees.
import {
  type Declaration,
  type Expression,
  type Module,
  type Property,
  parseSync,
  type SpreadElement,
  type Statement,
  type VariableDeclarator,
} from '@swc/core';
import { readText } from './project-files.ts';

export type SyntaxNode = Expression | Statement | Declaration | Property | SpreadElement | VariableDeclarator;

export function parseFile(path: string): Module {
  return parseSync(readText(path), { syntax: 'typescript' });
}

/** Yields every node at and below `value`, in the order of the source. */
export function* nodesIn(value: unknown): Generator<SyntaxNode> {
  if (typeof value !== 'object' || value === null) return;
  if ('type' in value && typeof value.type === 'string') yield value as SyntaxNode; // every node has a type
  for (const part of Object.values(value)) yield* nodesIn(part);
}

/** Returns the first node of the type for which `matches` is true, or undefined. */
export function findNode<Type extends SyntaxNode['type']>(
  value: unknown,
  type: Type,
  matches: (node: Extract<SyntaxNode, { type: Type }>) => boolean,
): Extract<SyntaxNode, { type: Type }> | undefined {
  for (const node of nodesOfType(value, type)) if (matches(node)) return node;
  return undefined;
}

export function* nodesOfType<Type extends SyntaxNode['type']>(
  value: unknown,
  type: Type,
): Generator<Extract<SyntaxNode, { type: Type }>> {
  for (const node of nodesIn(value)) {
    if (node.type === type) yield node as Extract<SyntaxNode, { type: Type }>; // the type selects the member
  }
}

/** Returns the name of a member of an object, or undefined if it is computed. */
export function memberName(property: Property | SpreadElement): string | undefined {
  if (property.type === 'Identifier') return property.value;
  if (property.type !== 'KeyValueProperty') return undefined;
  const { key } = property;
  return key.type === 'Identifier' || key.type === 'StringLiteral' ? key.value : undefined;
}

/** Returns the text of a member of an object, or undefined if it is not a string literal. */
export function memberText(properties: readonly (Property | SpreadElement)[], name: string): string | undefined {
  const property = properties.find((candidate) => memberName(candidate) === name);
  return property?.type === 'KeyValueProperty' && property.value.type === 'StringLiteral'
    ? property.value.value
    : undefined;
}
