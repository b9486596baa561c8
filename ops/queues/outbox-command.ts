// Command `ops outbox`: lists, shows, retries and drops reply parts that could not be sent.

import { PART_EXPIRES_AFTER_MS } from '../../bot/outbox/outbox.ts';
import { platformIds } from '../../bot/platforms/registry.ts';
import type { Command } from '../command.ts';
import { createQueueCommand } from './create-command.ts';
import { OUTBOX } from './queue.ts';

const usage = () => `Usage: ./chatbot outbox <list|show|retry|drop> [options]

  list          parts that are dead (given up) or unknown (may or may not have been delivered), oldest first
                --state ${OUTBOX.states.join(',')}   --platform ${platformIds().join('|')}   --limit 50   --json
  show ID       all facts about one part, with the meaning of its error code; --text adds its text; --json
  retry ID...   sends parts again, with all attempts and ${PART_EXPIRES_AFTER_MS / 60_000} minutes of time; an unknown part may be sent twice
  drop ID...    gives up parts for good and erases their text

retry and drop accept --all instead of ids, and --state ${OUTBOX.deadStates.join('|')} and --platform together with --all.
The bot may be running.

Exit code: 0 done, 1 a named part does not exist or is in the wrong state, 2 wrong usage.`;

export const command: Command = createQueueCommand(OUTBOX, {
  name: 'outbox',
  summary: 'reply parts that could not be sent: list, show, retry, drop',
  usage,
});
