// Names a person as the setting OPERATORS does.
import type { InboundMessage } from '../../domain/message.ts';

export type Person = Pick<InboundMessage, 'platform' | 'externalTenantId' | 'userId'>;

/** `platform:organisation/id`: the same id can belong to another person in another organisation. */
export function operatorEntry({ platform, externalTenantId, userId }: Person): string {
  return `${platform}:${externalTenantId}/${userId}`;
}
