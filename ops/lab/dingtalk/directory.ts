// The conversations, people and reply addresses the fake DingTalk knows.
import { BoundedMap } from '../common/bounded-map.ts';
import { derivedId, randomId } from '../common/ids.ts';

const sessionLifeMs = 5_400_000;

/** `1` is a private conversation, `2` a group. */
export type ConversationType = '1' | '2';

/** Who and where. */
export interface Directory {
  /** Records that a person wrote in a conversation; a given id wins over the derived one. */
  enter(who: { userId?: string | undefined; chatId?: string | undefined; type: ConversationType }): {
    staffId: string;
    chatId: string;
  };
  knowsGroup(chatId: string): boolean;
  /** The private conversation with an employee. */
  chatWith(staffId: string): string | undefined;
  /** Opens a reply address for a conversation; it lives 1.5 hours. */
  openSession(chatId: string, at: number): { session: string; expiresAt: number };
  /** The conversation of a reply address, unless it is unknown or expired. */
  chatOfSession(session: string): string | undefined;
}

/** Creates a directory that remembers the newest 20,000 of each. */
export function createDirectory(now: () => number): Directory {
  const groups = new BoundedMap<string, true>(20_000);
  const privateChats = new BoundedMap<string, string>(20_000);
  const sessions = new BoundedMap<string, { chatId: string; expiresAt: number }>(20_000);
  return {
    enter({ userId = 'lab-user', chatId, type }) {
      const here = chatId ?? `cid${derivedId(type === '1' ? `private ${userId}` : 'lab-group')}`;
      if (type === '1') privateChats.set(userId, here);
      else groups.set(here, true);
      return { staffId: userId, chatId: here };
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
