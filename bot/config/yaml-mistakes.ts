// Explains the error codes of the YAML parser. Its own messages are not used, because they quote values.

const MEANINGS: Record<string, string> = {
  TAB_AS_INDENT: 'is indented by a tab, and YAML allows only spaces',
  BAD_INDENT: 'is indented by a different number of spaces than the lines around it',
  DUPLICATE_KEY: 'repeats a key of a line above',
  MISSING_CHAR: 'lacks a closing quotation mark, bracket, colon or comma',
  BLOCK_AS_IMPLICIT_KEY: 'holds a second ": "; a value that contains ": " needs quotation marks',
  MULTILINE_IMPLICIT_KEY: 'has no ": " after its key',
  BAD_SCALAR_START: 'has a value that begins with a special character and needs quotation marks',
  BAD_ALIAS: 'has a value that begins with "*", "&" or "!" and needs quotation marks',
  BAD_DQ_ESCAPE: 'has a "\\" in double quotation marks; use single ones',
  BAD_DIRECTIVE: 'begins with "%", which needs quotation marks',
  MULTIPLE_DOCS: 'begins a second document; remove the "---"',
  UNEXPECTED_TOKEN: 'has text after the end of its value',
};

/** Returns the explanation of a code. It completes the sentence "line 3 of config.yaml …". */
export function yamlMistake(code: string): string {
  return MEANINGS[code] ?? 'is not valid YAML';
}
