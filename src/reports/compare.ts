import { DuckDBTimestampValue, TIMESTAMP } from '@duckdb/node-api';
import { beforeOf, changeOf, comparedColumns, isBucketKey, isMeasure } from '../catalog/compared-columns.ts';
import {
  bucketLengths,
  type RawParameters,
  type Report,
  type ReportColumn,
  type View,
} from '../catalog/definitions.ts';
import { findRole } from '../catalog/period-parameters.ts';
import { topologicalOrder, withScanFrom } from '../catalog/views.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import type { BoundParameters } from '../warehouse/binder.ts';
import type { Bindings } from '../warehouse/connection.ts';
import { identifier, literal, type DuckDb } from '../warehouse/duckdb.ts';
import { instantsOfLocalTime } from '../warehouse/time-zone.ts';
import type { Cell } from '../warehouse/values.ts';
import { readNow, type ResolvedParameters } from './resolve-parameters.ts';

/** Names of the parameters with the bounds of the earlier period. */
const [earlierStart, earlierEnd] = ['wattduck_earlier_start', 'wattduck_earlier_end'];

/**
 * The report with the columns of an earlier period, if one is requested: the same select runs twice in one statement, and its
 * rows are joined by key. A key that is a date is matched by its position from the start of the period.
 */
export function withComparison(report: Report, params: RawParameters): Report {
  const name = findRole(report, 'compare')?.name;
  if (name === undefined || params[name] === undefined) return report;
  const columns = comparedColumns(report);
  const sortable = report.sort.allow.flatMap((column) => [
    column,
    ...columns.filter(({ name: each }) => [beforeOf(column), changeOf(column)].includes(each)).map((each) => each.name),
  ]);
  const isSplit = report.sort.split === true;
  return {
    ...report,
    columns,
    sort: { ...report.sort, allow: sortable },
    additive: report.additive.flatMap((column) => [column, beforeOf(column)]),
    parameters: report.parameters.map((parameter) =>
      parameter.name === (isSplit ? 'sort_field' : 'sort') && !parameter.inSql && parameter.choices
        ? { ...parameter, choices: isSplit ? sortable : sortable.flatMap((column) => [column, `-${column}`]) }
        : parameter,
    ),
    grouped: true,
    // A date of the earlier period alone has no place in the current one, so its own date orders the rows.
    key: report.key.flatMap((key) =>
      columns.some(({ name: each }) => each === beforeOf(key)) ? [key, beforeOf(key)] : key,
    ),
    views: periodViews(report, params),
    sql: comparisonSql(report),
  };
}

/** Whether the total of all rows is requested. */
export const isTotalRequested = (report: Report, params: RawParameters): boolean =>
  params[findRole(report, 'total')?.name ?? ''] === 'true';

/** @throws WattduckError (total_with_format) for formats that have nothing but rows */
export function assertTotalFormat(report: Report, params: RawParameters, format: string, label: string): void {
  if (isTotalRequested(report, params) && ['ndjson', 'parquet', 'prometheus', 'svg'].includes(format))
    throw new WattduckError('total_with_format', { parameter: label, format });
}

/** The relative change of a number, rounded like a share; null if the earlier one is 0. */
export function relativeChange(now: Cell, before: Cell): number | null {
  if (now === null || before === null || Number(before) === 0) return null;
  return Number(((Number(now) - Number(before)) / Math.abs(Number(before))).toFixed(6));
}

/** Columns by name, qualified with the table of the current or the earlier rows. */
const [currentRows, earlierRows] = ['current_rows', 'earlier_rows'];
const earlierView = (name: string): string => `earlier_${name}`;
const current = (name: string): string => `${currentRows}.${identifier(name)}`;
const earlier = (name: string): string => `${earlierRows}.${identifier(name)}`;
const [markColumn, positionPrefix] = ['is a row', 'position of '];

/** Macros of the prelude in the SQL of a comparison. */
export const comparisonMacros = ['bucket_of_epoch', 'epoch_s', 'date_of_text'];

/**
 * Views with the rows of both periods; the earlier one has its own copy of each view that depends on the period. Events are read from
 * the earlier period on, once for both.
 */
