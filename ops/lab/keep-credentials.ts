// Stores the lab's credentials: generated once, readable by their owner only, checked when read.
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { CommandError } from '../process/command-error.ts';
import { writePrivate } from '../process/write-private.ts';
import { generateCredentials, type LabCredentials } from './credentials.ts';

const nonEmpty = z.string().min(1);

const shape: z.ZodType<LabCredentials> = z.strictObject({
  feishu: z.strictObject({
    appId: nonEmpty.regex(/^cli_/),
    appSecret: nonEmpty,
    encryptKey: nonEmpty,
    verificationToken: nonEmpty,
    tenantKey: nonEmpty,
    botOpenId: nonEmpty.regex(/^ou_/),
  }),
  dingtalk: z.strictObject({
    appKey: nonEmpty,
    appSecret: nonEmpty,
    aesKey: nonEmpty.regex(/^[A-Za-z0-9]{43}$/),
    token: nonEmpty,
    robotCode: nonEmpty,
    corpId: nonEmpty,
  }),
  model: z.strictObject({ apiKey: nonEmpty, name: nonEmpty }),
});

/**
 * Reads the credentials of `path`, or generates and stores new ones.
 * @throws CommandError that names the fix if the file is not usable
 */
export function keepCredentials(path: string): LabCredentials {
  if (!existsSync(path)) {
    const created = generateCredentials();
    writePrivate(path, `${JSON.stringify(created, null, 2)}\n`);
    return created;
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

// The file's contents are not in the message, because they are secrets.
function unusable(path: string, reason: string): CommandError {
  return new CommandError(
    `The lab cannot use its credentials in ${path}: ${reason}. Delete the file; new ones are made.`,
  );
}
