// Trimming of a conversation to the token limit.
import { describe, expect, test } from '@jest/globals';
import type { ChatMessage } from '../../../bot/domain/chat-message.ts';
import { estimateTokens } from '../../../bot/model/tokens.ts';
import { trimContext } from '../../../bot/model/trim-context.ts';

const user = (content: string): ChatMessage => ({ role: 'user', content });
const bot = (content: string): ChatMessage => ({ role: 'assistant', content });
/** Counts one token per character. The function under test adds 4 per message. */
const countTokens = (text: string) => text.length;
const context = [user('aaaa'), bot('bbbb'), user('cccc'), bot('dddd')];

test.each([
  { maxTokens: 1_000, kept: 'all', is: [...context, user('q')] },
  { maxTokens: 37, kept: 'all, which fit exactly', is: [...context, user('q')] },
  { maxTokens: 36, kept: 'the newest exchange, without the answer before it', is: [...context.slice(2), user('q')] },
  { maxTokens: 21, kept: 'the newest exchange, which fits exactly', is: [...context.slice(2), user('q')] },
  { maxTokens: 20, kept: 'the question', is: [user('q')] },
])('keeps with $maxTokens tokens: $kept', ({ maxTokens, is }) => {
  expect(trimContext({ context, question: 'q', maxTokens, countTokens })).toEqual(is);
});

test('instructions count towards the limit', () => {
  const options = { context, question: 'q', maxTokens: 37, countTokens };
  expect(trimContext({ ...options, system: 'ssss' })).toEqual([...context.slice(2), user('q')]);
  expect(trimContext({ ...options, system: '' })).toEqual([...context, user('q')]);
});

test('omits an answer without its question, even if it fits', () => {
  expect(trimContext({ context: [bot('b'), user('c')], question: 'q', maxTokens: 99, countTokens })).toEqual([
    user('c'),
    user('q'),
  ]);
});

test('omits a short old message before a long one that does not fit', () => {
  const gap = [user('a'), bot('b'), user('c'.repeat(100)), bot('d')];
  expect(trimContext({ context: gap, question: 'q', maxTokens: 50, countTokens })).toEqual([user('q')]);
});

describe('a question that exceeds the limit by itself', () => {
  test.each([
    { name: 'in English', question: 'x'.repeat(10_000), system: undefined },
    { name: 'in Chinese', question: '问'.repeat(10_000), system: undefined },
    { name: 'mixed', question: `${'x'.repeat(5_000)}${'问'.repeat(5_000)}`, system: undefined },
    { name: 'of emoji', question: '🚀'.repeat(5_000), system: undefined },
    { name: 'beside instructions that exceed the limit', question: 'x'.repeat(10_000), system: 's'.repeat(100_000) },
  ])('$name is cut with a remark', ({ question, system }) => {
    const trimmed = trimContext({ system, context, question, maxTokens: 400, countTokens: estimateTokens });
    const [{ content } = user('')] = trimmed;
    const [kept = ''] = content.split('\n\n[');
    expect(trimmed).toHaveLength(1);
    expect(content).toMatch(/\n\n\[The rest of this message was left out: it is too long\.\]$/);
    expect(question.startsWith(kept)).toBe(true);
    expect(kept.isWellFormed()).toBe(true);
    const tokens = estimateTokens(content);
    expect(tokens).toBeLessThanOrEqual(system ? 96 : 396);
    expect(tokens).toBeGreaterThan(system ? 94 : 394);
  });
});

test.each([
  ['', 0],
  ['hello, world', 3],
  ['你好吗', 3],
  ['a你', 2],
])('%j has about %i tokens', (text, tokens) => {
  expect(estimateTokens(text)).toBe(tokens);
});
