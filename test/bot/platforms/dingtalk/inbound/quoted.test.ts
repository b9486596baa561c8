// The quoted message of a reply, in each recorded shape of callbacks.
import { describe, expect, test } from '@jest/globals';
import { receiveDingtalk } from '../../../../../bot/platforms/dingtalk/inbound/receive.ts';
import { QUOTE_MAX_CHARACTERS } from '../../../../../bot/platforms/shared/quote.ts';
import { contents } from '../../../../../ops/lab/dingtalk/contents.ts';
import { cpuMilliseconds } from '../../../../support/cpu-time.ts';
import { app, robotMessage, signed } from '../callbacks.ts';

function messageOf(changes: object) {
  const result = receiveDingtalk([app], signed(robotMessage({}, changes)));
  if (result.kind !== 'message') throw new Error(`No message: ${JSON.stringify(result)}`);
  return result.message;
}

const reply = (repliedMsg: unknown) => ({ text: { content: ' why?', isReplyMsg: true, repliedMsg } });
const card = (cardContent: unknown) => ({ msgType: 'interactiveCard', content: { cardContent } });
const node = (elementType: string, value?: string, ...children: unknown[]) => ({ elementType, value, children });

describe('the quoted text', () => {
  test.each<[string, unknown, string]>([
    ['of a text', { msgType: 'text', content: { text: 'quoted' } }, 'quoted'],
    ['of a text in `content`', { msgType: 'text', content: { content: 'quoted' } }, 'quoted'],
    ['of a text as JSON', { msgType: 'text', content: '{"text":"quoted"}' }, 'quoted'],
    ['of a text as a string', { msgType: 'text', content: 'quoted' }, 'quoted'],
    ['of a text that is JSON itself', { msgType: 'text', content: { text: '{"a":1}' } }, '{"a":1}'],
    ...[
      '{"title":"config","port":80}',
      '{"text":"a","more":"b"}',
      '[{"text":"a"}]',
      '{"content":{"text":"a"}}',
    ].flatMap((json): [string, unknown, string][] => [
      [`of a text that is the JSON ${json}`, { msgType: 'text', content: { text: json } }, json],
      [`of Markdown that is the JSON ${json}`, { msgType: 'markdown', content: { text: json } }, json],
      [`of a voice message with the JSON ${json}`, { msgType: 'audio', content: { recognition: json } }, json],
    ]),
    ['of a complete message as JSON', '{"msgType":"text","content":{"text":"quoted"}}', 'quoted'],
    [
      'of a rich text',
      {
        msgType: 'richText',
        content: {
          richText: [
            { msgType: 'text', content: 'see' },
            { msgType: 'picture', downloadCode: 'x' },
            { msgType: 'emoji', content: '[笑]' },
            { msgType: 'at', content: 'Tom' },
            null,
          ],
        },
      },
      'see [picture] [笑]@Tom',
    ],
    [
      'of a rich text in the shape of messages',
      {
        msgType: 'richText',
        content: {
          richText: [
            { type: 'text', text: 'see' },
            { downloadCode: 'x', type: 'picture' },
          ],
        },
      },
      'see [picture]',
    ],
    ['of a rich text as a list', { msgType: 'richText', content: [{ text: 'see' }, { text: ' this' }] }, 'see this'],
    ['of Markdown', { msgType: 'markdown', content: { title: 'T', text: '**quoted**' } }, '**quoted**'],
    [
      'of Markdown as an object',
      { msgType: 'markdown', content: { markdown: { title: 'T', text: 'quoted' } } },
      'quoted',
    ],
    ['of Markdown with a title only', { msgType: 'markdown', content: { title: 'T' } }, 'T'],
    ['of a voice message', { msgType: 'audio', content: { recognition: 'quoted', downloadCode: 'x' } }, 'quoted'],
    [
      'of a card',
      card(node('ROOT', undefined, node('TEXT', 'first'), node('BOX', undefined, node('TEXT', 'second')))),
      'first\nsecond',
    ],
    ['of a card as JSON', card(JSON.stringify(node('ROOT', undefined, node('TEXT', 'quoted')))), 'quoted'],
    ['of a card’s list of elements', card([node('TEXT', 'first'), null, node('TEXT', 'second')]), 'first\nsecond'],
    [
      'of a card template',
      { msgType: 'interactiveCard', content: { cardData: { cardParamMap: { content: 'quoted' } } } },
      'quoted',
    ],
    [
      'of a card template as JSON',
      { msgType: 'interactiveCard', content: '{"cardData":"{\\"cardParamMap\\":{\\"content\\":\\"quoted\\"}}"}' },
      'quoted',
    ],
  ])('%s', (_what, repliedMsg, quote) => {
    expect(messageOf(reply(repliedMsg))).toMatchObject({ text: 'why?', quote });
  });
});

