// `ops outbox`: reply parts that could not be sent.
import type { Command } from '../command.ts';
import { createQueueCommand } from './create-command.ts';
import { OUTBOX } from './queue.ts';

const usage = `Usage: npm run -s ops -- outbox <list|show|retry|drop> [options]

  list          parts that are dead (given up) or unknown (nobody knows whether the platform took them), oldest first
                --state pending,sending,sent,unknown,dead,dropped   --platform feishu|dingtalk   --limit 50   --json
  show ID       everything known about one part, and what its code means; --text adds what it says; --json
  retry ID...   tries parts again, with all attempts anew and 55 minutes of time; an unknown one may be said twice
  drop ID...    gives parts up for good and empties them

retry and drop take --all instead of ids, and with it --state dead|unknown and --platform.
The bot may run meanwhile.

Exit code: 0 done, 1 a part that was named is not there or in the wrong state, 2 wrong usage.`;

export const command: Command = createQueueCommand(OUTBOX, {
  name: 'outbox',
  summary: 'reply parts that could not be sent: look, try again, give up',
  usage,
});
