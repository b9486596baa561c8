// Every check, in an order in which each stands after those it waits for. The report keeps this order.

import type { InstalledSettings } from '../../installation/installed-settings.ts';
import type { Check } from '../engine/check.ts';
import { TARGETS } from '../facts.ts';
import { cbReject } from './callback.ts';
import { cfgSchema } from './cfg.ts';
import { connDingtalk, connFeishu } from './conn.ts';
import { credDingtalk, credFeishu } from './cred.ts';
import { dbConnect } from './db.ts';
import { evCallbacks, evModel, evPushes, logsLocal } from './evidence.ts';
import { hostClock, hostDisk, hostMem } from './host.ts';
import { evIgnored } from './ignored.ts';
import { netChecks } from './net.ts';
import { procPort, procReady, procUp } from './proc.ts';
import { queueInbox, queueOutbox } from './queue.ts';

export function allChecks(settings: InstalledSettings): Check[] {
  return [
    cfgSchema(settings),
    hostDisk,
    hostMem,
    procUp,
    procPort,
    procReady,
    ...TARGETS.flatMap(netChecks),
    hostClock,
    logsLocal,
    evPushes,
    evCallbacks,
    evIgnored,
    evModel,
    credFeishu,
    credDingtalk,
    connFeishu,
    connDingtalk,
    dbConnect,
    queueInbox,
    queueOutbox,
    cbReject,
  ];
}
