import type { Chart, ReportColumn } from '../../src/catalog/definitions.ts';
import type { ChartDefinition } from '../../src/charts/look.ts';

/** A column for a chart in a test. */
export const column = (name: string, type: string, unit?: string): ReportColumn => ({
  name,
  type,
  description: name,
  nullable: true,
  ...(unit === undefined ? {} : { unit }),
});

export const columns: readonly ReportColumn[] = [
  column('day', 'DATE'),
  column('hour', 'BIGINT', 'hour'),
  column('station', 'VARCHAR'),
  column('station_id', 'VARCHAR'),
  column('reason', 'VARCHAR'),
  column('energy_kwh', 'DOUBLE', 'kWh'),
  column('revenue', 'DECIMAL(18,2)', 'currency'),
  column('uptime', 'DOUBLE', 'share'),
  column('sessions', 'BIGINT', 'count'),
  column('low', 'DOUBLE', 'kWh'),
  column('high', 'DOUBLE', 'kWh'),
  column('forecast', 'DOUBLE', 'kWh'),
];

/** A chart over these columns. */
export const define = <C extends Chart>(chart: C): ChartDefinition<C> => ({
  chart,
  title: 'Probe',
  columns,
  additive: ['energy_kwh', 'revenue', 'sessions'],
});

/** A chart of every kind. */
export const charts = {
  line: { kind: 'line', x: 'day', y: 'energy_kwh' },
  bar: { kind: 'bar', x: 'hour', y: 'energy_kwh' },
  hbar: { kind: 'hbar', x: 'station', id: ['station_id'], y: 'revenue' },
  heatmap: { kind: 'heatmap', x: 'hour', y: 'station', id: ['station_id'], value: 'uptime' },
  strip: { kind: 'strip', x: 'day', y: 'station', value: 'uptime', levels: [0.97, 0.999] },
  fan: { kind: 'fan', x: 'day', y: 'energy_kwh', forecast: 'forecast', low: 'low', high: 'high' },
  number: { kind: 'number', value: 'revenue', more: ['sessions'] },
} as const satisfies Record<string, Chart>;
