// Lists every check after the checks that it waits for. The report keeps this order.

import type { InstalledSettings } from '../../installation/installed-settings.ts';
import type { Check } from '../engine/check.ts';
import { targets } from '../targets.ts';
import { cbReject } from './callback.ts';
import { cfgSchema } from './cfg.ts';
import { connectionChecks } from './conn.ts';
import { credentialChecks } from './cred.ts';
import { dbConnect } from './db.ts';
import { evCallbacks, evModel, evPushes, logsLocal } from './evidence.ts';
import { hostClock, hostDisk, hostMem } from './host.ts';
import { evIgnored } from './ignored.ts';
import { netChecks } from './net.ts';
import { procPort, procReady, procUp } from './proc.ts';
import { queueInbox, queueOutbox } from './queue.ts';

/** Returns all checks. Their ids do not depend on the settings, so they are known without valid settings. */
export function allChecks(settings: InstalledSettings): Check[] {
  return [
    cfgSchema(settings),
    hostMem,
    procUp,
    hostDisk,
    procPort,
    procReady,
    logsLocal,
    evPushes,
    evCallbacks,
    evIgnored,
    evModel,
    ...targets().flatMap(netChecks),
    hostClock(),
    ...credentialChecks(),
    ...connectionChecks(),
    dbConnect,
    queueInbox,
    queueOutbox,
    cbReject,
  ];
}
