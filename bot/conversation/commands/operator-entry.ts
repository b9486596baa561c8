// Formats a person as an entry of the setting OPERATORS.
import type { InboundMessage } from '../../domain/message.ts';

type EntryOwner = Pick<InboundMessage, 'platform' | 'externalTenantId' | 'userId'>;

/** Returns `platform:organisation/id`. Includes the organisation, because another one may use the same id. */
export function operatorEntry({ platform, externalTenantId, userId }: EntryOwner): string {
  return `${platform}:${externalTenantId}/${userId}`;
}
