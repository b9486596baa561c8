// Shows an address without what may be secret in it.

/** Scheme, user and password, also where a sign of the password makes the address malformed. */
const WITH_SCHEME = /:\/\/.*@/s;
const WITHOUT_SCHEME = /^[^/\s]*:[^\s]*@/;

/** An address without user, password and query, and any other text as it is. */
export function hidePassword(value: string): string {
  const isAddress = value.includes('://');
  const shown = isAddress ? value.replace(WITH_SCHEME, '://[redacted]@') : value.replace(WITHOUT_SCHEME, '[redacted]@');
  return isAddress ? shown.replace(/\?.+$/s, '?[redacted]') : shown;
}
