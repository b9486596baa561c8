// Checks the alert provisioning files. A mistake in one of them prevents the start of Grafana.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { TIMESTAMP_HEADER } from '../../bot/alerts/grafana-webhook.ts';
import { anchorsOf } from '../docs/markdown.ts';
import {
  alertingFiles,
  dashboardProvider,
  dashboards,
  datasources,
  groups,
  ROOT,
  type Rule,
  rules,
} from './provisioning.ts';

const UID = /^[a-zA-Z0-9_-]{1,40}$/;
const DURATION = /^(0s|[1-9]\d*(s|m|h))$/;
const byUid = rules.map((rule): [string, Rule] => [rule.uid, rule]);

describe('groups', () => {
  test.each(groups.map((group) => [group.name, group] as const))(
    '%s is evaluated on a multiple of 10 s',
    (_name, group) => {
      const seconds = Number.parseInt(group.interval, 10) * (group.interval.endsWith('m') ? 60 : 1);
      expect([group.orgId, seconds % 10, seconds > 0]).toEqual([1, 0, true]);
    },
  );

  test('the folder differs from the folder of the dashboards', () => {
    const folders = [...new Set(groups.map(({ folder }) => folder))];
    expect(folders).toEqual(['Chatbot alerts']);
    expect(folders).not.toContain(dashboardProvider.folder);
  });
});

test('the uids and titles of rules are unique', () => {
  expect(new Set(rules.map(({ uid }) => uid)).size).toBe(rules.length);
  expect(new Set(rules.map(({ title }) => title)).size).toBe(rules.length);
});

test('there are rules for CPU, memory, model and sessions (warning and critical), and for organisations (warning)', () => {
  const thresholds = rules.map(({ uid, data, for: pending }) => [
    uid,
    data.at(-1)?.model.conditions?.[0]?.evaluator,
    pending,
  ]);
  expect(thresholds).toEqual([
    ['chatbot-cpu-warning', { type: 'gt', params: [70] }, '10m'],
    ['chatbot-cpu-critical', { type: 'gt', params: [85] }, '5m'],
    ['chatbot-memory-warning', { type: 'gt', params: [80] }, '10m'],
    ['chatbot-memory-critical', { type: 'gt', params: [90] }, '5m'],
    ['chatbot-inference-p95-warning', { type: 'gt', params: [0.5] }, '10m'],
    ['chatbot-inference-p95-critical', { type: 'gt', params: [1] }, '5m'],
    ['chatbot-sessions-warning', { type: 'gt', params: [80] }, '5m'],
    ['chatbot-sessions-critical', { type: 'gt', params: [100] }, '1m'],
    ['chatbot-organisations-warning', { type: 'gt', params: [0] }, '1m'],
  ]);
});