function periodViews(report: Report, params: RawParameters): View[] {
  const [start, end] = [findRole(report, 'period_start')!.name, findRole(report, 'period_end')!.name];
  const earlierNames = { [start]: earlierStart, [end]: earlierEnd };
  const scanFrom = report.scanFrom === undefined ? undefined : renameParameters(report.scanFrom, earlierNames);
  const ofPeriod = new Set<string>();
  const earlierOf = (sql: string): string => renameViews(renameParameters(sql, earlierNames), ofPeriod);
  const views = topologicalOrder(report.views).map((view) => ({ ...view, sql: withScanFrom(view.sql, scanFrom) }));
  const reportSql = withScanFrom(report.sql, scanFrom);
  const earlierViews = views.flatMap((view): View[] => {
    const sql = earlierOf(view.sql);
    if (sql === view.sql) return [];
    ofPeriod.add(view.name);
    return [{ ...view, name: earlierView(view.name), views: [], sql }];
  });
  const rowsOf = (name: string, sql: string, startName: string): View => ({
    ...report,
    name,
    views: [],
    outputColumns: [],
    inline: false,
    sql: `select *, true as ${identifier(markColumn)}${positionsOf(report, params, startName)} from (${sql}\n) as answer`,
  });
  return [
    ...views,
    rowsOf(currentRows, reportSql, start),
    ...earlierViews,
    rowsOf(earlierRows, earlierOf(reportSql), earlierStart),
  ];
}

/** Columns with the position of each date of the key, from the start of the period. */
function positionsOf(report: Report, params: RawParameters, start: string): string {
  const zone = zoneSql(report);
  return report.columns
    .filter((column) => isBucketKey(report, column))
    .map((column) => {
      const unit = literal(bucketOf(report, column, params));
      const date = dateSql(column, identifier(column.name));
      const position = `date_diff(${unit}, bucket_of_epoch(${unit}, epoch_s($${start}::timestamp), ${zone}), ${date})`;
      // A text may be a date or another group.
      const key = column.type === 'DATE' ? position : `coalesce(${position}::varchar, ${identifier(column.name)})`;
      return `, ${key} as ${identifier(positionPrefix + column.name)}`;
    })
    .join('');
}

const dateSql = ({ type }: ReportColumn, value: string): string => (type === 'DATE' ? value : `date_of_text(${value})`);

function comparisonSql(report: Report): string {
  const keys = report.key.map((name) => {
    const column = report.columns.find((each) => each.name === name);
    return column && isBucketKey(report, column) ? positionPrefix + name : name;
  });
  return `select ${selectList(report)}
    from ${currentRows} full join ${earlierRows}
    on ${[markColumn, ...keys].map((name) => `${current(name)} is not distinct from ${earlier(name)}`).join(' and ')}`;
}

/** Zone of the local dates of a report. */
const zoneSql = (report: Report): string => {
  const parameter = findRole(report, 'time_zone');
  return parameter?.inSql ? `$${parameter.name}::varchar` : `'UTC'`;
};

/** Length of the buckets of a date column: its own, or the granularity of the report; a day by default. */
function bucketOf(report: Report, { bucket }: ReportColumn, params: RawParameters): string {
  if (bucket !== undefined) return bucket;
  const granularity = report.parameters.find(({ name }) => name === 'granularity');
  const value = params['granularity'] ?? granularity?.default;
  return granularity && value !== undefined && bucketLengths.includes(value) ? value : 'day';
}

