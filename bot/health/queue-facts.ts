// Reads depth and age of the queues, for the metrics and `/status`.
import type { Inbox } from '../inbox/inbox.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { QueueFacts } from '../telemetry/metrics.ts';

interface Queues {
  inbox: Inbox;
  outbox: Outbox;
  sessions: { active(): Promise<number> };
}

export interface QueueReader {
  /** Reads depth and age of both queues and the number of active sessions from the database. */
  read(): Promise<QueueFacts>;
}

export function createQueueReader({ inbox, outbox, sessions }: Queues): QueueReader {
  return {
    async read() {
      const [messages, parts, sessionsActive] = await Promise.all([inbox.depth(), outbox.depths(), sessions.active()]);
      return {
        inboxDepth: messages.depth,
        inboxOldestAgeSeconds: messages.oldestAgeSeconds,
        outboxDepth: parts.byState,
        outboxOldestAgeSeconds: parts.oldestAgeSeconds,
        sessionsActive,
      };
    },
  };
}
