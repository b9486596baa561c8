// Reads MODEL_ENDPOINT_KEYS: which key belongs to which host.

/** Keys by host, as in `URL.host`: with the port when it is not the protocol's own. */
export function endpointKeys(list = ''): ReadonlyMap<string, string> {
  return new Map(readEntries(list).filter((entry) => entry !== undefined));
}

/** Whether an entry is not `host=key`: its key would never be sent. */
export function hasUnreadableKeys(list = ''): boolean {
  return readEntries(list).includes(undefined);
}

function readEntries(list: string): ([host: string, key: string] | undefined)[] {
  const entries = list.split(',').map((entry) => entry.trim());
  return entries
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [, host = '', key = ''] = /^([^=\s/]+)=(?:Bearer\s+)?([\x21-\x7e]+)$/i.exec(entry) ?? [];
      const known = hostOf(host);
      // A second entry behind a semicolon would become a part of the key.
      return known === undefined || /;[^=;]+=/.test(key) ? undefined : [known, key];
    });
}

/** The host as `URL.host` writes it: in ASCII and lower case, without the port of the protocol. */
function hostOf(host: string): string | undefined {
  const url = `${host.endsWith(':80') ? 'http' : 'https'}://${host}`;
  return host !== '' && URL.canParse(url) ? new URL(url).host : undefined;
}
