// Parses and formats the people in the setting OPERATORS: platform, organisation and the platform's id.

import { descriptorOf } from '../platforms/registry.ts';

export interface NamedPerson {
  platform: string;
  /** Feishu `tenant_key` or DingTalk corp id. If missing, the organisations of the tenant `default`. */
  organisation?: string;
  userId: string;
}

/**
 * Matches a person. DingTalk's own ids, `$:LWCP_v1:$…`, may contain slashes. An organisation's id begins with a letter
 * or a digit. Semicolons are rejected, because they are an attempt to separate two people.
 */
const PERSON = /^([a-z]+):(?:([A-Za-z0-9][\w-]*)\/)?([^\s/;]+|\$[^\s;]+)$/;

/** Parses `platform:id` or `platform:organisation/id`. Returns undefined for any other text. */
export function parsePerson(text: string): NamedPerson | undefined {
  const [, platform, organisation, userId] = PERSON.exec(text) ?? [];
  if (platform === undefined || userId === undefined || !descriptorOf(platform)) return undefined;
  return { platform, userId, ...(organisation === undefined ? {} : { organisation }) };
}

/** Formats the unambiguous name of a person, which is valid in every tenant. */
export function nameOfPerson({ platform, organisation, userId }: Required<NamedPerson>): string {
  return `${platform}:${organisation}/${userId}`;
}
