import type { Report, View } from './definitions.ts';
import { catalogFault, isMap, readMap, type SqlFile } from './frontmatter.ts';
import { suggest } from '../text/names.ts';

/** What of the other files a forecast may name. */
export interface Named {
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
export async function readForecast(file: SqlFile, named: Named): Promise<Report['forecast']> {
  if (file.head['forecast'] === undefined) return undefined;
  const at = (key: string): number => file.lineOf(['forecast', key]);
  const { series, daily } = readMap<{ series: string; daily?: string }>(
    file,
    ['forecast'],
    file.head['forecast'],
    { series: 'text', daily: 'text' },
    ['series'],
  );
  if (!named.views.includes(series))
    throw catalogFault(file.path, at('series'), `no view "${series}"`, suggest(series, named.views));
  const view = await named.view(series);
  for (const [name, type] of Object.entries(seriesColumns)) {
    const column = view.answers.find((each) => each.name === name);
    if (column?.type === type) continue;
    const wanted = Object.entries(seriesColumns)
      .map((each) => each.join(' ').toLowerCase())
      .join(', ');
    throw catalogFault(
      file.path,
      at('series'),
      column ? `${name} of ${series} is ${column.type.toLowerCase()}` : `${series} has no column "${name}"`,
      `A daily series answers ${wanted}.`,
    );
  }
  if (daily === undefined) return { series: view };
  if (!named.reports.includes(daily))
    throw catalogFault(file.path, at('daily'), `no report "${daily}"`, suggest(daily, named.reports));
  const { chart, forecast } = (await named.file(daily)).head;
  if (!isMap(forecast) || forecast['series'] !== series)
    throw catalogFault(
      file.path,
      at('daily'),
      `report "${daily}" forecasts another series`,
      `Give it forecast: { series: ${series} }.`,
    );
  if (!isMap(chart) || chart['kind'] !== 'fan')
    throw catalogFault(
      file.path,
      at('daily'),
      `report "${daily}" has no fan`,
      'Give it chart: { kind: fan, x: …, y: …, forecast: …, low: …, high: … }.',
    );
  return { series: view, daily };
}
