// Fallback to plain text for a reply that cannot be split as Markdown.
import { expect, test } from '@jest/globals';
import { splitReply } from '../../../bot/conversation/split-reply.ts';
import { formsForDingtalk, splitForDingtalk } from '../../../bot/platforms/dingtalk/outbound/render.ts';
import { renderFeishu, splitFeishu } from '../../../bot/platforms/feishu/outbound/render.ts';
import { isBlank } from '../../../bot/platforms/shared/text.ts';

test('reports an error of the splitter and returns plain pieces', () => {
  const text = '很长的回答 🚀 '.repeat(1_000);
  const errors: unknown[] = [];
  const bug = new RangeError('Maximum call stack size exceeded');
  const pieces = splitReply(text, {
    split() {
      throw bug;
    },
    onError: (error) => errors.push(error),
  });
  expect(pieces.join('')).toBe(text);
  expect(pieces.every((piece) => piece.isWellFormed() && Buffer.byteLength(piece) <= 2_000)).toBe(true);
  expect(errors).toEqual([bug]);
});

test.each(['[](javascript:x)', '![](lark://x)'])('%s: sends Markdown that renders to nothing as plain text', (text) => {
  const onError = (error: unknown) => {
    throw error;
  };
  const [feishu = ''] = splitReply(text, { split: splitFeishu, onError });
  const [dingtalk = ''] = splitReply(text, { split: (markdown) => splitForDingtalk(markdown, 'auto'), onError });
  const card = JSON.parse(renderFeishu('card', feishu).content).body.elements[0].content;
  const [form] = formsForDingtalk(dingtalk, 'auto');
  const shown = [card, form.kind === 'text' ? form.content : form.text];
  expect(shown.map((part) => part.replaceAll('\u200b', ''))).toEqual([text, text]);
  expect(shown.filter((part) => isBlank(part) || part.includes(']('))).toEqual([]);
});
