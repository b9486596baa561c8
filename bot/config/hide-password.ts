// Redacts the parts of an address that may be secret.

/** Matches user and password, also if a character of the password makes the address malformed. */
const WITH_SCHEME = /:\/\/.*@/s;
const WITHOUT_SCHEME = /^[^/\s]*:[^\s]*@/;

/** Redacts user, password and query of an address. Returns any other text unchanged. */
export function hidePassword(value: string): string {
  const isAddress = value.includes('://');
  const shown = isAddress ? value.replace(WITH_SCHEME, '://[redacted]@') : value.replace(WITHOUT_SCHEME, '[redacted]@');
  return isAddress ? shown.replace(/\?.+$/s, '?[redacted]') : shown;
}
