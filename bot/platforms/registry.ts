// The platforms of this installation. A new one is a folder beside this file, its name in bot/domain/platform.ts, and a line here.
import type { Platform } from '../domain/platform.ts';
import type { DingtalkApp, DingtalkSettings } from './dingtalk/app.ts';
import { dingtalk } from './dingtalk/platform.ts';
import type { FeishuApp, FeishuSettings } from './feishu/app.ts';
import { feishu } from './feishu/platform.ts';
import type { PlatformDescriptor } from './platform-descriptor.ts';

/** Read it at each use, not while a module loads: tests add a platform. */
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

/** Paths of all callbacks, with their platform. */
export function callbackRoutes(): ReadonlyMap<string, Platform> {
  return new Map(descriptors().flatMap(({ id, callbackRoutes: paths }) => paths.map((path) => [path, id] as const)));
}

/** Name for people; an unknown id as it is. */
export function platformName(id: string, language: 'en' | 'zh' = 'en'): string {
  return descriptors().find((descriptor) => descriptor.id === id)?.name[language] ?? id;
}
