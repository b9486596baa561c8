// Reads Grafana's provisioning files and dashboards for the tests, with types of its own instead of those in grafana/.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ALERTING = `${ROOT}grafana/provisioning/alerting/`;
const DASHBOARDS = `${ROOT}grafana/dashboards/`;

interface Node {
  refId: string;
  relativeTimeRange?: { from: number; to: number };
  datasourceUid: string;
  model: {
    refId: string;
    type?: string;
    expr?: string;
    expression?: string;
    instant?: boolean;
    settings?: { mode?: string };
    conditions?: { evaluator: { type: string; params: number[] }; unloadEvaluator?: unknown }[];
  };
}

export interface Rule {
  uid: string;
  title: string;
  condition: string;
  data: Node[];
  dashboardUid: string;
  panelId: number;
  noDataState: string;
  execErrState: string;
  for: string;
  keepFiringFor: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

interface Group {
  orgId: number;
  name: string;
  folder: string;
  interval: string;
  rules: Rule[];
}

interface Route {
  receiver?: string;
  object_matchers?: string[][];
  routes?: Route[];
}

export interface AlertingFile {
  apiVersion: number;
  groups?: Group[];
  contactPoints?: {
    orgId: number;
    name: string;
    receivers: { uid: string; type: string; settings: Record<string, unknown> }[];
  }[];
  policies?: (Route & { orgId: number })[];
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource?: { type: string; uid: string };
  targets?: { refId: string; expr: string; datasource: { uid: string } }[];
  fieldConfig?: { defaults: { unit: string; thresholds: { steps: { value: number | null }[] } } };
}

export interface Dashboard {
  uid: string;
  title: string;
  id?: number;
  schemaVersion: number;
  editable: boolean;
  panels: Panel[];
}

export const alertingFiles: AlertingFile[] = readdirSync(ALERTING).map((name) =>
  parse(readFileSync(ALERTING + name, 'utf8')),
);
export const groups = alertingFiles.flatMap((file) => file.groups ?? []);
export const rules = groups.flatMap((group) => group.rules);

export const dashboards: Dashboard[] = readdirSync(DASHBOARDS)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(DASHBOARDS + name, 'utf8')));

export const datasources: { uid: string; name: string; isDefault?: boolean }[] = parse(
  readFileSync(`${ROOT}grafana/provisioning/datasources/prometheus.yaml`, 'utf8'),
).datasources;

export const dashboardProvider: { folder: string; folderUid: string } = parse(
  readFileSync(`${ROOT}grafana/provisioning/dashboards/chatbot.yaml`, 'utf8'),
).providers[0];

/** Every PromQL expression of rules and dashboards, with its rule or panel. */
export const expressions: { where: string; expr: string }[] = [
  ...rules.flatMap(({ uid, data }) =>
    data.flatMap(({ model }) => (model.expr ? [{ where: uid, expr: model.expr }] : [])),
  ),
  ...dashboards.flatMap(({ panels }) =>
    panels.flatMap(({ title, targets }) => (targets ?? []).map(({ expr }) => ({ where: title, expr }))),
  ),
];
