// Reads MODEL_ENDPOINT_KEYS: which key belongs to which host.

/** Keys by host, as in `URL.host`: with the port when it is not the protocol's own. Entries without `=` name no key. */
export function endpointKeys(list = ''): ReadonlyMap<string, string> {
  const pairs = list.split(',').map((entry) => /^\s*([^=\s]+)=(.+?)\s*$/.exec(entry));
  return new Map(pairs.flatMap((pair) => (pair?.[1] && pair[2] ? [[pair[1].toLowerCase(), pair[2]]] : [])));
}
