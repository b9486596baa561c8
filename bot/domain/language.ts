// The two languages that the bot speaks, and how a text decides between them.

export type Language = 'en' | 'zh';

/** Chinese when any Chinese character is in the text; English otherwise. */
export function languageOf(text: string): Language {
  return hasChinese(text) ? 'zh' : 'en';
}

/**
 * Language of a person whose message has no text, guessed from names around it: the person's, the group's, the bot's.
 * Undefined without a Chinese character: Latin names are common in Chinese companies as well.
 */
export function languageOfNames(...names: readonly (string | undefined)[]): Language | undefined {
  return names.some((name) => name !== undefined && hasChinese(name)) ? 'zh' : undefined;
}

function hasChinese(text: string): boolean {
  return /\p{Script=Han}/u.test(text);
}
