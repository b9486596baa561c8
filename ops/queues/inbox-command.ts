// `ops inbox`: messages that could not be answered.
import type { Command } from '../command.ts';
import { createQueueCommand } from './create-command.ts';
import { INBOX } from './queue.ts';

const usage = `Usage: npm run -s ops -- inbox <list|show|retry|drop> [options]

  list          messages that are dead: given up after five attempts, oldest first
                --state pending,working,done,dead   --platform feishu|dingtalk   --limit 50   --json
  show ID       everything known about one message; --text adds what it says; --json
  retry ID...   answers messages after all, with all attempts anew
  drop ID...    gives messages up for good and empties them; their ids stay known for 8 hours, so that a platform
                that repeats one is not answered

retry and drop take --all instead of ids, and with it --platform.
The bot may run meanwhile.

Exit code: 0 done, 1 a message that was named is not there or in the wrong state, 2 wrong usage.`;

export const command: Command = createQueueCommand(INBOX, {
  name: 'inbox',
  summary: 'messages that could not be answered: look, try again, give up',
  usage,
});
