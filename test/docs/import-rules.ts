// Reads which rooms may import which ones, from the lint rules in imports.biome.json.
import { foldersIn, readText } from './project-files.ts';

export type Side = 'bot' | 'ops';

interface Rule {
  group: string[];
  message: string;
}

interface Override {
  includes: string[];
  linter: { rules: { style: { noRestrictedImports: { options: { patterns: [Rule] } } } } };
}

export interface RoomRule {
  room: string;
  /** Rooms that the rule allows, in alphabetical order. */
  allowed: string[];
  /** Folders outside `bot/` that the rule of a room of `bot/` allows, such as `sql`. */
  outside: string[];
  message: string;
}

/** Returns one entry for each room of `bot/` or `ops/` that a rule names, in the order of the file. */
export function importRules(side: Side): RoomRule[] {
  const { overrides }: { overrides: Override[] } = JSON.parse(readText('imports.biome.json'));
  return overrides.flatMap(({ includes, linter }) => {
    const [rule] = linter.rules.style.noRestrictedImports.options.patterns;
    return includes.flatMap((glob) => {
      const [, room] = new RegExp(`^${side}/([\\w-]+)/\\*\\*$`).exec(glob) ?? [];
      return room === undefined ? [] : [readRule(side, room, rule)];
    });
  });
}

/** A group either forbids everything and excepts rooms, or forbids the named rooms only. */
function readRule(side: Side, room: string, { group, message }: Rule): RoomRule {
  const rooms = foldersIn(side).filter((name) => name !== room);
  const named = (prefix: string) =>
    group.flatMap(
      (glob) => new RegExp(`^${prefix}(?:\\*\\*|(?:\\.\\.\\/)*\\.\\.)\\/([\\w-]+)\\/\\*\\*$`).exec(glob)?.[1] ?? [],
    );
  const excepted = named('!');
  const isAllowed = group.includes('../**')
    ? (name: string) => excepted.includes(name)
    : (name: string) => !named('').includes(name);
  return {
    room,
    allowed: rooms.filter(isAllowed).sort(),
    outside: excepted.filter((name) => !rooms.includes(name) && name !== 'bot'),
    message,
  };
}
