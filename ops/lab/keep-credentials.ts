// The lab's credentials on disk: made once, readable by their owner only, checked when read.
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { CommandError } from '../process/command-error.ts';
import { writePrivate } from '../process/write-private.ts';
import { generateCredentials, type LabCredentials } from './credentials.ts';

const word = z.string().min(1);

const shape: z.ZodType<LabCredentials> = z.strictObject({
  feishu: z.strictObject({
    appId: word.regex(/^cli_/),
    appSecret: word,
    encryptKey: word,
    verificationToken: word,
    tenantKey: word,
    botOpenId: word.regex(/^ou_/),
  }),
  dingtalk: z.strictObject({
    appKey: word,
    appSecret: word,
    aesKey: word.regex(/^[A-Za-z0-9]{43}$/),
    token: word,
    robotCode: word,
    corpId: word,
  }),
  model: z.strictObject({ apiKey: word, name: word }),
});

/** Reads the credentials of `path`, or makes and keeps new ones; an unusable file is a failure that names the fix. */
export function keepCredentials(path: string): LabCredentials {
  if (!existsSync(path)) {
    const made = generateCredentials();
    writePrivate(path, `${JSON.stringify(made, null, 2)}\n`);
    return made;
  }
  chmodSync(path, 0o600);
  const read = shape.safeParse(parse(path));
  if (read.success) return read.data;
  const places = read.error.issues.map((issue) => issue.path.join('.') || 'the whole file');
  throw unusable(path, `these are missing or malformed: ${[...new Set(places)].join(', ')}`);
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw unusable(path, 'it is not JSON');
  }
}

// The file's contents stay out of the text: they are secrets.
function unusable(path: string, reason: string): CommandError {
  return new CommandError(
    `The lab cannot use its credentials in ${path}: ${reason}. Delete the file; new ones are made.`,
  );
}
