import { suggest } from '../text/names.ts';
import type { Report, View } from './definitions.ts';
import { catalogFault, isPlainObject, validateObject, type SqlFile } from './front-matter.ts';

/** What of the other files a forecast may name. */
export interface CatalogLookup {
  views: readonly string[];
  reports: readonly string[];
  view(name: string): Promise<View>;
  /** The file of a report. */
  file(report: string): Promise<SqlFile>;
}

/** What a daily series must answer. */
const seriesColumns: Readonly<Record<string, string>> = {
  series: 'VARCHAR',
  day: 'DATE',
  value: 'DOUBLE',
  active: 'BIGINT',
};

/** Reads what a report forecasts, if it does: the view of its daily series is there, and so is the report of its days. */
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
    throw catalogFault(file.path, lineOfKey('series'), `no view "${series}"`, suggest(series, lookup.views));
  const view = await lookup.view(series);
  for (const [name, type] of Object.entries(seriesColumns)) {
    const column = view.outputColumns.find((each) => each.name === name);
    if (column?.type === type) continue;
    const expected = Object.entries(seriesColumns)
      .map((each) => each.join(' ').toLowerCase())
      .join(', ');
    throw catalogFault(
      file.path,
      lineOfKey('series'),
      column ? `${name} of ${series} is ${column.type.toLowerCase()}` : `${series} has no column "${name}"`,
      `A daily series answers ${expected}.`,
    );
  }
  if (daily === undefined) return { series: view };
  if (!lookup.reports.includes(daily))
    throw catalogFault(file.path, lineOfKey('daily'), `no report "${daily}"`, suggest(daily, lookup.reports));
  const { chart, forecast } = (await lookup.file(daily)).frontMatter;
  if (!isPlainObject(forecast) || forecast['series'] !== series)
    throw catalogFault(
      file.path,
      lineOfKey('daily'),
      `report "${daily}" forecasts another series`,
      `Give it forecast: { series: ${series} }.`,
    );
  if (!isPlainObject(chart) || chart['kind'] !== 'fan')
    throw catalogFault(
      file.path,
      lineOfKey('daily'),
      `report "${daily}" has no fan`,
      'Give it chart: { kind: fan, x: …, y: …, forecast: …, low: …, high: … }.',
    );
  return { series: view, daily };
}
