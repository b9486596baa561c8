// Logs the state changes of one app's long connection: opened, failed, ended.

import { ConnectionRejectedError, type Protocol } from '../domain/connection.ts';
import { describeError } from '../telemetry/describe-error.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { LinkEnd } from './link.ts';

/** End of a connection; `stopped` means closed by the bot's shutdown. */
export interface ConnectionEnd {
  reason: LinkEnd['reason'] | 'stopped';
  code?: number | undefined;
  livedMs: number;
}

export interface ConnectionLog {
  /** `attempt` counts from 1 since the last stable connection. */
  opened(attempt: number): void;
  failed(error: unknown, attempt: number): void;
  ended(end: ConnectionEnd): void;
  unreadable(error: unknown): void;
}

/** Creates the log of one app's long connection. */
export function createConnectionLog(log: Logger, { platform, appId }: Pick<Protocol, 'platform' | 'appId'>) {
  const fields = { 'chatbot.platform': platform, 'chatbot.app_id': appId };
  const connectionLog: ConnectionLog = {
    opened: (attempt) =>
      log.info('Long connection opened', {
        ...fields,
        'event.action': 'connection-opened',
        'chatbot.attempt': attempt,
      }),
    failed(error, attempt) {
      const { 'error.code': code, 'error.message': message } = describeError(error);
      const isLasting = error instanceof ConnectionRejectedError && error.lasting;
      const text = isLasting
        ? 'Long connection rejected; check the credentials, and that it is enabled in the console'
        : 'Failed to open a long connection; retrying';
      log[isLasting ? 'error' : 'warn'](text, {
        ...fields,
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
        ...fields,
        'event.action': 'connection-closed',
        'event.outcome': isLost ? 'failure' : 'success',
        'event.reason': reason,
        'event.duration': livedMs * 1e6,
        'error.code': isLost && code !== undefined ? String(code) : undefined,
      });
    },
    unreadable: (error) => log.warn('Failed to read a frame of the long connection', { ...fields, error }),
  };
  return connectionLog;
}
