import type { Chart, RawParameters, Report } from '../catalog/definitions.ts';
import { WattduckError } from '../errors.ts';
import { hasColour } from '../io.ts';
import { unitLabel } from '../render/cells.ts';
import { drawFan, type FanPoint } from '../render/fan-chart.ts';
import { formatOf } from '../render/formats.ts';
import { onlyCurrency, type OutputOptions } from '../render/present.ts';
import { pourOut } from '../render/stream.ts';
import { startReport } from '../reports/run-report.ts';
import { toKebabCase } from '../text/names.ts';
import { clipped } from '../text/plain-text.ts';
import { openForReading } from '../warehouse/database.ts';
import type { Cell, Row } from '../warehouse/values.ts';
import { withDefaultTimeZone } from '../warehouse/zone.ts';
import { tell, told } from './run-and-present.ts';
import type { Session } from './session.ts';

type Fan = Extract<Chart, { kind: 'fan' }>;

/** Columns of a file's or pipe's chart; and of any chart those that labels, axis and the end of history take. */
const [usualWidth, beside] = [80, 8];

/**
 * Runs the report that tells each day of a forecast, with history before it, and draws it to the terminal, a pipe or a file.
 * @throws WattduckError (usage) for a report without such a chart, for options of other ways to show it, and for several series.
 */
export async function runAndDraw(
  session: Session,
  report: Report,
  given: RawParameters,
  options: OutputOptions & { all?: boolean; explain?: boolean },
): Promise<void> {
  const { io, engine, settings, catalog, patience } = session;
  refuseOthers(given, options);
  const daily = report.forecast?.daily === undefined ? report : await catalog.report(report.forecast.daily);
  const { chart } = daily;
  if (chart?.kind !== 'fan')
    throw new WattduckError(
      'usage',
      clipped`--chart: ${toKebabCase(report.name)} has none`,
      'Reports of forecasts have.',
    );
  const by = daily.parameters.some(({ name }) => name === `${given['by']}_id`) ? `${given['by']}_id` : undefined;
  if (by !== undefined && given[by] === undefined)
    throw severalSeries(`Choose one with --${toKebabCase(by)}, without --by.`);
  const screen = options.output === undefined && io.stdout.isTTY;
  const width = (screen ? io.stdout.columns : undefined) ?? usualWidth;
  await openForReading(engine, settings.db.value, catalog, {
    lockWait: patience,
    tables: daily.tables,
    redact: settings.redact.value,
  });
  const asked = withDefaultTimeZone(daily, { ...historyFor(daily, given, width), ...given }, settings.tz.value);
  const {
    rawValues: texts,
    chunks,
    notes,
  } = await told(session, daily, (context) => startReport(engine, daily, asked, context, true));
  const rows: Row[] = [];
  for await (const some of chunks) rows.push(...some);
  if (rows.length === 0) return void io.stderr.write('no rows\n');
  const points = pointsOf(rows, chart);
  if (new Set(points.map(({ day }) => day)).size < points.length)
    throw severalSeries(`Choose one: wattduck report ${toKebabCase(daily.name)} --help shows how.`);
  const text = drawFan(points, {
    width,
    colour: screen && hasColour(io.stdout, io.env),
    title: daily.title,
    unit: unitLabel(
      daily.columns.find(({ name }) => name === chart.forecast)!,
      onlyCurrency(rows) ?? texts['currency'],
    ),
    ...(texts['confidence'] === undefined
      ? {}
      : { interval: `${Number((Number(texts['confidence']) * 100).toFixed(2))} % interval` }),
  });
  await pourOut(
    io,
    (async function* () {
      yield `${text}\n`;
    })(),
    options.output,
    true,
  );
  tell(io, notes);
}

function refuseOthers(given: RawParameters, options: OutputOptions & { all?: boolean; explain?: boolean }): void {
  const other = (['json', 'format', 'columns', 'wide', 'csvSafe', 'all', 'explain'] as const).find(
    (name) => options[name] !== undefined,
  );
  const paged = ['sort', 'sort_field', 'sort_order', 'limit', 'take', 'skip'].find((name) => given[name] !== undefined);
  if (other ?? paged)
    throw new WattduckError(
      'usage',
      clipped`--chart does not go with --${toKebabCase((other ?? paged)!)}`,
      'Leave one of them out.',
    );
  const format = options.output === undefined ? undefined : formatOf(options.output);
  if (format !== undefined && format !== 'table')
    throw new WattduckError(
      'usage',
      clipped`-o ${options.output}: a chart is no ${format}`,
      'Name the file .txt, or leave out --chart.',
    );
}

const severalSeries = (hint: string): WattduckError =>
  new WattduckError('usage', '--chart draws one series, and several are asked for', hint);

/** Twice as many days as the forecast has, or as many as have a column each. */
function historyFor({ parameters }: Report, given: RawParameters, width: number): RawParameters {
  const [history, horizons] = ['history', 'horizons'].map((name) =>
    parameters.find((parameter) => parameter.name === name),
  );
  const longest = Math.max(...(given['horizons'] ?? horizons?.default ?? '').split(',').map(Number));
  // Horizons that are no numbers are refused where they are bound.
  if (history === undefined || !Number.isInteger(longest)) return {};
  return { history: String(Math.min(Math.max(2 * longest, width - beside - longest), history.max ?? Infinity)) };
}

function pointsOf(rows: readonly Row[], { x, y, forecast, low, high }: Fan): FanPoint[] {
  const number = (cell: Cell | undefined): number | null => (cell === null || cell === undefined ? null : Number(cell));
  return rows
    .map((row) => ({
      day: String(row[x]),
      actual: number(row[y]),
      value: number(row[forecast]),
      low: number(row[low]),
      high: number(row[high]),
    }))
    .toSorted((a, b) => (a.day < b.day ? -1 : 1));
}
