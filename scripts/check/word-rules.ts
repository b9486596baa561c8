// Words that hide a meaning from readers and from search, with the words of the trade.

export type TextKind = 'comment' | 'text' | 'title' | 'markdown';

export interface WordRule {
  /** Regular expression, without regard to case. */
  pattern: string;
  /** Regular expression of the uses that are correct. */
  except?: string;
  /** Words that a reader searches for. */
  instead: string;
  /** Kinds of text; default all. `text`: strings of the programs; `title`: names of tests. */
  in?: readonly TextKind[];
  /** Folders in which the word is a term. */
  notUnder?: readonly string[];
  /** Percent of the comments of `bot/` and `ops/` that may contain the word; default none of any kind of text. */
  maxShare?: number;
}

export const WORD_RULES: readonly WordRule[] = [
  {
    pattern: '^(?:What|Whether|How|Who|Which|Where|When)\\b',
    instead: 'a verb or a noun at the beginning',
    in: ['comment'],
    maxShare: 3,
  },
  {
    pattern: '(?<=\\S )what(?:ever)?\\b',
    instead: 'the name of the thing',
    in: ['comment', 'markdown'],
    maxShare: 3,
  },
  { pattern: '\\b(tells?|told|telling)\\b', instead: 'report, log, return, distinguish', maxShare: 1 },
  { pattern: '\\b(whoever|nobody|somebody|anybody)\\b', instead: 'the caller, the operator, no process', maxShare: 1 },
  {
    pattern: '\\b(stands?|stood|standing)\\b(?!-in| for\\b| in for\\b)',
    instead: 'is up, is set, remains',
    maxShare: 1,
  },
  {
    pattern:
      '\\b(takes?|took|taken|taking)\\b(?! (?:\\d|long|longer|time|a while|a moment|milliseconds|seconds|minutes|effect|place|precedence|over\\b))',
    instead: 'accept, use, read, need',
    in: ['comment'],
    maxShare: 1,
  },
  {
    pattern: '\\b(refuse[sd]?|refusing|refusals?)\\b',
    except: '\\bconnections? (?:is |was |were |are )?refused|\\brefuse[sd]? (?:the |a |its |such )?connections?\\b',
    instead: 'reject, rejection; a TCP connection is refused',
  },
  {
    pattern: '\\bjudg(?:e[sd]?|ing|e?ments?)\\b',
    instead: 'verify, classify, decide',
    notUnder: ['ops/diagnose', 'test/ops/diagnose', 'docs/diagnose'],
  },
  { pattern: '\\banew\\b', instead: 'again' },
  { pattern: '\\bmend(?:s|ed|ing)?\\b', instead: 'fix' },
  { pattern: '\\bstumbl(?:e[sd]?|ing)\\b', instead: 'fail' },
  { pattern: '\\bcrowds?\\b', instead: 'load, many at once' },
  { pattern: "\\b(?:in|with|by|own|'s|its|their|these|those|such|of) words\\b", instead: 'text, message, sentence' },
  {
    pattern: '\\b(?:says?|said|saying)\\b',
    instead: 'report, state, name, reply',
    in: ['comment', 'markdown', 'title'],
  },
  { pattern: '\\bways?\\b', instead: 'path, method, direction', in: ['comment', 'markdown', 'title'] },
  { pattern: '\\bprolong(?:s|ed|ing)?\\b', instead: 'renew, extend' },
];
