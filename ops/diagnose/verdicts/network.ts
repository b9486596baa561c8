// Defines the verdicts about the network path to the servers that the bot depends on.

import { PROXY_MARK } from '../facts.ts';
import type { Knowledge } from '../judge/knowledge.ts';
import type { Candidate, Rule } from '../judge/rule.ts';
import { type TargetInfo, targets } from '../targets.ts';
import { DIAGNOSE, type FailedHop, failedHop, pushImpact } from './shared.ts';

/** Excludes the model and the database, whose verdicts have better remedies for a refused connection. */
const refusedTargets = () => targets().filter(({ id }) => id !== 'model' && id !== 'database');

/** Returns the rule of NET_DNS_NXDOMAIN. */
export const netDnsNxdomain = (): Rule => ({
  id: 'NET_DNS_NXDOMAIN',
  layer: 2,
  label: 'DNS',
  clearedBy: ['net.*.dns'],
  reads: targets().map(({ id }) => `net.${id}.dns.failure` as const),
  judge(known) {
    const broken = targets().flatMap((target) => failedHop(known, target, 'dns') ?? []);
    const unknown = broken.filter(({ failure }) => failure.code === 'ENOTFOUND');
    const [first] = unknown;
    if (!first) return undefined;
    const hosts = [...new Set(unknown.map(({ failure }) => failure.endpoint))];
    const settings = unknown.map(({ target }) => target.setting).join(', ');
    return {
      ...shared(known, unknown),
      blame: hosts.length > 1 ? 'us.network' : 'us.config',
      title: `${hosts.join(', ')} cannot be resolved: no such name.`,
      remedies: [
        { text: `Check the host name in ${settings}.`, commands: ['./chatbot settings show'], risk: 'config' },
        {
          text: 'Ask the resolver of this machine for the name.',
          commands: [`getent hosts ${first.failure.endpoint}`],
          risk: 'safe',
        },
      ],
      discriminator: 'if getent finds no public name at all, the resolver is at fault, not the setting',
    };
  },
});

/** Returns the rule of NET_TCP_REFUSED. */
export const netTcpRefused = (): Rule => ({
  id: 'NET_TCP_REFUSED',
  layer: 3,
  label: 'TCP',
  clearedBy: refusedTargets().map(({ id }) => `net.${id}.tcp`),
  reads: refusedTargets().map(({ id }) => `net.${id}.tcp.failure` as const),
  judge(known) {
    const broken = refusedTargets().flatMap((target) => failedHop(known, target, 'tcp') ?? []);
    const refused = broken.filter(({ failure }) => failure.code === 'ECONNREFUSED');
    const [first] = refused;
    if (!first) return undefined;
    const names = refused.map(({ target, failure }) => `${target.name} at ${failure.endpoint}`);
    const viaProxy = first.failure.endpoint.endsWith(PROXY_MARK);
    const settings = viaProxy ? 'HTTP_PROXY and HTTPS_PROXY' : refused.map(({ target }) => target.setting).join(', ');
    const [host, port] = splitEndpoint(first.failure.endpoint);
    return {
      ...shared(known, refused),
      blame: 'us.network',
      title: `Connection refused by ${names.join(', ')}: nothing listens there.`,
      remedies: [
        {
          text: `Start the ${viaProxy ? 'proxy' : 'service'}, or correct ${settings}.`,
          commands: ['make status'],
          risk: 'config',
        },
        { text: 'Test the port manually.', commands: [`nc -vz ${host} ${port}`], risk: 'safe' },
      ],
    };
  },
});

/** Returns the parts that all verdicts about a chain share. */
function shared(
  known: Knowledge,
  broken: FailedHop[],
): Pick<Candidate, 'confidence' | 'impact' | 'evidence' | 'explains' | 'verify'> {
  const ids = broken.map(({ target }) => target.id);
  return {
    confidence: 'proven',
    impact: impactOf(
      known,
      broken.map(({ target }) => target),
    ),
    evidence: broken.map(({ checkId }) => known.seen(checkId)),
    explains: known.explain(({ id }, group) => {
      if (broken.some(({ checkId }) => checkId === id)) return true;
      if (group)
        return (
          ['network', 'timeout'].includes(group.class) &&
          broken.some(({ target }) => target.platform === group.platform)
        );
      if (ids.some((target) => id === `conn.${target}`)) return true;
      if (id === 'queue.outbox') return broken.some(({ target }) => target.platform !== undefined);
      if (id === 'queue.inbox') return ids.includes('model') || ids.includes('database');
      return ids.includes('database') && ['db.connect', 'proc.ready'].includes(id);
    }),
    verify: `${DIAGNOSE} --only ${[...new Set(ids.map((target) => `net.${target}`))].join(',')}`,
  };
}

function impactOf(known: Knowledge, broken: TargetInfo[]): Candidate['impact'] {
  const platform = broken.find((target) => target.platform !== undefined)?.platform;
  if (platform) return pushImpact(known, platform);
  const ids = broken.map(({ id }) => id);
  if (ids.includes('model')) return { text: 'messages are accepted, but no answer can be generated' };
  if (ids.includes('database')) return { text: 'no message can be stored, so callbacks are rejected' };
  return { text: 'chats are not affected; metrics or logs are missing' };
}

function splitEndpoint(endpoint: string): [host: string, port: string] {
  const bare = endpoint.split(' ')[0] ?? '';
  const colon = bare.lastIndexOf(':');
  return [bare.slice(0, colon), bare.slice(colon + 1)];
}
