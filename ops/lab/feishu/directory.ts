// Stores the people and chats that the fake Feishu knows, because a person has written to the bot.
import { BoundedMap } from '../common/bounded-map.ts';
import { derivedId } from '../common/ids.ts';

/** A chat user. All ids are derived from one name, so that a test can name a person. */
export interface Person {
  openId: string;
  unionId: string;
  userId: string;
}

/** The kind of chat, as in `chat_type`. */
export type ChatType = 'p2p' | 'group';

/** People and chats. */
export interface Directory {
  /** Records that a person wrote in a chat. A given chat id takes precedence over the derived id. */
  enter(sender: { userId?: string | undefined; chatId?: string | undefined; chatType: ChatType }): {
    person: Person;
    chatId: string;
  };
  knowsChat(chatId: string): boolean;
  /** Removes the bot from the chat. */
  leave(chatId: string): void;
  /** Returns the one-to-one chat with a person, by any of the three ids. */
  chatWith(kind: keyof Person, id: string): string | undefined;
}

/** Creates a directory that keeps the newest 20,000 chats and people. */
export function createDirectory(): Directory {
  const chats = new BoundedMap<string, ChatType>(20_000);
  const chatByPerson = new BoundedMap<string, string>(60_000);
  return {
    enter({ userId = 'lab-user', chatId, chatType }) {
      const person = personOf(userId);
      const p2pChat = `oc_${derivedId('p2p', person.openId)}`;
      const chat = chatId ?? (chatType === 'p2p' ? p2pChat : `oc_${derivedId('lab-group')}`);
      chats.set(chat, chatType);
      const p2pOfPerson = chatType === 'p2p' ? chat : (chatByPerson.get(`openId ${person.openId}`) ?? p2pChat);
      for (const kind of ['openId', 'unionId', 'userId'] as const)
        chatByPerson.set(`${kind} ${person[kind]}`, p2pOfPerson);
      return { person, chatId: chat };
    },
    knowsChat: (chatId) => chats.has(chatId),
    leave: (chatId) => void chats.delete(chatId),
    chatWith: (kind, id) => chatByPerson.get(`${kind} ${id}`),
  };
}

function personOf(userId: string): Person {
  const openId = userId.startsWith('ou_') ? userId : `ou_${derivedId('open', userId)}`;
  return { openId, unionId: `on_${derivedId('union', openId)}`, userId: derivedId('user', openId).slice(0, 8) };
}
