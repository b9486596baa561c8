// Rich text of DingTalk messages: pieces of words, pictures, emoji and mentions in their order.
import { z } from 'zod';
import { lenient, listOf } from '../../shared/optional.ts';

/**
 * A message has its words in `text`, a quoted message in `content` with the kind in `msgType`
 * (https://github.com/QwenLM/qwen-code/issues/9536).
 */
const item = z.looseObject({
  type: lenient(z.string()),
  msgType: lenient(z.string()),
  text: lenient(z.string()),
  content: lenient(z.string()),
  atName: lenient(z.string()),
  downloadCode: lenient(z.string()),
  pictureDownloadCode: lenient(z.string()),
});
export const richTextItems = listOf(item);
export type RichTextItem = z.infer<typeof item>;

export const PICTURE = ' [picture] ';

/** The item as text; a picture is named. */
export function textOfItem({ text, content, atName, ...item }: RichTextItem): string {
  if (isPicture({ text, content, ...item })) return PICTURE;
  const words = text ?? content ?? atName ?? '';
  return kindOf(item) === 'at' && words !== '' && !words.startsWith('@') ? `@${words}` : words;
}

/** A picture has a code to download it, and seldom words. */
export function isPicture({
  text,
  content,
  downloadCode,
  pictureDownloadCode,
  ...item
}: Partial<RichTextItem>): boolean {
  if (text !== undefined || content !== undefined) return false;
  return (downloadCode ?? pictureDownloadCode) !== undefined || kindOf(item) === 'picture';
}

function kindOf({ type, msgType }: Partial<RichTextItem>): string | undefined {
  return type ?? msgType;
}
