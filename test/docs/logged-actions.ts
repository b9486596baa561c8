// Collects the log actions and fields of the bot from its source.
import type { Expression, Module, ObjectExpression } from '@swc/core';
import { projectFiles } from './project-files.ts';
import { findNode, memberName, memberText, nodesOfType, parseFile } from './source.ts';

const sources = projectFiles
  .filter((path) => path.startsWith('bot/') && path.endsWith('.ts'))
  .map((path) => ({ path, module: parseFile(path) }));

/** Returns the fields that are logged beside each `event.action`, from all places that log it. */
export function loggedActions(): Map<string, Set<string>> {
  const actions = new Map<string, Set<string>>();
  for (const { path, module } of sources) {
    for (const object of nodesOfType(module, 'ObjectExpression')) {
      const action = memberText(object.properties, 'event.action');
      if (action === undefined) continue;
      const fields = fieldsOf(object, { path, module });
      actions.set(action, new Set([...(actions.get(action) ?? []), ...fields]));
    }
  }
  return actions;
}

/** Returns every member of an object literal that begins with `chatbot.`. */
export function chatbotFields(): Set<string> {
  const names = sources.flatMap(({ module }) =>
    [...nodesOfType(module, 'ObjectExpression')].flatMap(({ properties }) => properties.map(memberName)),
  );
  return new Set(names.filter((name) => name?.startsWith('chatbot.') === true).map(String));
}

interface Source {
  path: string;
  module: Module;
}

function fieldsOf(object: ObjectExpression, source: Source): string[] {
  return object.properties.flatMap((property) => {
    if (property.type === 'SpreadElement') return spreadFields(property.arguments, source);
    return memberName(property) ?? [];
  });
}

/** Follows a spread to the object literals that it can insert. Throws for an expression that it cannot follow. */
function spreadFields(expression: Expression, source: Source): string[] {
  switch (expression.type) {
    case 'ObjectExpression':
      return fieldsOf(expression, source);
    case 'ParenthesisExpression':
      return spreadFields(expression.expression, source);
    case 'ConditionalExpression':
      return [...spreadFields(expression.consequent, source), ...spreadFields(expression.alternate, source)];
    case 'Identifier': {
      const { value } = expression;
      const variable = findNode(
        source.module,
        'VariableDeclarator',
        ({ id }) => id.type === 'Identifier' && id.value === value,
      );
      if (variable?.init) return spreadFields(variable.init, source);
      break;
    }
    case 'CallExpression': {
      const { callee } = expression;
      const name = callee.type === 'Identifier' ? callee.value : undefined;
      const called = findNode(source.module, 'FunctionDeclaration', ({ identifier }) => identifier.value === name);
      const returned = findNode(called?.body, 'ReturnStatement', () => true)?.argument;
      if (returned) return spreadFields(returned, source);
      break;
    }
  }
  throw new Error(`${source.path}: cannot find the fields of a spread (${expression.type}) in a log line.`);
}
