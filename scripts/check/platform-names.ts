// Prints the lines of code that name a platform outside the rooms for it, and counts those of comments.
// usage: platform-names.js    exit code 1 if code names one
import { readFileSync } from 'node:fs';
import { platformIds } from '../../bot/platforms/registry.ts';
import { projectFiles } from './project-files.ts';
import { commentsOf } from './source-texts.ts';

const ids = platformIds().join('|');
/** The platforms' own folders, the registry and its list of ids, the table of settings, the stand-ins and their pictures. */
const ALLOWED = [
  new RegExp(`^bot/platforms/(?:${ids})/`),
  /^bot\/platforms\/registry\.ts$/,
  /^bot\/domain\/platform\.ts$/,
  /^bot\/config\/settings\.ts$/,
  /^ops\/lab\//,
  /^scripts\/pictures\.ts$/,
  /^scripts\/check\/platform-names\.ts$/,
  // A released migration is never edited.
  /^sql\//,
];
/** Schemes that the clients of the platforms open: no platform is chosen by them. */
const CLIENT_SCHEMES = /dtmd\|dingtalk/;
const NAME = new RegExp(ids, 'i');

const files = projectFiles('bot', 'ops', 'elk', 'grafana', 'sql', 'scripts').filter(
  (file) => file.endsWith('.ts') && !ALLOWED.some((pattern) => pattern.test(file)),
);
const found = files.flatMap((file) => {
  const source = readFileSync(file, 'utf8');
  const inComments = new Set(commentsOf(source).flatMap(({ line, lastLine }) => range(line, lastLine)));
  return source.split('\n').flatMap((text, index) => {
    const line = index + 1;
    if (!NAME.test(text) || CLIENT_SCHEMES.test(text)) return [];
    return [{ file, line, text: text.trim(), isComment: inComments.has(line) && /^\s*(?:\/\/|\/\*|\*)/.test(text) }];
  });
});
const inCode = found.filter(({ isComment }) => !isComment);
for (const { file, line, text } of inCode) console.log(`${file}:${line}  ${text}`);
console.log(
  `${inCode.length} lines of code and ${found.length - inCode.length} of comments name a platform outside its folder.`,
);
process.exitCode = inCode.length === 0 ? 0 : 1;

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
