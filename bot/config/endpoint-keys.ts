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
      const [, host, key] = /^([^=\s/]+)=([\x21-\x7e]+)$/.exec(entry) ?? [];
      return host && key ? [host.toLowerCase(), key] : undefined;
    });
}
