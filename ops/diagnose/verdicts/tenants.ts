// Defines the verdict about organisations that no tenant is bound to.

import { platformName } from '../../../bot/platforms/registry.ts';
import { TENANT_KEPT_MS } from '../../../bot/tenants/conversation-tables.ts';
import { bindCommand, unbindCommand } from '../../installation/bind-command.ts';
import type { Rule } from '../judge/rule.ts';
import type { Remedy } from '../report.ts';
import { DIAGNOSE } from './shared.ts';

export const tenantUnknown: Rule = {
  id: 'TENANT_UNKNOWN',
  layer: 7,
  label: 'organisations without a tenant',
  clearedBy: ['ev.ignored'],
  reads: ['ev.ignored.strangers', 'ev.ignored.instead', 'ev.callbacks.traffic'],
  judge(known) {
    const strangers = known.fact('ev.ignored.strangers') ?? [];
    const [first] = [...strangers].sort((a, b) => b.count - a.count);
    if (!first) return undefined;
    const { platform, organisation, count } = first;
    const name = platformName(platform);
    const traffic = known.traffic('callback', platform);
    const groups = known.groups.filter((group) => group.class === 'unknown_tenant');
    const attempted = traffic ? ` of ${traffic.attempted}` : '';
    const instead = (known.fact('ev.ignored.instead') ?? []).filter((one) => one.platform === platform);
    const unbind: Remedy[] = instead.map((one) => ({
      text: `If it replaced ${one.organisation}, remove that binding.`,
      commands: [unbindCommand(one.tenantId, one)],
      risk: 'config',
    }));
    return {
      confidence: 'proven',
      blame: 'us.config',
      title: `Messages of the ${name} organisation ${organisation} are ignored: it is bound to no tenant.`,
      impact: { text: `${count}${attempted} callbacks from ${name} were acknowledged and not answered`, platform },
      evidence: [known.seen('ev.ignored'), ...groups.map(known.logged)],
      explains: known.explain(({ id }, group) => id === 'ev.ignored' || group?.class === 'unknown_tenant'),
      onset: first.firstAt,
      remedies: [
        {
          text: `If you know the organisation, bind it; a running bot uses the binding within ${TENANT_KEPT_MS / 1000} seconds.`,
          commands: ['./chatbot tenants list', ...strangers.map(bindCommand)],
          risk: 'config',
        },
        ...unbind,
        { text: 'If you do not know it, find out who uses the app.', commands: [], risk: 'safe' },
      ],
      verify: `${DIAGNOSE} --only ev.ignored`,
    };
  },
};
