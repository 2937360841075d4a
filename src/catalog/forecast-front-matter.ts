import { suggest } from '../text/names.ts';
import type { Report, View } from './definitions.ts';
import { validateObject, type SqlFile } from './front-matter.ts';
import { isPlainObject } from './plain-object.ts';
import { sqlFileError } from './sql-text.ts';

/** Other files that a forecast can name. */
export interface CatalogLookup {
  views: readonly string[];
  reports: readonly string[];
  view(name: string): Promise<View>;
  /** The file of a report. */
  file(report: string): Promise<SqlFile>;
}

/** Columns and types of a daily series. */
const seriesColumns: Readonly<Record<string, string>> = {
  series: 'VARCHAR',
  day: 'DATE',
  value: 'DOUBLE',
  active: 'BIGINT',
};

/** Reads which series a report forecasts, if any; throws if its view or its daily report is missing or does not fit. */
export async function readForecast(file: SqlFile, lookup: CatalogLookup): Promise<Report['forecast']> {
  if (file.frontMatter['forecast'] === undefined) return undefined;
  const lineOfKey = (key: string): number => file.lineOf(['forecast', key]);
  const { series, daily } = validateObject<{ series: string; daily?: string }>(
    file,
    ['forecast'],
    file.frontMatter['forecast'],
    { series: 'text', daily: 'text' },
    ['series'],
  );
  if (!lookup.views.includes(series))
    throw sqlFileError(file.path, lineOfKey('series'), 'sql_file_unknown_view', {
      view: series,
      suggestion: suggest(series, lookup.views),
    });
  const view = await lookup.view(series);
  for (const [name, type] of Object.entries(seriesColumns)) {
    const column = view.outputColumns.find((each) => each.name === name);
    if (column?.type === type) continue;
    const expected = Object.entries(seriesColumns)
      .map((each) => each.join(' ').toLowerCase())
      .join(', ');
    const values = { view: series, column: name, expected };
    throw column
      ? sqlFileError(file.path, lineOfKey('series'), 'sql_file_series_column_type', {
          ...values,
          type: column.type.toLowerCase(),
        })
      : sqlFileError(file.path, lineOfKey('series'), 'sql_file_series_without_column', values);
  }
  if (daily === undefined) return { series: view };
  if (!lookup.reports.includes(daily))
    throw sqlFileError(file.path, lineOfKey('daily'), 'sql_file_unknown_report', {
      report: daily,
      suggestion: suggest(daily, lookup.reports),
    });
  const { chart, forecast } = (await lookup.file(daily)).frontMatter;
  if (!isPlainObject(forecast) || forecast['series'] !== series)
    throw sqlFileError(file.path, lineOfKey('daily'), 'sql_file_other_series', { report: daily, view: series });
  if (!isPlainObject(chart) || chart['kind'] !== 'fan')
    throw sqlFileError(file.path, lineOfKey('daily'), 'sql_file_missing_fan_chart', { report: daily });
  return { series: view, daily };
}
