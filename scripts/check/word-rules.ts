// Lists words to avoid in comments, texts, test titles and Markdown, with the words to use instead.

export type TextKind = 'comment' | 'text' | 'title' | 'markdown';

export interface WordRule {
  /** Without regard to case, unless it matches the beginning of a comment. */
  pattern: RegExp;
  /** Uses that are correct. With the flag `g`, because all of them are left out. */
  except?: RegExp;
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
    pattern: /^(?:What|Whether|How|Who|Which|Where|When)\b/u,
    instead: 'a verb or a noun at the beginning',
    in: ['comment'],
    maxShare: 3,
  },
  {
    pattern: /(?<=\S )what(?:ever)?\b/iu,
    instead: 'the name of the thing',
    in: ['comment', 'markdown'],
    maxShare: 3,
  },
  { pattern: /\b(tells?|told|telling)\b/iu, instead: 'report, log, return, distinguish', maxShare: 1 },
  { pattern: /\b(whoever|nobody|somebody|anybody)\b/iu, instead: 'the caller, the operator, no process', maxShare: 1 },
  {
    pattern: /\b(stands?|stood|standing)\b(?!-in| for\b| in for\b)/iu,
    instead: 'is up, is set, remains',
    maxShare: 1,
  },
  {
    pattern:
      /\b(takes?|took|taken|taking)\b(?! (?:\d|long|longer|time|a while|a moment|milliseconds|seconds|minutes|effect|place|precedence|over\b))/iu,
    instead: 'accept, use, read, need',
    in: ['comment'],
    maxShare: 1,
  },
  {
    pattern: /\b(refuse[sd]?|refusing|refusals?)\b/iu,
    except: /\bconnections? (?:is |was |were |are )?refused|\brefuse[sd]? (?:the |a |its |such )?connections?\b/gi,
    instead: 'reject, rejection; a TCP connection is refused',
  },
  {
    pattern: /\bjudg(?:e[sd]?|ing|e?ments?)\b/iu,
    instead: 'verify, classify, decide',
    notUnder: ['ops/diagnose', 'test/ops/diagnose', 'docs/diagnose'],
  },
  { pattern: /\banew\b/iu, instead: 'again' },
  { pattern: /\bmend(?:s|ed|ing)?\b/iu, instead: 'fix' },
  { pattern: /\bstumbl(?:e[sd]?|ing)\b/iu, instead: 'fail' },
  { pattern: /\bcrowds?\b/iu, instead: 'load, many at once' },
  { pattern: /\b(?:in|with|by|own|'s|its|their|these|those|such|of) words\b/iu, instead: 'text, message, sentence' },
  {
    pattern: /\b(?:says?|said|saying)\b/iu,
    instead: 'report, state, name, reply',
    in: ['comment', 'markdown', 'title'],
  },
  { pattern: /\bways?\b/iu, instead: 'path, method, direction', in: ['comment', 'markdown', 'title'] },
  { pattern: /\bprolong(?:s|ed|ing)?\b/iu, instead: 'renew, extend' },
];
