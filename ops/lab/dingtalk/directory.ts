// Stores the conversations, people and reply addresses that the fake DingTalk knows.
import { BoundedMap } from '../common/bounded-map.ts';
import { derivedId, randomId } from '../common/ids.ts';

const sessionLifeMs = 5_400_000;

/** `1` is a private conversation, `2` a group. */
export type ConversationType = '1' | '2';

/** People and conversations. */
export interface Directory {
  /** Records that a person wrote in a conversation. A given id takes precedence over the derived id. */
  enter(sender: { userId?: string | undefined; chatId?: string | undefined; type: ConversationType }): {
    staffId: string;
    chatId: string;
  };
  knowsGroup(chatId: string): boolean;
  /** Returns the private conversation with an employee. */
  chatWith(staffId: string): string | undefined;
  /** Opens a reply address for a conversation. It expires after 1.5 hours. */
  openSession(chatId: string, at: number): { session: string; expiresAt: number };
  /** Returns the conversation of a reply address; undefined if the address is unknown or expired. */
  chatOfSession(session: string): string | undefined;
}

/** Creates a directory that keeps the newest 20,000 groups, private conversations and reply addresses. */
export function createDirectory(now: () => number): Directory {
  const groups = new BoundedMap<string, true>(20_000);
  const privateChats = new BoundedMap<string, string>(20_000);
  const sessions = new BoundedMap<string, { chatId: string; expiresAt: number }>(20_000);
  return {
    enter({ userId = 'lab-user', chatId, type }) {
      const conversation = chatId ?? `cid${derivedId(type === '1' ? `private ${userId}` : 'lab-group')}`;
      if (type === '1') privateChats.set(userId, conversation);
      else groups.set(conversation, true);
      return { staffId: userId, chatId: conversation };
    },
    knowsGroup: (chatId) => groups.has(chatId),
    chatWith: (staffId) => privateChats.get(staffId),
    openSession(chatId, at) {
      const session = randomId(32);
      const expiresAt = at + sessionLifeMs;
      sessions.set(session, { chatId, expiresAt });
      return { session, expiresAt };
    },
    chatOfSession(session) {
      const known = sessions.get(session);
      return known !== undefined && known.expiresAt > now() ? known.chatId : undefined;
    },
  };
}
