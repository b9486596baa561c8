// Removes punctuation that was copied along with a value from a sentence, a list or source code.

/**
 * Punctuation after an address. Includes full-width forms, because they are not converted in secrets. Includes a dot
 * only after a path, because a host name may end with a dot. Excludes `]`, because it ends an IPv6 host.
 */
const ENDS_ADDRESS = /(?:[,;:!，；：！、。)}>）｝】》〉＞|`"'”’]|(?<=:\/\/[^/]+\/.*)\.)+$/;
const ENDS_NAME = /[,;，；、。]+$/;

/**
 * Removes punctuation from the end of an address. If the address contains an opening bracket, removes only separators,
 * because the closing bracket may belong to the address.
 */
export function withoutPunctuation(address: string): string {
  return /[({<（｛【《〈＜]/.test(address) ? withoutSeparator(address) : address.replace(ENDS_ADDRESS, '');
}

/** Removes separators from the end of a name or an id. */
export function withoutSeparator(name: string): string {
  return name.replace(ENDS_NAME, '');
}
