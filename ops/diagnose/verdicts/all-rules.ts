// The catalogue of verdicts.
import type { Rule } from '../judge/rule.ts';
import { connDown } from './connection.ts';
import { dingtalkSignMismatch, feishuAppSecretWrong, feishuTokenInvalid } from './credentials.ts';
import { netDnsNxdomain, netTcpRefused } from './network.ts';
import { cbAcceptsForged, cfgEnvWrong, hostDiskFull, procDown, procPortTaken } from './process.ts';
import { dbDown, dbRejectsWrites, modelUnreachable } from './services.ts';
import { tenantUnknown } from './tenants.ts';

export const ALL_RULES: Rule[] = [
  cfgEnvWrong,
  hostDiskFull,
  procDown,
  procPortTaken,
  netDnsNxdomain,
  netTcpRefused,
  dbDown,
  dbRejectsWrites,
  modelUnreachable,
  feishuAppSecretWrong,
  feishuTokenInvalid,
  dingtalkSignMismatch,
  cbAcceptsForged,
  connDown,
  tenantUnknown,
];
