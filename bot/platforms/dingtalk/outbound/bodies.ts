// Builds the request body of a message for a session webhook and for the robot API.
// https://github.com/fuxun2008/dingtalk-docs, `zh/open/development/robot-message-type.mdx` (read 2026-11).
import type { Buttons } from './action-card.ts';
import type { DingtalkMessage } from './render.ts';

/** Returns a webhook body that mentions `asker`. Markdown and cards need the id in the text; texts do not. */
export function webhookBody(message: DingtalkMessage, asker: string | undefined): object {
  const at = asker === undefined ? {} : { at: { atUserIds: [asker], isAtAll: false } };
  if (message.kind === 'text') return { msgtype: 'text', text: { content: message.content }, ...at };
  const { title } = message;
  const text = asker === undefined ? message.text : `@${asker}\n\n${message.text}`;
  if (message.kind === 'markdown') return { msgtype: 'markdown', markdown: { title, text }, ...at };
  return { msgtype: 'actionCard', actionCard: { title, text, ...webhookButtons(message.buttons) }, ...at };
}

/** Returns the message for the robot API. `msgParam` is JSON in a string. */
export function apiMessage(message: DingtalkMessage): { msgKey: string; msgParam: string } {
  const { msgKey, param } = templateOf(message);
  return { msgKey, msgParam: JSON.stringify(param) };
}

function templateOf(message: DingtalkMessage): { msgKey: string; param: object } {
  if (message.kind === 'text') return { msgKey: 'sampleText', param: { content: message.content } };
  const { title, text } = message;
  if (message.kind === 'markdown') return { msgKey: 'sampleMarkdown', param: { title, text } };
  const { buttons } = message;
  const msgKey = buttons.length === 1 ? 'sampleActionCard' : `sampleActionCard${buttons.length}`;
  return { msgKey, param: { title, text, ...apiButtons(buttons) } };
}

/** Returns the buttons of a webhook card. Orientation 0 puts them in a column, so that long titles are readable. */
function webhookButtons(buttons: Buttons): object {
  if (buttons.length === 1) return singleButton(buttons);
  return { btnOrientation: '0', btns: buttons.map(({ title, url }) => ({ title, actionURL: url })) };
}

function apiButtons(buttons: Buttons): object {
  if (buttons.length === 1) return singleButton(buttons);
  return Object.fromEntries(
    buttons.flatMap(({ title, url }, index) => [
      [`actionTitle${index + 1}`, title],
      [`actionURL${index + 1}`, url],
    ]),
  );
}

function singleButton([{ title, url }]: Buttons): object {
  return { singleTitle: title, singleURL: url };
}