describe('a quoted message without text is replaced by its type', () => {
  test.each([
    ['a picture', { msgType: 'picture', content: { downloadCode: 'x' } }, '[picture]'],
    ['a file', { msgType: 'file', content: { fileName: 'a.pdf', downloadCode: 'x' } }, '[file: a.pdf]'],
    ['a file without a name', { msgType: 'file', content: { downloadCode: 'x' } }, '[file]'],
    ['a voice message', { msgType: 'audio', content: { downloadCode: 'x' } }, '[voice message]'],
    ['a video', { msgType: 'video', content: { downloadCode: 'x' } }, '[video]'],
    ['a card without content', { msgType: 'interactiveCard', msgId: 'm' }, '[card]'],
    ['an unknown type', { msgType: 'unknownMsgType' }, '[content not available]'],
    ['a member of the prototype', { msgType: 'constructor' }, '[content not available]'],
    ['an empty text', { msgType: 'text', content: { text: ' ' } }, '[content not available]'],
    ['null', null, '[content not available]'],
    ['a number', 7, '[content not available]'],
  ])('%s', (_what, repliedMsg, quote) => {
    expect(messageOf(reply(repliedMsg))).toMatchObject({ text: 'why?', quote });
  });

  test('a reply with nothing but an id', () => {
    const text = { content: 'why?', isReplyMsg: true };
    expect(messageOf({ text, originalMsgId: 'm' }).quote).toBe('[content not available]');
  });
});

describe('older shapes and other members', () => {
  const rich = { msgtype: 'richText', text: undefined };
  test.each([
    ['quoteMessage', { quoteMessage: { msgtype: 'text', text: { content: 'quoted' } } }],
    ['quotedMsg', { quotedMsg: { msgType: 'text', content: { text: 'quoted' } } }],
    ['repliedMsg beside the text', { repliedMsg: { msgType: 'text', content: { text: 'quoted' } } }],
    ['quoteMessage in the text', { text: { content: 'why?', quoteMessage: { text: { content: 'quoted' } } } }],
    [
      'repliedMsg of a rich text',
      { ...rich, content: { richText: [{ text: 'why?' }], repliedMsg: { content: { text: 'quoted' } } } },
    ],
    ['quoteContent', { ...rich, content: { richText: [{ text: 'why?' }], quoteContent: 'quoted' } }],
    ['repliedMsg without isReplyMsg', { text: { content: 'why?', repliedMsg: { content: { text: 'quoted' } } } }],
  ])('%s', (_where, changes) => {
    const { text = 'why?', quote } = messageOf({ text: { content: 'why?' }, ...changes });
    expect({ text, quote }).toEqual({ text: 'why?', quote: 'quoted' });
  });

  test.each([
    ['a message that is not a reply', {}],
    ['a message with `isReplyMsg` false', { text: { content: 'why?', isReplyMsg: false, repliedMsg: null } }],
  ])('%s has no quote', (_what, changes) => {
    expect(messageOf(changes)).not.toHaveProperty('quote');
  });

  test('a reply of the lab', () => {
    const content = contents.reply(' why?', { msgType: 'text', content: { text: 'quoted' } });
    expect(messageOf(content)).toMatchObject({ text: 'why?', quote: 'quoted' });
  });
});

describe('size and depth', () => {
  const wrapped = (depth: number) => `${'{"content":'.repeat(depth)}"deep"${'}'.repeat(depth)}`;
  test.each([
    ['20 levels', JSON.parse(wrapped(20)), 'deep'],
    ['100,000 levels', wrapped(100_000), wrapped(100_000)],
  ])('of %s', (_what, content, found) => {
    const { quote = '' } = messageOf(reply({ msgType: 'text', content }));
    expect(found.startsWith(quote.replace(/…$/, ''))).toBe(true);
    expect(quote.length).toBeLessThanOrEqual(QUOTE_MAX_CHARACTERS);
  });

  test('a long quote is cut between characters', () => {
    const { quote } = messageOf(reply({ msgType: 'text', content: { text: '🎉'.repeat(QUOTE_MAX_CHARACTERS) } }));
    expect(quote).toBe(`${'🎉'.repeat(QUOTE_MAX_CHARACTERS / 2 - 1)}…`);
  });

  test.each([
    ['items', { richText: Array.from({ length: 100_000 }, () => ({})) }],
    ['elements', { cardContent: Array.from({ length: 20_000 }, () => node('TEXT', 'x')) }],
  ])('of many %s are read within a second', (_what, content) => {
    const request = signed(robotMessage({}, reply({ msgType: 'richText', content })));
    expect(cpuMilliseconds(() => receiveDingtalk([app], request))).toBeLessThan(1000);
  });
});
