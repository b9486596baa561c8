// Counts the bot's answers by the number that stands in the message they answer.
import type { SentMessage } from '../../ops/lab/common/sent-log.ts';

export interface ReplyTally {
  /** Reads what has come since the last call; the lab keeps the newest 20,000 messages of each platform. */
  read(): { answered: number; twice: number };
  has(number: number): boolean;
}

/** The text of message `number`; its answer repeats it. */
export function numbered(number: number): string {
  return `number ${number}.`;
}

/** `logs`: the lab's list of each platform. */
export function createReplyTally(logs: readonly (readonly SentMessage[])[]): ReplyTally {
  const counts = new Map<number, number>();
  const newest: (SentMessage | undefined)[] = [];
  /** Without a number so far: an answer that grows begins as something else. */
  const growing = new Set<SentMessage>();
  let twice = 0;

  function count(message: SentMessage): void {
    const found = /number (\d+)\./.exec(message.text)?.[1];
    if (found === undefined) {
      growing.add(message);
      return;
    }
    growing.delete(message);
    const times = (counts.get(Number(found)) ?? 0) + 1;
    counts.set(Number(found), times);
    if (times === 2) twice += 1;
  }
  return {
    has: (number) => counts.has(number),
    read() {
      for (const message of growing) count(message);
      for (const [i, sent] of logs.entries()) {
        const known = sent.lastIndexOf(newest[i] as SentMessage); // undefined is in no list: all are new
        for (const message of sent.slice(known + 1)) count(message);
        newest[i] = sent.at(-1);
      }
      return { answered: counts.size, twice };
    },
  };
}
