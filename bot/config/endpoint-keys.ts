// Parses MODEL_ENDPOINT_KEYS, a list of model keys by host.

/**
 * Returns the keys by host. A host is written as in `URL.host`: with its port unless that is the protocol's default.
 */
export function endpointKeys(list = ''): ReadonlyMap<string, string> {
  return new Map(readEntries(list).filter((entry) => entry !== undefined));
}

/** Returns true if an entry is not `host=key`. Its key would never be sent. */
export function hasUnreadableKeys(list = ''): boolean {
  return readEntries(list).includes(undefined);
}

function readEntries(list: string): ([host: string, key: string] | undefined)[] {
  const entries = list.split(',').map((entry) => entry.trim());
  return entries
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [, host = '', key = ''] = /^([^=\s/]+)=(?:Bearer\s+)?([\x21-\x7e]+)$/i.exec(entry) ?? [];
      const parsed = hostOf(host);
      // A second entry after a semicolon would become part of the key.
      return parsed === undefined || /;[^=;]+=/.test(key) ? undefined : [parsed, key];
    });
}

/** Returns the host as `URL.host` writes it: in ASCII and lower case, without the protocol's default port. */
function hostOf(host: string): string | undefined {
  const url = `${host.endsWith(':80') ? 'http' : 'https'}://${host}`;
  return host !== '' && URL.canParse(url) ? new URL(url).host : undefined;
}
