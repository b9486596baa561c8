// Verdicts about the way to the servers the bot depends on.

import { PROXY_MARK, TARGETS, type Target } from '../facts.ts';
import type { Knowledge } from '../judge/knowledge.ts';
import type { Candidate, Rule } from '../judge/rule.ts';
import { targetInfo } from '../targets.ts';
import { DIAGNOSE, type FailedHop, failedHop, pushImpact } from './shared.ts';

/** Refused connections to the model and the database have verdicts of their own, with better advice. */
const REFUSED_TARGETS = TARGETS.filter((target) => target !== 'model' && target !== 'database');

export const netDnsNxdomain: Rule = {
  id: 'NET_DNS_NXDOMAIN',
  layer: 2,
  label: 'DNS',
  clearedBy: ['net.*.dns'],
  reads: TARGETS.map((target) => `net.${target}.dns.failure` as const),
  judge(known) {
    const broken = TARGETS.flatMap((target) => failedHop(known, target, 'dns') ?? []);
    const unknown = broken.filter(({ failure }) => failure.code === 'ENOTFOUND');
    const [first] = unknown;
    if (!first) return undefined;
    const hosts = [...new Set(unknown.map(({ failure }) => failure.endpoint))];
    const settings = unknown.map(({ target }) => targetInfo[target].setting).join(', ');
    return {
      ...shared(known, unknown),
      blame: hosts.length > 1 ? 'us.network' : 'us.config',
      title: `${hosts.join(', ')} cannot be resolved: no such name.`,
      remedies: [
        { text: `Check the host name in ${settings}.`, commands: ['npm run -s ops -- settings show'], risk: 'config' },
        {
          text: 'Ask the resolver of this machine for the name.',
          commands: [`getent hosts ${first.failure.endpoint}`],
          risk: 'safe',
        },
      ],
      discriminator: 'if getent finds no public name at all, the resolver is at fault and not the setting',
    };
  },
};

export const netTcpRefused: Rule = {
  id: 'NET_TCP_REFUSED',
  layer: 3,
  label: 'TCP',
  clearedBy: REFUSED_TARGETS.map((target) => `net.${target}.tcp`),
  reads: REFUSED_TARGETS.map((target) => `net.${target}.tcp.failure` as const),
  judge(known) {
    const broken = REFUSED_TARGETS.flatMap((target) => failedHop(known, target, 'tcp') ?? []);
    const refused = broken.filter(({ failure }) => failure.code === 'ECONNREFUSED');
    const [first] = refused;
    if (!first) return undefined;
    const names = refused.map(({ target, failure }) => `${targetInfo[target].name} at ${failure.endpoint}`);
    const viaProxy = first.failure.endpoint.endsWith(PROXY_MARK);
    const settings = viaProxy
      ? 'HTTP_PROXY and HTTPS_PROXY'
      : refused.map(({ target }) => targetInfo[target].setting).join(', ');
    const [host, port] = splitEndpoint(first.failure.endpoint);
    return {
      ...shared(known, refused),
      blame: 'us.network',
      title: `Connections are refused by ${names.join(', ')}: nothing listens there.`,
      remedies: [
        {
          text: `Start the ${viaProxy ? 'proxy' : 'service'}, or correct ${settings}.`,
          commands: ['make status'],
          risk: 'config',
        },
        { text: 'Try the port by hand.', commands: [`nc -vz ${host} ${port}`], risk: 'safe' },
      ],
    };
  },
};

/** What all verdicts about a chain have in common. */
function shared(
  known: Knowledge,
  broken: FailedHop[],
): Pick<Candidate, 'confidence' | 'impact' | 'evidence' | 'explains' | 'verify'> {
  const targets = broken.map(({ target }) => target);
  return {
    confidence: 'proven',
    impact: impactOf(known, targets),
    evidence: broken.map(({ checkId }) => known.seen(checkId)),
    explains: known.explain(({ id }, group) => {
      if (broken.some(({ checkId }) => checkId === id)) return true;
      if (group)
        return (
          ['network', 'timeout'].includes(group.class) &&
          targets.some((target) => platformOf(target) === group.platform)
        );
      if (targets.some((target) => id === `conn.${target}`)) return true;
      if (id === 'queue.outbox') return targets.some((target) => platformOf(target) !== undefined);
      if (id === 'queue.inbox') return targets.includes('model') || targets.includes('database');
      return targets.includes('database') && ['db.connect', 'proc.ready'].includes(id);
    }),
    verify: `${DIAGNOSE} --only ${[...new Set(targets.map((target) => `net.${target}`))].join(',')}`,
  };
}

function impactOf(known: Knowledge, targets: Target[]): Candidate['impact'] {
  const platform = targets.map(platformOf).find((name) => name !== undefined);
  if (platform) return pushImpact(known, platform);
  if (targets.includes('model')) return { text: 'messages are taken, but no answer can be generated' };
  if (targets.includes('database')) return { text: 'no message can be stored, so callbacks are refused' };
  return { text: 'chats are not affected; what it records or shows is missing' };
}

function platformOf(target: Target): string | undefined {
  if (target === 'feishu') return 'feishu';
  return target.startsWith('dingtalk') ? 'dingtalk' : undefined;
}

function splitEndpoint(endpoint: string): [host: string, port: string] {
  const bare = endpoint.split(' ')[0] ?? '';
  const colon = bare.lastIndexOf(':');
  return [bare.slice(0, colon), bare.slice(colon + 1)];
}
