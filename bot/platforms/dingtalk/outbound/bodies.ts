// A rendered message in the two shapes of the wire: that of a session webhook and that of the robot API.
import type { Buttons } from './action-card.ts';
import type { Rendered } from './render.ts';

/** Markdown and cards mention only whom their text names as well; to a text the client adds the name. */
export function webhookBody(message: Rendered, asker: string | undefined): object {
  const at = asker === undefined ? {} : { at: { atUserIds: [asker], isAtAll: false } };
  if (message.kind === 'text') return { msgtype: 'text', text: { content: message.content }, ...at };
  const { title } = message;
  const text = asker === undefined ? message.text : `@${asker}\n\n${message.text}`;
  if (message.kind === 'markdown') return { msgtype: 'markdown', markdown: { title, text }, ...at };
  return { msgtype: 'actionCard', actionCard: { title, text, ...webhookButtons(message.buttons) }, ...at };
}

/** The parameters of a template are JSON in a text. */
export function apiMessage(message: Rendered): { msgKey: string; msgParam: string } {
  const { msgKey, param } = templateOf(message);
  return { msgKey, msgParam: JSON.stringify(param) };
}

function templateOf(message: Rendered): { msgKey: string; param: object } {
  if (message.kind === 'text') return { msgKey: 'sampleText', param: { content: message.content } };
  const { title, text } = message;
  if (message.kind === 'markdown') return { msgKey: 'sampleMarkdown', param: { title, text } };
  const { buttons } = message;
  const msgKey = buttons.length === 1 ? 'sampleActionCard' : `sampleActionCard${buttons.length}`;
  return { msgKey, param: { title, text, ...apiButtons(buttons) } };
}

/** Orientation 0: one below the other, so that long titles can be read. */
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
