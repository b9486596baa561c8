// Builds the command lines that bind an organisation to a tenant and unbind it.

interface Organisation {
  platform: string;
  appId: string;
  organisation: string;
}

/** Binds an organisation to the tenant `default`. The id is quoted for a shell, because it arrived in a callback. */
export function bindCommand({ platform, appId, organisation }: Organisation): string {
  return `./chatbot tenants set default --bind ${quoted(`${platform}:${appId}:${organisation}`)}`;
}

/** Unbinds an organisation that no longer uses the bot. */
export function unbindCommand(tenantId: string, { platform, appId, organisation }: Organisation): string {
  return `./chatbot tenants set ${quoted(tenantId)} --unbind ${quoted(`${platform}:${appId}:${organisation}`)}`;
}

function quoted(word: string): string {
  return /^[\w.:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
