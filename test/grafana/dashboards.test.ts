// Checks the dashboards by the rules of Grafana's dashboard linter.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { rulesYaml } from '../../grafana/alerts/rules.ts';
import { overview } from '../../grafana/dashboards/overview.ts';
import { dashboards, type Panel, ROOT } from './provisioning.ts';

test.each([
  ['grafana/dashboards/chatbot-overview.json', () => `${JSON.stringify(overview(), null, 2)}\n`],
  ['grafana/provisioning/alerting/rules.yaml', rulesYaml],
])('%s is up to date (npm run dashboards)', (path, render) => {
  expect(readFileSync(ROOT + path, 'utf8')).toBe(render());
});

test('uids and titles are unique', () => {
  expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
  expect(new Set(dashboards.map(({ title }) => title)).size).toBe(dashboards.length);
});

describe.each(dashboards.map((dashboard) => [dashboard.uid, dashboard] as const))('dashboard %s', (uid, dashboard) => {
  const panels = dashboard.panels
    .filter(({ type }) => type !== 'row')
    .map((panel): [string, Panel] => [panel.title, panel]);

  test('can be provisioned', () => {
    expect(uid).toMatch(/^[a-zA-Z0-9_-]{1,40}$/);
    expect([dashboard.id, dashboard.schemaVersion, dashboard.editable]).toEqual([undefined, 41, false]);
    expect(JSON.stringify(dashboard)).not.toMatch(/__inputs|\$\{DS_/);
  });

  test('panel ids are unique, and no two panels overlap', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(dashboard.panels.every(({ gridPos }) => gridPos.x + gridPos.w <= 24)).toBe(true);
  });

  test.each(panels)('%s has a description, a unit and the provisioned data source', (_title, panel) => {
    expect(panel.description).toMatch(/^.{15,}[.:`]$/);
    expect(['percent', 'percentunit', 's', 'bytes', 'reqps', 'short', 'none']).toContain(
      panel.fieldConfig?.defaults.unit,
    );
    expect(panel.datasource).toEqual({ type: 'prometheus', uid: 'prometheus' });
    expect(panel.targets?.length).toBeGreaterThan(0);
    expect(new Set(panel.targets?.map(({ refId }) => refId)).size).toBe(panel.targets?.length);
  });

  test.each(panels)('%s uses the graph window, rates of counters, and a job', (_title, panel) => {
    for (const { expr } of panel.targets ?? []) {
      expect([...expr.matchAll(/\[([^\]]+)\]/g)].filter(([, window]) => window !== '$__rate_interval')).toEqual([]);
      expect(expr.replace(/\b(rate|increase)\([a-z_]+\{[^}]*\}\[[^\]]+\]\)/g, '')).not.toMatch(/_total\b/);
      expect([...expr.matchAll(/[a-z_]+\{([^}]*)\}/g)].filter(([, labels]) => !labels?.includes('job='))).toEqual([]);
    }
  });
});