describe.each(byUid)('rule %s', (uid, rule) => {
  const refIds = rule.data.map(({ refId }) => refId);

  test('has a valid uid and title', () => {
    expect(uid).toMatch(UID);
    expect(rule.title.length).toBeLessThanOrEqual(190);
  });

  test('has nodes that refer to earlier nodes only, and the last one is the condition', () => {
    expect(rule.condition).toBe(refIds.at(-1));
    for (const [index, node] of rule.data.entries()) {
      expect(node.model.refId).toBe(node.refId);
      if (index > 0) expect(refIds.slice(0, index)).toContain(node.model.expression);
    }
  });

  test('runs an instant query on the provisioned data source', () => {
    const [query] = rule.data;
    expect(datasources.map((source) => source.uid)).toContain(query?.datasourceUid);
    expect(query?.model.instant).toBe(true);
    expect(query?.relativeTimeRange?.from).toBeGreaterThan(0);
    expect(query?.model.expr).not.toMatch(/\$/);
  });

  test('drops NaN before the comparison, and has no recovery threshold', () => {
    const [, reduce, threshold] = rule.data;
    expect([reduce?.datasourceUid, reduce?.model.type, reduce?.model.settings]).toEqual([
      '__expr__',
      'reduce',
      { mode: 'dropNN' },
    ]);
    expect([threshold?.datasourceUid, threshold?.model.type]).toEqual(['__expr__', 'threshold']);
    expect(threshold?.model.conditions).toEqual([{ evaluator: { type: 'gt', params: [expect.any(Number)] } }]);
  });

  test('has valid states and durations', () => {
    expect([rule.noDataState, rule.execErrState]).toEqual(['OK', 'Error']);
    expect(rule.for).toMatch(DURATION);
    expect(rule.keepFiringFor).toMatch(DURATION);
  });

  test('has a severity and a summary, and no text that Grafana would expand by mistake', () => {
    expect(['warning', 'critical']).toContain(rule.labels.severity);
    expect(uid).toMatch(new RegExp(`-${rule.labels.severity}$`));
    expect(rule.annotations.summary).toMatch(/\{\{.*\$values\.B\.Value.*\}\}/);
    expect(Object.values(rule.labels).join()).not.toContain('$');
    expect(Object.values(rule.annotations).join()).not.toContain('$$');
  });

  test('links to the panel that shows the same expression with the same threshold', () => {
    const dashboard = dashboards.find((found) => found.uid === rule.dashboardUid);
    const panel = dashboard?.panels.find(({ id }) => id === rule.panelId);
    const links = [rule.annotations.__dashboardUid__, rule.annotations.__panelId__];
    expect(links).toEqual([rule.dashboardUid, String(rule.panelId)]);
    expect(panel?.targets?.[0]?.expr.replaceAll('$__rate_interval', '5m')).toBe(rule.data[0]?.model.expr);
    const steps = panel?.fieldConfig?.defaults.thresholds.steps.map(({ value }) => value);
    expect(steps).toContain(rule.data.at(-1)?.model.conditions?.[0]?.evaluator.params[0]);
  });

  test('has a link to an existing runbook', () => {
    const [path = '', anchor = ''] = rule.annotations.runbook_url?.split('#') ?? [];
    expect(anchorsOf(readFileSync(ROOT + path, 'utf8'))).toContain(anchor);
  });
});

describe('delivery', () => {
  const contactPoints = alertingFiles.flatMap((file) => file.contactPoints ?? []);
  const policies = alertingFiles.flatMap((file) => file.policies ?? []);

  test('sends alerts to the bot, signed with the shared secret', () => {
    const receivers = contactPoints.flatMap((point) => point.receivers);
    expect(receivers).toEqual([
      {
        uid: 'bot-relay-webhook',
        type: 'webhook',
        settings: {
          url: 'http://bot:18790/alerts/grafana',
          httpMethod: 'POST',
          hmacConfig: {
            secret: '$__env{ALERT_RELAY_SECRET}',
            header: 'X-Grafana-Alerting-Signature',
            timestampHeader: 'X-Grafana-Alerting-Timestamp',
          },
        },
      },
    ]);
    expect(TIMESTAMP_HEADER).toBe('x-grafana-alerting-timestamp');
  });

  test('has one root policy, and all its receivers exist', () => {
    expect(policies.map(({ orgId }) => orgId)).toEqual([1]);
    const named = policies.flatMap((root) => [root.receiver, ...(root.routes ?? []).map(({ receiver }) => receiver)]);
    const known = contactPoints.map(({ name }) => name);
    expect(named.filter((name) => name === undefined || !known.includes(name))).toEqual([]);
  });

  test('matches a label that the rules have', () => {
    const matchers = policies.flatMap(({ routes = [] }) =>
      routes.flatMap(({ object_matchers = [] }) => object_matchers),
    );
    expect(matchers).toEqual([['severity', '=', 'critical']]);
  });
});

test('the data source has the expected uid and is the only default', () => {
  expect(datasources).toMatchObject([{ uid: 'prometheus', isDefault: true }]);
});
