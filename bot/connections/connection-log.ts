// What is told of one app's long connection: opened, failed, ended.

import { ConnectionRejectedError, type Protocol } from '../domain/connection.ts';
import { describeError } from '../telemetry/describe-error.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Leaving } from './link.ts';

/** How a connection ended; `stopped` by the bot itself. */
export interface Ending {
  reason: Leaving['reason'] | 'stopped';
  code?: number | undefined;
  livedMs: number;
}

export interface ConnectionLog {
  /** `attempt` counts from 1 since the last connection that was stable. */
  opened(attempt: number): void;
  failed(error: unknown, attempt: number): void;
  ended(ending: Ending): void;
  unreadable(error: unknown): void;
}

export function createConnectionLog(log: Logger, { platform, appId }: Pick<Protocol, 'platform' | 'appId'>) {
  const about = { 'chatbot.platform': platform, 'chatbot.app_id': appId };
  const told: ConnectionLog = {
    opened: (attempt) =>
      log.info('Long connection opened', { ...about, 'event.action': 'connection-opened', 'chatbot.attempt': attempt }),
    failed(error, attempt) {
      const { 'error.code': code, 'error.message': message } = describeError(error);
      const isLasting = error instanceof ConnectionRejectedError && error.lasting;
      const words = isLasting
        ? 'Long connection refused; check the credentials, and in the console that it is switched on'
        : 'Long connection could not be opened; another attempt follows';
      log[isLasting ? 'error' : 'warn'](words, {
        ...about,
        'event.action': 'connection-failed',
        'event.outcome': 'failure',
        'chatbot.attempt': attempt,
        'error.code': code,
        'error.message': message,
      });
    },
    ended({ reason, code, livedMs }) {
      const isLost = reason === 'silent' || reason === 'closed';
      log[isLost ? 'warn' : 'info']('Long connection ended', {
        ...about,
        'event.action': 'connection-closed',
        'event.outcome': isLost ? 'failure' : 'success',
        'event.reason': reason,
        'event.duration': livedMs * 1e6,
        'error.code': isLost && code !== undefined ? String(code) : undefined,
      });
    },
    unreadable: (error) => log.warn('A frame of the long connection could not be read', { ...about, error }),
  };
  return told;
}
