// Checks each value for placeholders, for characters that input methods add, and by the schema of its setting.
import { hasStrayQuote } from './clean-value.ts';
import { hidePassword } from './hide-password.ts';
import { isPlaceholder } from './placeholders.ts';
import type { Problem } from './problems.ts';
import { type SettingName, settingFacts, settingsSchema } from './settings.ts';

/** A value from any source. */
export interface GivenValue {
  setting: SettingName;
  value: string;
  /** Name of the source, such as `.env`. */
  source: string;
  /** Name of the value in its source. */
  label: string;
}

/** Returns the first problem of each value. A placeholder is not also reported as malformed. */
export function checkValues(given: readonly GivenValue[]): Problem[] {
  return given.flatMap((each) => findPlaceholder(each) ?? findStrayQuote(each) ?? findInvalid(each) ?? []);
}

function findPlaceholder({ setting, value, source, label }: GivenValue): Problem | undefined {
  if (settingFacts(setting).prose || !isPlaceholder(value)) return undefined;
  const shown = settingFacts(setting).secret ? '' : ` ${JSON.stringify(hidePassword(value))}`;
  return {
    name: label,
    problem: `${label} still holds a placeholder${shown} (${source}), which is easy to guess.`,
    fix: `Set ${label} to a value of your own, or remove it.`,
  };
}

function findStrayQuote({ setting, value, source, label }: GivenValue): Problem | undefined {
  if (settingFacts(setting).prose || !hasStrayQuote(value)) return undefined;
  return {
    name: label,
    problem: `${label} begins or ends with a typographic quotation mark (${source}), which would be part of the value.`,
    fix: `Write ${label} without quotation marks.`,
  };
}

function findInvalid(given: GivenValue): Problem | undefined {
  const { setting, value, source, label } = given;
  const schema = settingsSchema.shape[setting];
  if (schema.safeParse(value).success) return undefined;
  const { accepts, secret, advice } = settingFacts(setting);
  const shown = secret ? 'the value' : JSON.stringify(hidePassword(value));
  return {
    name: label,
    problem: `${label}: ${shown} (${source}) is not ${accepts}.`,
    fix: `Set ${label} to ${accepts}, for example ${exampleFor(given)}.${advice === undefined ? '' : ` ${advice}`}`,
  };
}

/** Returns true for addresses of this machine, of containers and of private networks, which rarely support TLS. */
function isPrivateAddress(address: string): boolean {
  const [host = ''] = address.split(/[:/]/);
  return !host.includes('.') || /^(?:127|10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.|\.(?:internal|local)$/.test(host);
}

/** Returns an assignment as an example. If the value lacks only its scheme, the example is the completed value. */
function exampleFor({ setting, value, source, label }: GivenValue): string {
  const { example, secret } = settingFacts(setting);
  const completed = `${isPrivateAddress(value) ? 'http' : 'https'}://${value}`;
  const lacksScheme = /^https?:/.test(example) && !value.includes('://');
  const isAddress = !secret && lacksScheme && settingsSchema.shape[setting].safeParse(completed).success;
  const assigned = source === 'config.yaml' ? `${label.split('.').at(-1)}: ` : `${label}=`;
  return assigned + (isAddress ? hidePassword(completed) : example);
}
