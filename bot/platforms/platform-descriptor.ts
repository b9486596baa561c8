// Describes one platform completely, for the bot and its commands.
import type { AlertReceiver } from '../domain/alert.ts';
import type { Channel } from '../domain/channel.ts';
import type { Protocol, Timing } from '../domain/connection.ts';
import type { PushErrorClass } from '../domain/delivery.ts';
import type { Language } from '../domain/language.ts';
import type { Platform } from '../domain/platform.ts';
import type { Problem } from '../domain/problem.ts';
import type { HttpClient } from '../http-client/http-client.ts';
import type { PlatformDiagnosis } from './platform-diagnosis.ts';
import type { AppCandidate, AppFields } from './shared/app-candidate.ts';

/** Description of one platform. `App` is the type of the credentials of one app. */
export interface PlatformDescriptor<App = unknown> {
  id: Platform;
  /** Name in chats and reports. */
  name: Readonly<Record<Language, string>>;
  /** The platform's terms for ids, for help and examples. */
  terms: PlatformTerms;
  /** Paths of the callbacks on the public listener. The first one is the request address for the platform's console. */
  callbackRoutes: readonly [string, ...string[]];
  apps: AppReader<App>;
  /** True if the settings select long connections instead of callbacks. */
  usesLongConnection(settings: object): boolean;
  createChannel(deps: ChannelDeps<App>): Channel;
  /** Missing if the platform has no long connections. */
  createConnection?(deps: ConnectionDeps<App>): Protocol;
  /** Missing if the platform has no group robots. */
  alerts?: AlertSupport;
  /** Returns the meaning of an error code, or undefined for an unknown code. */
  explainCode(code: string): ExplainedCode | undefined;
  diagnosis: PlatformDiagnosis<App>;
}

/** Meaning of an error code of a platform. */
export interface ExplainedCode {
  class: PushErrorClass;
  /** Steps for the operator that fix the cause. */
  hint: string;
}

export interface PlatformTerms {
  /** Name of a person's id, with an example. */
  userId: string;
  userIdExample: string;
  /** Extent in which a person's id is unique: two people of one tenant may share one that is unique per organisation. */
  userIdIsUniqueIn: 'app' | 'organisation';
  /** Names of the ids of an app and of an organisation. */
  appId: string;
  organisation: string;
  organisationExample: string;
}

/** Reads the apps of a platform from settings and from `config.yaml`. */
export interface AppReader<App> {
  /**
   * Members of an app in `config.yaml`, the id first. Each has the name of the setting with the same meaning, or
   * undefined if there is none.
   */
  fields: Readonly<Record<string, string | undefined>>;
  /** Members with one value for all apps of the platform. */
  commonFields: Readonly<Record<string, string>>;
  /** Problems of one app, each with its fix. `given` returns the raw value of a setting. */
  check(candidate: AppCandidate, given: (setting: string) => string | undefined): Problem[];
  read(fields: AppFields): App;
  idOf(app: App): string;
  /** Values that must not reach a log. */
  secretsOf(app: App): (string | undefined)[];
  /** Returns warnings about an app that works but is weak. */
  weaknessesOf(app: App, settings: object): string[];
}

/** Dependencies of every part of a platform. */
export interface PlatformDeps {
  settings: object;
  http: HttpClient;
  /** Milliseconds since 1970. */
  clock: () => number;
}

export interface ChannelDeps<App> extends PlatformDeps {
  apps: readonly App[];
}

export interface ConnectionDeps<App> extends PlatformDeps {
  app: App;
  /** The platform's channel. */
  channel: Pick<Channel, 'botId'> | undefined;
  timing: Timing;
}

export interface AlertSupport {
  /** Setting with the webhook of the group's robot, and the one with its secret. */
  webhookSetting: string;
  secretSetting: string;
  /** Undefined if no webhook is set. */
  createReceiver(deps: PlatformDeps): AlertReceiver | undefined;
}
