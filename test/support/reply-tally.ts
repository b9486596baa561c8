// Counts the bot's answers by the number in the answered message.
import type { SentMessage } from '../../ops/lab/common/sent-log.ts';

export interface ReplyTally {
  /**
   * Reads the messages since the last call and returns the counts. The lab keeps the newest 20,000 messages of each
   * platform.
   */
  read(): { answered: number; twice: number };
  has(number: number): boolean;
}

/** Returns the text of message `number`. The answer repeats it. */
export function numbered(number: number): string {
  return `number ${number}.`;
}

/** `logs` contains the lab's list of sent messages of each platform. */
export function createReplyTally(logs: readonly (readonly SentMessage[])[]): ReplyTally {
  const counts = new Map<number, number>();
  const newest: (SentMessage | undefined)[] = [];
  /** Messages without a number so far: a growing answer begins without one. */
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
