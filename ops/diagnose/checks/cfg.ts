// Checks that the settings are valid, and reports their warnings.

import type { InstalledSettings } from '../../installation/installed-settings.ts';
import type { Check } from '../engine/check.ts';
import { noPermission } from './no-permission.ts';

/** Builds the check that all readers of settings need, so that a broken file causes one failure instead of twenty. */
export function cfgSchema({ problems, settings, unreadable }: InstalledSettings): Check {
  return {
    id: 'cfg.schema',
    title: 'Settings',
    layer: 0,
    needs: [],
    critical: true,
    weight: 1000,
    timeoutMs: 1000,
    onTimeout: 'unknown',
    declares: ['cfg.problems'],
    async run(ctx) {
      for (const path of unreadable) {
        const denied = await noPermission(ctx, { path, code: 'EACCES' });
        if (denied) return denied;
      }
      const [first] = problems;
      if (first) {
        const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
        const summary = `${first.problem} ${first.fix}${more}`;
        return { status: 'fail', code: 'CONFIG', summary, facts: { 'cfg.problems': problems } };
      }
      const warnings = settings?.warnings ?? [];
      if (warnings.length > 0) return { status: 'warn', summary: warnings.join(' ') };
      return { status: 'ok', summary: 'all settings are valid' };
    },
  };
}
