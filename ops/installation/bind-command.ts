// The command line that binds an organisation to the tenant `default`.

interface Organisation {
  platform: string;
  appId: string;
  organisation: string;
}

/** Quoted for a shell: the id came in a callback. */
export function bindCommand({ platform, appId, organisation }: Organisation): string {
  return `npm run -s ops -- tenants set default --bind ${quoted(`${platform}:${appId}:${organisation}`)}`;
}

/** The opposite, for an organisation that no longer uses the bot. */
export function unbindCommand(tenantId: string, { platform, appId, organisation }: Organisation): string {
  return `npm run -s ops -- tenants set ${quoted(tenantId)} --unbind ${quoted(`${platform}:${appId}:${organisation}`)}`;
}

function quoted(word: string): string {
  return /^[\w.:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
