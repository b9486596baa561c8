// Parses the items of a rich text in DingTalk messages: texts, pictures, emoji and mentions.
import { z } from 'zod';
import { lenient, listOf } from '../../shared/optional.ts';

/**
 * An item of a rich text. A message has its text in `text`; a quoted message has it in `content`, and its type in
 * `msgType` (https://github.com/QwenLM/qwen-code/issues/9536, read 2026-11).
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

/** Returns the item as text; pictures become `[picture]`. */
export function textOfItem({ text, content, atName, ...item }: RichTextItem): string {
  if (isPicture({ text, content, ...item })) return PICTURE;
  const value = text ?? content ?? atName ?? '';
  return kindOf(item) === 'at' && value !== '' && !value.startsWith('@') ? `@${value}` : value;
}

/** Returns true for a picture. It has a download code and no text. */
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
