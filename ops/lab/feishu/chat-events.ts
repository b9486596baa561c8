// What happens in a chat of the fake Feishu beside messages: the bot comes and goes, something is read, a button is pressed.
import type { Answer } from '../common/deliver.ts';
import { randomId } from '../common/ids.ts';
import type { LabCredentials } from '../credentials.ts';
import type { Directory, Person } from './directory.ts';
import { envelopeV1, envelopeV2 } from './events.ts';
import type { MessageStore } from './message-store.ts';

/** What can happen to the bot in a group. */
export type ChatEventKind = 'bot_added' | 'bot_removed' | 'chat_disbanded';

interface Where {
  chatId?: string;
  /** Who does it. */
  userId?: string;
  eventId?: string;
}

/** The pushing side for events. */
export interface ChatEvents {
  /** The bot is added to a group, removed, or the group ends. */
  sendChatEvent(
    kind: ChatEventKind,
    where?: Where & { schema?: '1.0' | '2.0'; name?: string },
  ): Promise<Answer & { chatId: string }>;
  /** Somebody has read messages of the bot. */
  sendReadReceipt(messageIds: string[], where?: Where): Promise<Answer>;
  /**
   * Somebody presses a button of a card; `body` of the answer is what the platform shows. `action` takes the place of a
   * button's: forms, menus, pickers and checkboxes have other members.
   */
  pressButton(button: Where & { messageId: string; value?: unknown; action?: object }): Promise<Answer>;
}

/** What they need. */
export interface ChatEventDeps {
  app: LabCredentials['feishu'];
  directory: Directory;
  messages: MessageStore;
  deliver(payload: object): Promise<Answer>;
  now(): number;
}

const types: Record<ChatEventKind, { v1: string; v2: string }> = {
  bot_added: { v1: 'add_bot', v2: 'im.chat.member.bot.added_v1' },
  bot_removed: { v1: 'remove_bot', v2: 'im.chat.member.bot.deleted_v1' },
  chat_disbanded: { v1: 'chat_disband', v2: 'im.chat.disbanded_v1' },
};

/** Creates the pushing side for events. */
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
      if (chatId === undefined) throw new Error(`The lab knows no message ${messageId}.`);
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

/** Schema 1.0 has a shape of its own for the end of a group. */
function oldBody(kind: ChatEventKind, chatId: string, { openId, userId }: Person): object {
  return kind === 'chat_disbanded'
    ? { chat_id: chatId, operator: { open_id: openId, user_id: userId } }
    : { open_chat_id: chatId, operator_open_id: openId, operator_employee_id: userId };
}
