// Reports whether a platform's messages arrive by callbacks or by long connections.
import type { Platform } from '../domain/platform.ts';
import { platforms } from '../platforms/registry.ts';

/** Returns true if the bot opens long connections to the platform; otherwise it waits for callbacks. */
export function usesLongConnection(settings: object, platform: Platform): boolean {
  return platforms[platform].usesLongConnection(settings);
}
