// The verdict about long connections that do not stand.
import { platformIds, platformName, platforms } from '../../../bot/platforms/registry.ts';
import type { Rule } from '../judge/rule.ts';
import { DIAGNOSE, RESTART } from './shared.ts';

export const connDown = (): Rule => ({
  id: 'CONN_DOWN',
  layer: 7,
  label: 'long connections',
  clearedBy: ['conn.*'],
  reads: platformIds().map((platform) => `conn.${platform}.down` as const),
  judge(known) {
    const broken = platformIds().filter((platform) => known.fact(`conn.${platform}.down`));
    const [first] = broken;
    if (!first) return undefined;
    const down = broken.flatMap((platform) => known.fact(`conn.${platform}.down`) ?? []);
    const names = broken.map((platform) => platformName(platform)).join(' and ');
    const isOutdated = down.every(({ since }) => since === null);
    return {
      confidence: 'proven',
      // Whose fault it is, the words of the platform tell: a console, a firewall, too many connections.
      blame: isOutdated ? 'us.config' : 'unknown',
      title: `The long connection to ${names} is down: ${down[0]?.lastError ?? 'it was never answered'}.`,
      impact: {
        text: isOutdated
          ? `messages from ${names} come by callbacks, if at all`
          : `no message from ${names} reaches the bot`,
        platform: first,
      },
      evidence: broken.map((platform) => known.seen(`conn.${platform}`)),
      explains: known.explain(({ id }) => broken.some((platform) => id === `conn.${platform}`)),
      remedies: isOutdated
        ? [{ text: 'Restart the bot: it reads its settings at its start.', commands: [RESTART], risk: 'restart' }]
        : [
            {
              text: 'Read what the platform says to each attempt; docs/channels/long-connections.md explains the codes.',
              commands: ['make logs'],
              risk: 'safe',
            },
            { text: platforms[first].diagnosis.connectionSetup ?? '', commands: [], risk: 'config' },
          ],
      verify: `${DIAGNOSE} --only ${broken.map((platform) => `conn.${platform}`).join(',')}`,
    };
  },
});
