// Starts the lab: fake Feishu, DingTalk and model servers and the playground page, on the loopback address only.

import { createLabEvents, createObserver, type LabEvents } from './common/lab-events.ts';
import { type Listener, listen } from './common/listener.ts';
import { botEnvironment, generateCredentials, type LabCredentials, type LabUrls } from './credentials.ts';
import { createFakeDingtalk, type FakeDingtalk } from './dingtalk/fake-dingtalk.ts';
import type { FaultName, FaultSet } from './faults.ts';
import { createFakeFeishu, type FakeFeishu } from './feishu/fake-feishu.ts';
import { createFakeModel, type FakeModel } from './model/fake-model.ts';
import { createPlayground } from './playground/playground.ts';

export type { FaultName, LabCredentials };
export { botEnvironment, generateCredentials };

/** Options of a lab. */
export interface LabOptions {
  credentials: LabCredentials;
  /** Address at which the bot accepts callbacks, such as `http://127.0.0.1:18789`. */
  botUrl: string;
  /** The bot's status page, linked from the playground. Default: the bot's port plus one. */
  botStatusUrl?: string;
  /** Ports of the four servers. With 0, the default for all four, the lab chooses free ports. */
  ports?: { page: number; feishu: number; dingtalk: number; model: number } | undefined;
  /** Duration of a model answer in milliseconds (default 0). */
  modelDelayMs?: number;
  /** Milliseconds before each redelivery of a callback that the bot did not acknowledge (default: no redelivery). */
  retryDelaysMs?: number[];
  /** Longest wait for the acknowledgement of a callback in milliseconds (default: the platform's deadline). */
  ackWithinMs?: number;
  /** Clock of the platforms' limits and tokens, in milliseconds since 1970 (default: the machine's clock). */
  now?: () => number;
  /** DingTalk address for session webhooks, if the bot reaches the lab at another address. */
  dingtalkUrlForBot?: string;
}

/** A running lab. */
export interface Lab {
  readonly urls: LabUrls;
  readonly feishu: FakeFeishu;
  readonly dingtalk: FakeDingtalk;
  readonly model: FakeModel;
  /** Active faults. */
  readonly faults: FaultSet;
  /** Switches a fault. Resolves when the switch has taken effect. */
  setFault(name: FaultName, on: boolean): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a lab.
 * @throws CommandError that names the port and the setting if a port is in use
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  const { credentials, botUrl, ports = { page: 0, feishu: 0, dingtalk: 0, model: 0 }, retryDelaysMs = [] } = options;
  const faults = new Set<FaultName>();
  const events = createLabEvents();
  const listeners: Record<string, Listener> = {};
  const urlOf = (name: string) => listeners[name]?.url ?? '';

  const { ackWithinMs, now = Date.now } = options;
  const shared = { botUrl, faults, retryDelaysMs, ackWithinMs, now };
  const feishu = createFakeFeishu({
    ...shared,
    app: credentials.feishu,
    observer: createObserver('feishu', events),
  });
  const dingtalk = createFakeDingtalk({
    ...shared,
    app: credentials.dingtalk,
    ownUrl: () => options.dingtalkUrlForBot ?? urlOf('dingtalk'),
    observer: createObserver('dingtalk', events),
  });
  const model = createFakeModel({ model: credentials.model, faults, delayMs: options.modelDelayMs ?? 0 });

  const setFault = createFaultSwitch(faults, listeners, events);
  const playground = createPlayground({
    botUrl,
    botStatusUrl: options.botStatusUrl ?? `${nextPort(botUrl)}/status`,
    feishu: feishu.fake,
    dingtalk: dingtalk.fake,
    faults,
    setFault,
    events,
  });

  async function stop(): Promise<void> {
    feishu.stop();
    dingtalk.stop();
    model.stop();
    playground.stop();
    await Promise.all(Object.values(listeners).map((listener) => listener.close()));
  }
  try {
    listeners.feishu = await listen('Feishu', ports.feishu, feishu.handler);
    listeners.dingtalk = await listen('DingTalk', ports.dingtalk, dingtalk.handler);
    listeners.feishu.onUpgrade(feishu.upgrade);
    listeners.dingtalk.onUpgrade(dingtalk.upgrade);
    listeners.model = await listen('model', ports.model, model.handler);
    listeners.page = await listen('playground page', ports.page, playground.handler);
  } catch (error) {
    await stop();
    throw error;
  }
  const urls = { page: urlOf('page'), feishu: urlOf('feishu'), dingtalk: urlOf('dingtalk'), model: urlOf('model') };
  return { urls, feishu: feishu.fake, dingtalk: dingtalk.fake, model: model.fake, faults, setFault, stop };
}

// A platform that is down has no listener. The fakes read all other faults from the set at each request.
function createFaultSwitch(faults: Set<FaultName>, listeners: Record<string, Listener>, events: LabEvents) {
  return async (name: FaultName, on: boolean): Promise<void> => {
    if (faults.has(name) === on) return;
    const listener = name.endsWith('-down') ? listeners[name.replace(/-down$/, '')] : undefined;
    await (on ? listener?.close() : listener?.open());
    if (on) faults.add(name);
    else faults.delete(name);
    events.publish({ kind: 'fault', name, on, at: Date.now() });
  };
}

function nextPort(botUrl: string): string {
  const url = new URL(botUrl);
  url.port = String(Number(url.port || 80) + 1);
  return url.origin;
}
