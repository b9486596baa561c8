// How the setting OPERATORS names a person: by platform, organisation and the platform's id.

import { platformIds } from '../platforms/registry.ts';

export interface NamedPerson {
  platform: string;
  /** Feishu `tenant_key` or DingTalk corp id. Missing: the organisations of the tenant `default`. */
  organisation?: string;
  userId: string;
}

/**
 * DingTalk's own ids, `$:LWCP_v1:$…`, may contain slashes; an organisation's id begins with a letter or digit. A
 * semicolon is an attempt to separate two people.
 */
const PERSON = /^([a-z]+):(?:([A-Za-z0-9][\w-]*)\/)?([^\s/;]+|\$[^\s;]+)$/;

const isPlatform = (name: string): boolean => platformIds().some((id) => id === name);

/** Parses `platform:id` or `platform:organisation/id`; undefined when the text is neither. */
export function parsePerson(text: string): NamedPerson | undefined {
  const [, platform, organisation, userId] = PERSON.exec(text) ?? [];
  if (platform === undefined || userId === undefined || !isPlatform(platform)) return undefined;
  return { platform, userId, ...(organisation === undefined ? {} : { organisation }) };
}

/** The form that names exactly one person, in whichever tenant. */
export function nameOfPerson({ platform, organisation, userId }: Required<NamedPerson>): string {
  return `${platform}:${organisation}/${userId}`;
}
