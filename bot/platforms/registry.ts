// Registers the platforms with the types of their apps and settings. CONTRIBUTING.md lists the steps for a new one.
import type { Platform } from '../domain/platform.ts';
import type { DingtalkApp, DingtalkSettings } from './dingtalk/app.ts';
import { dingtalk } from './dingtalk/platform.ts';
import type { FeishuApp, FeishuSettings } from './feishu/app.ts';
import { feishu } from './feishu/platform.ts';
import type { PlatformDescriptor } from './platform-descriptor.ts';

/**
 * Platforms by id. Read them at each use and not while a module loads, because tests add a platform. Only the descriptions
 * of settings are built once.
 */
export const platforms: Record<Platform, PlatformDescriptor> = { feishu, dingtalk };

/** Credentials by platform, in the order of the settings. */
export interface PlatformApps {
  feishu: FeishuApp[];
  dingtalk: DingtalkApp[];
}

/** Settings that the platforms read. */
export type PlatformSettings = FeishuSettings & DingtalkSettings;

export const descriptors = (): PlatformDescriptor[] => Object.values(platforms);
export const platformIds = (): Platform[] => descriptors().map(({ id }) => id);

/** Returns the platform with this id, or undefined for any other value. */
export function descriptorOf(id: unknown): PlatformDescriptor | undefined {
  return descriptors().find((descriptor) => descriptor.id === id);
}

/** Returns the platform of each callback path. */
export function callbackRoutes(): ReadonlyMap<string, Platform> {
  return new Map(descriptors().flatMap(({ id, callbackRoutes: paths }) => paths.map((path) => [path, id] as const)));
}

/** Returns the display name of a platform. Returns an unknown id unchanged. */
export function platformName(id: string, language: 'en' | 'zh' = 'en'): string {
  return descriptorOf(id)?.name[language] ?? id;
}
