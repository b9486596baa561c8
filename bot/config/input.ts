// By which way a platform's messages come in.
import type { Platform } from '../domain/platform.ts';
import type { Settings } from './settings.ts';

/** Whether the bot opens long connections to the platform; otherwise it waits for callbacks. */
export function usesLongConnection(
  settings: Pick<Settings, 'FEISHU_INPUT' | 'DINGTALK_INPUT'>,
  platform: Platform,
): boolean {
  return platform === 'feishu' ? settings.FEISHU_INPUT === 'websocket' : settings.DINGTALK_INPUT === 'stream';
}
