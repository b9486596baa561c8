// Command `ops inbox`: lists, shows, retries and drops messages that could not be answered.

import { FINISHED_RETENTION_MS } from '../../bot/domain/callback.ts';
import { platformIds } from '../../bot/platforms/registry.ts';
import { MAX_ATTEMPTS } from '../../bot/store/retry-schedule.ts';
import type { Command } from '../command.ts';
import { createQueueCommand } from './create-command.ts';
import { INBOX } from './queue.ts';

const usage = () => `Usage: ./chatbot inbox <list|show|retry|drop> [options]

  list          messages that are dead: given up after ${MAX_ATTEMPTS} attempts, oldest first
                --state ${INBOX.states.join(',')}   --platform ${platformIds().join('|')}   --limit 50   --json
  show ID       all facts about one message; --text adds its text; --json
  retry ID...   processes messages again, with all attempts
  drop ID...    gives up messages for good and erases their text; their ids are kept for ${FINISHED_RETENTION_MS / 3_600_000} hours, so that a message
                that the platform delivers again is not answered

retry and drop accept --all instead of ids, and --platform together with --all.
The bot may be running.

Exit code: 0 done, 1 a named message does not exist or is in the wrong state, 2 wrong usage.`;

export const command: Command = createQueueCommand(INBOX, {
  name: 'inbox',
  summary: 'messages that could not be answered: list, show, retry, drop',
  usage,
});
