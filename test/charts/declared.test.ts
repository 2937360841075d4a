import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import stringWidth from 'string-width';
import { beforeAll, expect, test } from 'vitest';
import type { Chart, Report } from '../../src/catalog/definitions.ts';
import { draw } from '../../src/charts/draw.ts';
import { chartParams, readChart, type ChartData } from '../../src/charts/report-chart.ts';
import { renderChart } from '../../src/charts/terminal/render.ts';
import { startReport } from '../../src/reports/run-report.ts';
import { openForReading } from '../../src/warehouse/database.ts';
import { scratch } from '../support/cli.ts';
import { importFiles } from '../support/import-files.ts';
import { openEngine } from '../support/duckdb.ts';
import { parseSvg } from '../support/svg.ts';

const folder = scratch();
const db = join(folder, 'fixtures.duckdb');
const { duckdb, catalog } = await openEngine();
const charts = (await catalog.reports()).flatMap((report) =>
  report.charts.map((chart): [string, Report, Chart] => [`${report.name} ${chart.name ?? ''}`.trim(), report, chart]),
);

beforeAll(async () => {
  const files = readdirSync('fixtures').filter((name) => /\.(csv|gz)$/.test(name));
  // Rates make all amounts comparable, and a request gives the request log a day.
  await importFiles(
    files.map((name) => join('fixtures', name)),
    db,
  );
  const signal = new AbortController().signal;
  await openForReading(duckdb, db, catalog, {
    lockWait: { seconds: 0, notify: () => undefined, signal },
    tables: [...new Set((await catalog.reports()).flatMap(({ tables }) => tables)), 'sites', 'charge_points'],
    redact: false,
  });
});

/** The rows of a chart, as the command line reads them. */
async function dataOf(report: Report, chart: Chart): Promise<ChartData> {
  const context = {
    now: new Date('2026-01-01T00:00:00Z'),
    label: (name: string) => name,
    defaultTimeZone: 'Europe/Berlin',
  };
  return readChart(await startReport(duckdb, report, chartParams(report, chart, {}, 80), context), chart, {});
}

test('reports declare charts of these kinds', () => {
  expect([...new Set(charts.map(([, , { kind }]) => kind))].toSorted()).toEqual(
    ['bar', 'fan', 'hbar', 'heatmap', 'line', 'number', 'strip'].toSorted(),
  );
});

test.each(charts)(
  '%s: every row is a mark, labels left out are counted, and text fits 80 columns',
  async (_, report, chart) => {
    // Nothing was served, so the request log is empty.
    const isEmpty = report.tables.includes('requests');
    const { definition, rows, look, total } = await dataOf(report, chart);
    expect(rows.length > 0).toBe(!isEmpty);
    const text = draw(definition, rows, { ...look, top: 1000 });
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
    const { tips, elements, description } = parseSvg(text);
    if (chart.kind === 'line' && rows.length > 400) {
      // Too many for a description each: the points of the line.
      const points = elements
        .flatMap(({ attributes }) => attributes['d'] ?? [])
        .filter((path) => !path.startsWith('M0,0'))
        .reduce((sum, path) => sum + path.split(/[ML]/).filter((each) => /^-?[\d.]+,/.test(each)).length, 0);
      expect(tips).toEqual([]);
      expect(points).toBe(rows.filter((row) => row[chart.y] !== null).length);
    } else if (chart.kind === 'number' && rows.length > 400) expect(tips).toEqual([]);
    else expect(tips).toHaveLength(rows.length);
    expect(description).toMatch(/^.{10,}\.$/s);

    const picture = parseSvg(draw(definition, rows, { ...look, standalone: true }));
    expect(picture.title).toBe(report.title);
    if (chart.kind === 'hbar' && picture.tips.length < total) expect(picture.texts[1]).toMatch(/\d+ of \d+/);

    const lines = renderChart(definition, rows, { ...look, columns: 80, colour: false });
    expect(lines === '').toBe(isEmpty);
    // oxlint-disable-next-line no-control-regex
    expect(lines).not.toMatch(/\x1b|NaN|Infinity|undefined| +$/m);
    for (const line of lines.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(80);
  },
);
