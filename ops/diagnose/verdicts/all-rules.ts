// Lists the rules of all verdicts.
import type { Rule } from '../judge/rule.ts';
import { connDown } from './connection.ts';
import { credentialRules } from './credentials.ts';
import { netDnsNxdomain, netTcpRefused } from './network.ts';
import { cbAcceptsForged, cfgEnvWrong, hostDiskFull, procDown, procPortTaken } from './process.ts';
import { dbDown, dbRejectsWrites, modelUnreachable } from './services.ts';
import { tenantUnknown } from './tenants.ts';

/** Returns all rules, including those of the platforms. */
export const allRules = (): Rule[] => [
  cfgEnvWrong,
  hostDiskFull,
  procDown,
  procPortTaken,
  netDnsNxdomain(),
  netTcpRefused(),
  dbDown,
  dbRejectsWrites,
  modelUnreachable,
  ...credentialRules(),
  cbAcceptsForged,
  connDown(),
  tenantUnknown,
];
