// Creates the channels of all platforms.
import type { Channel } from '../domain/channel.ts';
import type { Platform } from '../domain/platform.ts';
import type { PlatformDeps } from './platform-descriptor.ts';
import { descriptors, type PlatformApps, type PlatformSettings } from './registry.ts';

export interface CreateChannelsDeps extends PlatformDeps {
  settings: PlatformSettings & { apps: PlatformApps };
}

/** Creates one channel per platform, also for platforms without an app, whose callbacks are answered with an error. */
export function createChannels({ settings, http, clock }: CreateChannelsDeps): ReadonlyMap<Platform, Channel> {
  return new Map(
    descriptors().map((platform) => {
      const apps = settings.apps[platform.id];
      return [platform.id, platform.createChannel({ apps, settings, http, clock })];
    }),
  );
}