function selectList(report: Report): string {
  const isCurrent = `${current(markColumn)} is not null`;
  const isEarlier = `${earlier(markColumn)} is not null`;
  return report.columns
    .flatMap((column) => {
      const { name, type, hidden } = column;
      if (hidden || !isMeasure(report, column)) {
        const isBucket = isBucketKey(report, column);
        // A date of the earlier period has no place in the current one.
        const other = !isBucket
          ? earlier(name)
          : type === 'DATE'
            ? 'null'
            : `case when ${dateSql(column, earlier(name))} is null then ${earlier(name)} end`;
        return [
          `case when ${isCurrent} then ${current(name)} else ${other} end as ${identifier(name)}`,
          ...(isBucket ? [`${earlier(name)} as ${identifier(beforeOf(name))}`] : []),
        ];
      }
      // Without a row, a sum is 0, and any other value unknown.
      const isSum = report.additive.includes(name) && !column.nullable;
      const valueOf = (value: string, exists: string): string =>
        isSum ? `case when ${exists} then ${value} else 0 end` : value;
      const [now, before] = [valueOf(current(name), isCurrent), valueOf(earlier(name), isEarlier)];
      return [
        `${now} as ${identifier(name)}`,
        `${before} as ${identifier(beforeOf(name))}`,
        `round((cast(${now} as double) - cast(${before} as double)) / abs(nullif(cast(${before} as double), 0)), 6) as ${identifier(changeOf(name))}`,
      ];
    })
    .join(',\n      ');
}

/** Strings, quoted names and comments. */
const verbatim = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//.source;

/** Renames parameters in SQL, but not in its strings, quoted names and comments. */
export const renameParameters = (sql: string, names: Readonly<Record<string, string>>): string =>
  sql.replaceAll(new RegExp(`${verbatim}|\\$(\\w+)`, 'g'), (text, name: string | undefined) =>
    name !== undefined && Object.hasOwn(names, name) ? `$${names[name]}` : text,
  );

/** Another name after that of a view; other words begin the next clause. */
const otherName =
  /^\s+(?:as\b|(?!(?:where|group|having|window|qualify|order|limit|offset|union|intersect|except|join|inner|left|right|full|cross|semi|anti|asof|natural|positional|on|using)\b)\w)/i;

/** Reads the copies of views for the earlier period. They keep their names in the rest of the SQL. */
const renameViews = (sql: string, names: ReadonlySet<string>): string =>
  sql.replaceAll(
    new RegExp(`${verbatim}|\\b((?:from|join)\\s+)(\\w+)\\b(?!\\s*[.(])`, 'gi'),
    (text, word: string | undefined, name: string, at: number) => {
      if (word === undefined || !names.has(name)) return text;
      const hasOtherName = otherName.test(sql.slice(at + text.length, at + text.length + 100));
      return `${word}${earlierView(name)}${hasOtherName ? '' : ` as ${name}`}`;
    },
  );

/** Bounds of the earlier period, and a note with its dates. */
export interface EarlierPeriod {
  bindings: Bindings;
  note: string;
}

const microsPerDay = 86_400_000_000n;
const noBindings: Bindings = { values: {}, types: {} };

/**
 * The bounds of the earlier period of a comparison; undefined without one.
 * @throws WattduckError (usage) without a start, and for a period that has not begun
 */
export async function earlierPeriod(
  duckdb: DuckDb,
  report: Report,
  { allBindings, rawValues }: BoundParameters,
  { params, zone, context }: ResolvedParameters,
): Promise<EarlierPeriod | undefined> {
  const name = findRole(report, 'compare')?.name;
  const kind = name === undefined ? undefined : rawValues[name];
  if (name === undefined || kind === undefined) return undefined;
  const [start, end] = [findRole(report, 'period_start')!.name, findRole(report, 'period_end')!.name];
  const [from, to] = [allBindings.values[start], allBindings.values[end]];
  if (!(from instanceof DuckDBTimestampValue))
    throw new WattduckError('compare_without_period', {
      parameter: context.label(name),
      start: context.label(start === 'start_date' ? 'from' : start),
      period: context.label('period'),
    });
  const zoneName = zone?.name ?? 'UTC';
  const now = await readNow(duckdb, report, params, zoneName, context);
  if (from.micros > now)
    throw new WattduckError('compare_future_period', { parameter: context.label(start), start: rawValues[start] });
  const last = to instanceof DuckDBTimestampValue ? to.micros : now;
  const local = await localTimesOf(duckdb, [from.micros, last, now], zoneName);
  const bounds = earlierBounds(kind, { from: local[0]!, to: local[1]!, now: local[2]! }, last > now);
  const first = await instantsOfLocalTime(duckdb, `make_timestamp(${bounds.from})`, zoneName);
  const after = await instantsOfLocalTime(duckdb, `make_timestamp(${bounds.end})`, zoneName);
  const values = {
    [earlierStart]: new DuckDBTimestampValue(first.first),
    [earlierEnd]: new DuckDBTimestampValue(after.first - bounds.step),
  };
  return {
    bindings: { ...noBindings, values, types: { [earlierStart]: TIMESTAMP, [earlierEnd]: TIMESTAMP } },
    note: `Compared with ${formatRange(bounds)} (${kind})`,
  };
}

