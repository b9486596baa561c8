// Defines the verdict about long connections that are down.
import { descriptors, platformIds, platformName, platforms } from '../../../bot/platforms/registry.ts';
import type { Rule } from '../judge/rule.ts';
import { DIAGNOSE, RESTART } from './shared.ts';

/** Returns the rule of CONN_DOWN. */
export const connDown = (): Rule => ({
  id: 'CONN_DOWN',
  layer: 7,
  label: 'long connections',
  clearedBy: ['conn.*'],
  reads: descriptors()
    .filter(({ createConnection }) => createConnection !== undefined)
    .map(({ id }) => `conn.${id}.down` as const),
  judge(known) {
    const broken = platformIds().filter((platform) => known.fact(`conn.${platform}.down`));
    const [first] = broken;
    if (!first) return undefined;
    const down = broken.flatMap((platform) => known.fact(`conn.${platform}.down`) ?? []);
    const names = broken.map((platform) => platformName(platform)).join(' and ');
    const isOutdated = down.every(({ since }) => since === null);
    return {
      confidence: 'proven',
      // Only the error of the platform shows the cause: the console, a firewall, too many connections.
      blame: isOutdated ? 'us.config' : 'unknown',
      title: `The long connection to ${names} is down: ${down[0]?.lastError ?? 'no attempt was answered'}.`,
      impact: {
        text: isOutdated
          ? `messages from ${names} arrive as callbacks, if at all`
          : `no message from ${names} reaches the bot`,
        platform: first,
      },
      evidence: broken.map((platform) => known.seen(`conn.${platform}`)),
      explains: known.explain(({ id }) => broken.some((platform) => id === `conn.${platform}`)),
      remedies: isOutdated
        ? [
            {
              text: 'Restart the bot, because it reads its settings only when it starts.',
              commands: [RESTART],
              risk: 'restart',
            },
          ]
        : [
            {
              text: 'Read the error of each attempt in the log; docs/channels/long-connections.md explains the codes.',
              commands: ['make logs'],
              risk: 'safe',
            },
            { text: platforms[first].diagnosis.connectionSetup ?? '', commands: [], risk: 'config' },
          ],
      verify: `${DIAGNOSE} --only ${broken.map((platform) => `conn.${platform}`).join(',')}`,
    };
  },
});
