// Signs that come along when a value is copied out of a sentence, a list or other code.

/**
 * Of both widths, because secrets keep their full-width signs. A dot counts behind a path only: a host name may end
 * with one. A `]` does not count: it ends an IPv6 host.
 */
const ENDS_ADDRESS = /(?:[,;:!，；：！、。)}>）｝】》〉＞|`"'”’]|(?<=:\/\/[^/]+\/.*)\.)+$/;
const ENDS_WORD = /[,;，；、。]+$/;

/** The address without them. A bracket that is opened in the address is closed by its own. */
export function withoutPunctuation(address: string): string {
  return /[({<（｛【《〈＜]/.test(address) ? withoutSeparator(address) : address.replace(ENDS_ADDRESS, '');
}

/** A name or an id without the separator behind it. */
export function withoutSeparator(word: string): string {
  return word.replace(ENDS_WORD, '');
}
