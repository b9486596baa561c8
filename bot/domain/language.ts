// Detects the language of a text: Chinese or English.

export type Language = 'en' | 'zh';

/** Returns Chinese if the text contains a Chinese character, otherwise English. */
export function languageOf(text: string): Language {
  return hasChinese(text) ? 'zh' : 'en';
}

/**
 * Guesses a person's language from names, for a message without text: the names of the person, the group and the bot.
 * Returns undefined without a Chinese character, because Latin names are common in Chinese companies too.
 */
export function languageOfNames(...names: readonly (string | undefined)[]): Language | undefined {
  return names.some((name) => name !== undefined && hasChinese(name)) ? 'zh' : undefined;
}

function hasChinese(text: string): boolean {
  return /\p{Script=Han}/u.test(text);
}
