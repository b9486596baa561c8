// Explains the errors of the YAML parser: its codes are no sentences, and its messages quote values.

const MEANINGS: Record<string, string> = {
  TAB_AS_INDENT: 'is indented by a tab, and YAML allows only spaces',
  BAD_INDENT: 'is indented by another number of spaces than its neighbours',
  DUPLICATE_KEY: 'repeats a key that stands above',
  MISSING_CHAR: 'lacks a closing quotation mark, bracket, colon or comma',
  BLOCK_AS_IMPLICIT_KEY: 'holds a second ": "; a value that contains ": " needs quotation marks',
  MULTILINE_IMPLICIT_KEY: 'has no ": " behind its key',
  BAD_SCALAR_START: 'has a value that begins with a special character and needs quotation marks',
  BAD_ALIAS: 'has a value that begins with "*", "&" or "!" and needs quotation marks',
  BAD_DQ_ESCAPE: 'has a "\\" in double quotation marks; use single ones',
  BAD_DIRECTIVE: 'begins with "%", which needs quotation marks',
  MULTIPLE_DOCS: 'begins a second document; remove the "---"',
  UNEXPECTED_TOKEN: 'has something behind the end of its value',
};

/** Completes the sentence "line 3 of config.yaml …". */
export function yamlMistake(code: string): string {
  return MEANINGS[code] ?? 'is not valid YAML';
}
