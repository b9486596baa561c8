// Builds dashboard panels in Grafana's classic dashboard JSON.
import { DATASOURCE_UID, GRAPH_WINDOW, inWindow, type Measure } from '../measures.ts';

const DATASOURCE = { type: 'prometheus', uid: DATASOURCE_UID };
const GRID_WIDTH = 24;

type Unit = 'percent' | 'percentunit' | 's' | 'bytes' | 'reqps' | 'short' | 'none';

export interface PanelSpec {
  /** Unique in the dashboard. Alert rules refer to it. */
  id: number;
  title: string;
  /** Meaning of the panel, and the values that need attention. */
  description: string;
  unit: Unit;
  /** PromQL with `$window` for the range, and the legend of its series. */
  queries: readonly { expr: string; legend: string }[];
  /** Colour steps. Graphs also draw them as lines. */
  thresholds?: { warning: number; critical?: number };
  max?: number;
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  [key: string]: unknown;
}

/** Panel without a position. */
export type UnplacedPanel = Omit<Panel, 'gridPos'> & { size: { w: number; h: number } };

/** Builds a panel with one big number, coloured by its thresholds. */
export function stat(spec: PanelSpec): UnplacedPanel {
  return {
    ...common(spec, 'stat', true),
    size: { w: 4, h: 4 },
    options: {
      colorMode: 'background',
      graphMode: 'area',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      textMode: 'value',
    },
  };
}

/** Builds a graph with a table of the last and largest values below. */
export function graph(spec: PanelSpec): UnplacedPanel {
  return {
    ...common(spec, 'timeseries', false),
    size: { w: 12, h: 8 },
    options: {
      legend: { calcs: ['lastNotNull', 'max'], displayMode: 'table', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  };
}

/** Returns the unit and the thresholds of a measure, which are the same in all its panels. */
export function ofMeasure({ unit, warning, critical }: Measure): Pick<PanelSpec, 'unit' | 'thresholds'> {
  return { unit, thresholds: { warning, ...(critical === undefined ? {} : { critical }) } };
}

function common(spec: PanelSpec, type: string, instant: boolean): Omit<Panel, 'gridPos'> {
  return {
    id: spec.id,
    type,
    title: spec.title,
    description: spec.description,
    datasource: DATASOURCE,
    targets: spec.queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: DATASOURCE,
      expr: inWindow(expr, GRAPH_WINDOW),
      legendFormat: legend,
      instant,
      range: !instant,
    })),
    fieldConfig: { defaults: fieldDefaults(spec), overrides: [] },
  };
}

function fieldDefaults({ unit, thresholds, max }: PanelSpec) {
  const steps: { color: string; value: number | null }[] = [{ color: 'green', value: null }];
  if (thresholds) steps.push({ color: 'orange', value: thresholds.warning });
  if (thresholds?.critical !== undefined) steps.push({ color: 'red', value: thresholds.critical });
  const lines = thresholds ? { thresholdsStyle: { mode: 'dashed' } } : {};
  return {
    unit,
    min: 0,
    ...(max === undefined ? {} : { max }),
    thresholds: { mode: 'absolute', steps },
    custom: { fillOpacity: 10, lineWidth: 1, showPoints: 'never', spanNulls: false, ...lines },
  };
}

export interface Row {
  id: number;
  title: string;
  panels: readonly UnplacedPanel[];
}

/** Places rows below each other and panels from left to right, wrapping at the grid's width. */
export function placePanels(rows: readonly Row[]): Panel[] {
  const all: Panel[] = [];
  let y = 0;
  for (const row of rows) {
    const gridPos = { x: 0, y, w: GRID_WIDTH, h: 1 };
    all.push({ id: row.id, type: 'row', title: row.title, collapsed: false, panels: [], gridPos });
    y += 1;
    let x = 0;
    let height = 0;
    for (const { size, ...panel } of row.panels) {
      if (x + size.w > GRID_WIDTH) {
        x = 0;
        y += height;
        height = 0;
      }
      // Because of the index signature, the type of `panel` has lost the named keys of `UnplacedPanel`.
      all.push({ ...(panel as Omit<Panel, 'gridPos'>), gridPos: { x, y, ...size } } as Panel);
      x += size.w;
      height = Math.max(height, size.h);
    }
    y += height;
  }
  return all;
}