/** The bindings of a report with the bounds of the earlier period instead of its own; undefined without a comparison. */
export function bindingsOfEarlier(
  report: Report,
  { allBindings, bindings }: Pick<BoundParameters, 'allBindings' | 'bindings'>,
): Bindings | undefined {
  const [start, end] = [findRole(report, 'period_start')?.name, findRole(report, 'period_end')?.name];
  const [first, last] = [bindings.values[earlierStart], bindings.values[earlierEnd]];
  if (start === undefined || end === undefined || first === undefined || last === undefined) return undefined;
  return {
    values: { ...allBindings.values, [start]: first, [end]: last },
    types: { ...allBindings.types, [start]: TIMESTAMP, [end]: TIMESTAMP },
  };
}

/** Local times in microseconds since 1970, as if they were UTC. */
interface LocalPeriod {
  from: bigint;
  to: bigint;
  now: bigint;
}

/** A local period without its end, and the distance of its last moment from the end. */
interface LocalBounds {
  from: bigint;
  end: bigint;
  step: bigint;
}

/** The period before, or the one 364 days earlier; up to the same distance from its start if the period is not over. */
export function earlierBounds(kind: string, { from, to, now }: LocalPeriod, isUnfinished: boolean): LocalBounds {
  // Some clients write the last second of a day for its end.
  const step = to % microsPerDay === microsPerDay - 1_000_000n ? 1_000_000n : 1n;
  const end = to + step;
  const months = wholeMonths(from, end);
  const shift = 364n * microsPerDay;
  const earlier =
    kind === 'year-ago'
      ? { from: from - shift, end: end - shift }
      : { from: months === undefined ? from - (end - from) : addMonths(from, -months), end: from };
  const cut = earlier.from + (now - from) + 1n;
  return isUnfinished && cut < earlier.end ? { from: earlier.from, end: cut, step: 1n } : { ...earlier, step };
}

/** Number of calendar months of a period; undefined if it does not consist of whole ones. */
function wholeMonths(from: bigint, end: bigint): number | undefined {
  if (from % microsPerDay !== 0n || end % microsPerDay !== 0n) return undefined;
  const [first, after] = [toDate(from), toDate(end)];
  if (first.getUTCDate() !== 1 || after.getUTCDate() !== 1) return undefined;
  return (after.getUTCFullYear() - first.getUTCFullYear()) * 12 + after.getUTCMonth() - first.getUTCMonth();
}

function addMonths(micros: bigint, months: number): bigint {
  const date = toDate(micros);
  date.setUTCMonth(date.getUTCMonth() + months);
  return BigInt(date.getTime()) * 1000n;
}

const toDate = (micros: bigint): Date => new Date(Number(micros / 1000n));

function formatRange({ from, end, step }: LocalBounds): string {
  const isWhole = from % microsPerDay === 0n && end % microsPerDay === 0n;
  const [first, last] = [from, end - step].map((micros) =>
    toDate(micros)
      .toISOString()
      .replace('T', ' ')
      .slice(0, isWhole ? 10 : 16),
  );
  return first === last ? first! : `${first} to ${last}`;
}

async function localTimesOf(duckdb: DuckDb, instants: readonly bigint[], zone: string): Promise<bigint[]> {
  const row = await duckdb.localRow(
    `select ${instants.map((each, at) => `epoch_us(timezone(${literal(zone)}, make_timestamptz(${each})))::varchar as t${at}`).join(', ')}`,
  );
  return instants.map((_, at) => BigInt(String(row[`t${at}`])));
}
