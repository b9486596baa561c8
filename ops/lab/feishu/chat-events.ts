// Sends the events of the fake Feishu that are not messages: bot added or removed, messages read, button pressed.
import type { CallbackAnswer } from '../common/deliver.ts';
import { randomId } from '../common/ids.ts';
import type { LabCredentials } from '../credentials.ts';
import type { Directory, Person } from './directory.ts';
import { envelopeV1, envelopeV2 } from './events.ts';
import type { MessageStore } from './message-store.ts';

/** Events of the bot in a group. */
export type ChatEventKind = 'bot_added' | 'bot_removed' | 'chat_disbanded';

interface EventOptions {
  chatId?: string;
  /** The person who acts. */
  userId?: string;
  eventId?: string;
}

/** Sends events that are not messages. */
export interface ChatEvents {
  /** Sends the event that the bot was added to a group, removed from it, or that the group was disbanded. */
  sendChatEvent(
    kind: ChatEventKind,
    where?: EventOptions & { schema?: '1.0' | '2.0'; name?: string },
  ): Promise<CallbackAnswer & { chatId: string }>;
  /** Sends the event that a person has read messages of the bot. */
  sendReadReceipt(messageIds: string[], where?: EventOptions): Promise<CallbackAnswer>;
  /**
   * Sends the event that a person has pressed a button of a card. `body` of the answer is what the platform displays.
   * `action` replaces the button's action, because forms, menus, pickers and checkboxes have other members. See
   * https://open.feishu.cn/document/uAjLw4CM/ukzMukzMukzM/feishu-cards/handle-card-callbacks (read 2026-11).
   */
  pressButton(button: EventOptions & { messageId: string; value?: unknown; action?: object }): Promise<CallbackAnswer>;
}

/** Dependencies of the chat events. */
export interface ChatEventDeps {
  app: LabCredentials['feishu'];
  directory: Directory;
  messages: MessageStore;
  deliver(payload: object): Promise<CallbackAnswer>;
  now(): number;
}

const types: Record<ChatEventKind, { v1: string; v2: string }> = {
  bot_added: { v1: 'add_bot', v2: 'im.chat.member.bot.added_v1' },
  bot_removed: { v1: 'remove_bot', v2: 'im.chat.member.bot.deleted_v1' },
  chat_disbanded: { v1: 'chat_disband', v2: 'im.chat.disbanded_v1' },
};

/** Creates the sender of chat events. */
export function createChatEvents({ app, directory, messages, deliver, now }: ChatEventDeps): ChatEvents {
  const header = (type: string, eventId = randomId(32)) => ({ type, eventId, at: now() });
  return {
    async sendChatEvent(kind, { schema = '2.0', eventId, name, ...where } = {}) {
      const { person, chatId } = directory.enter({ ...where, chatType: 'group' });
      if (kind !== 'bot_added') directory.leave(chatId);
      const payload =
        schema === '2.0'
          ? envelopeV2(app, header(types[kind].v2, eventId), { chat_id: chatId, operator_id: idsOf(person), name })
          : envelopeV1(app, header(types[kind].v1, eventId), oldBody(kind, chatId, person));
      return { ...(await deliver(payload)), chatId };
    },
    sendReadReceipt(messageIds, { eventId, ...where } = {}) {
      const { person } = directory.enter({ ...where, chatType: 'p2p' });
      const reader = { reader_id: idsOf(person), read_time: String(now()), tenant_key: app.tenantKey };
      const event = { reader, message_id_list: messageIds };
      return deliver(envelopeV2(app, header('im.message.message_read_v1', eventId), event));
    },
    pressButton({ messageId, value, action, eventId, ...where }) {
      const chatId = where.chatId ?? messages.get(messageId)?.chatId;
      if (chatId === undefined) throw new Error(`There is no message ${messageId} in the lab; send it first.`);
      const { person } = directory.enter({ ...where, chatId, chatType: 'group' });
      const event = {
        operator: { tenant_key: app.tenantKey, ...idsOf(person) },
        token: `c-${randomId(32)}`,
        action: action ?? { value, tag: 'button' },
        host: 'im_message',
        context: { open_message_id: messageId, open_chat_id: chatId },
      };
      return deliver(envelopeV2(app, header('card.action.trigger', eventId), event));
    },
  };
}

function idsOf({ openId, unionId, userId }: Person): object {
  return { open_id: openId, union_id: unionId, user_id: userId };
}

/** Builds the event of schema 1.0, which has a special shape for the end of a group. */
function oldBody(kind: ChatEventKind, chatId: string, { openId, userId }: Person): object {
  return kind === 'chat_disbanded'
    ? { chat_id: chatId, operator: { open_id: openId, user_id: userId } }
    : { open_chat_id: chatId, operator_open_id: openId, operator_employee_id: userId };
}
