import type { DuckDb } from '../warehouse/duckdb.ts';
import { identifier, literal } from '../warehouse/duckdb.ts';
import type { ColumnFacts } from './facts.ts';

/** Texts that stand for an empty field. */
export const nullMarkers = [
  '#N/A',
  '#NV',
  '#REF!',
  '#VALUE!',
  '#DIV/0!',
  'N/A',
  'n/a',
  'NA',
  'NaN',
  'NULL',
  'null',
  'None',
  'nil',
  '-',
  '--',
  '–',
  '—',
];

/** A column of the file before its facts are known. */
export interface TableColumn {
  name: string;
  /** Name of its column in the table of rows. */
  column: string;
  sql: string;
  field: string;
}

/** Name of the temporary table with the texts of the file. */
export const rowsTable = 'map_rows';

/** Its column with the number of each row of the file, from 1. */
export const placeColumn = 'place';

/** Parts of a number: the text before it, its digits, and the text after it. */
const numberPattern = String.raw`^([^0-9.,+\-]{0,5}?) ?([+-]? ?(?:[0-9][0-9.,''’ ]*[0-9]|[0-9]+[.,]?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?) ?([^0-9.,]{0,10})$`;

const clockPattern = String.raw`(?i)([01]?[0-9]|2[0-4])[:.h][0-5][0-9]([:.][0-5][0-9]([.,][0-9]+)?)?( ?[ap]\.?m\.?)?`;

/** Facts about all values of a column, each distinct value judged once. */
export async function columnFacts(duckdb: DuckDb, column: TableColumn, decimalMark: ',' | '.'): Promise<ColumnFacts> {
  const name = identifier(column.column);
  const markers = nullMarkers.map(literal).join(', ');
  const row = await duckdb.row(
    `with counted as (select ${name} as t, count(*) as n from ${rowsTable} where ${name} is not null group by all),
     parsed as (
       select t, n, plain_characters(t) as c,
              case when strlen(t) between 6 and 45 and regexp_matches(t, '[0-9]') and unix_instant(t) is null then plain_time(t) end as p,
              regexp_extract(plain_characters(t), '${numberPattern}', ['before', 'digits', 'after']) as q
       from counted where t not in (${markers})),
     typed as (
       select t, n, c, q,
              coalesce(written_instant(p, 'dmy', 'UTC'), written_instant(p, 'mdy', 'UTC')) as instant,
              coalesce(nullif(time_parts(year_first(p, 'dmy'))['h'], ''), nullif(time_parts(year_first(p, 'mdy'))['h'], '')) is not null as has_clock,
              case when is_day_or_month_first(t) then numeric_date(p) end as d,
              shows_zone(t) as has_zone,
              case when q['digits'] <> '' then shown_mark(replace(q['digits'], ' ', ''), '') end as mark,
              case when q['digits'] <> '' then try_cast(plain_digits(trim(q['digits']), ${literal(decimalMark)}) as double) end as x,
              unix_instant(t) as unix
       from parsed)
     select coalesce(sum(n), 0) as filled, count(*) as distinct_values,
            coalesce(sum(n) filter (instant is not null and has_clock), 0) as times, coalesce(sum(n) filter (instant is not null and not has_clock), 0) as dates,
            coalesce(sum(n) filter (has_clock and instant = date_trunc('day', instant)), 0) as midnights,
            coalesce(sum(n) filter (regexp_full_match(c, '${clockPattern}')), 0) as clocks,
            coalesce(sum(n) filter (clock_seconds(t) is not null), 0) as durations,
            coalesce(sum(n) filter (unix between timestamp '2001-01-01' and timestamp '2100-01-01'), 0) as unix_times,
            coalesce(sum(n) filter (q['digits'] <> ''), 0) as numbers, coalesce(sum(n) filter (regexp_full_match(t, '[0-9]+')), 0) as integers,
            coalesce(sum(n) filter (try_cast(d['a'] as integer) between 13 and 31 and try_cast(d['b'] as integer) <= 12), 0) as day_first,
            coalesce(sum(n) filter (try_cast(d['b'] as integer) between 13 and 31 and try_cast(d['a'] as integer) <= 12), 0) as month_first,
            coalesce(sum(n) filter (try_cast(d['a'] as integer) <= 12 and try_cast(d['b'] as integer) <= 12 and d['a'] <> d['b']), 0) as either_order,
            coalesce(sum(n) filter (instant is not null and has_zone), 0) as offsets,
            coalesce(sum(n) filter (mark = ','), 0) as commas, coalesce(sum(n) filter (mark = '.'), 0) as points,
            coalesce(sum(n) filter (mark = '?,'), 0) as comma_groups, coalesce(sum(n) filter (mark = '?.'), 0) as point_groups,
            min(x) as min, quantile_cont(x, 0.5) as median, max(x) as max,
            coalesce(sum(n) filter (x < 0), 0) as negatives, coalesce(sum(n) filter (x = 0), 0) as zeros,
            coalesce(sum(n) filter (regexp_full_match(t, '(?i)[{(]?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[)}]?')), 0) as uuids,
            coalesce(sum(n) filter (regexp_full_match(t, '(?i)([0-9a-f]{2}[:\\- ]?){4,10}') and regexp_matches(t, '(?i)[a-f]')), 0) as hex_ids,
            coalesce(sum(n) filter (strlen(t) <= 5 and is_iso_4217(currency_code(t))), 0) as currencies,
            coalesce(sum(n) filter (ac_or_dc(t) is not null), 0) as current_types,
            coalesce(sum(n) filter (zone_offset(t) <> ''), 0) as zone_letters,
            coalesce(sum(n) filter (t in (select name from pg_timezone_names()) and contains(t, '/')), 0) as zone_names,
            coalesce(sum(n) filter (lower(t) in ('true', 'false', 'yes', 'no', 'ja', 'nein', 'oui', 'non', 'si', 'sí', 'nee', 'nei', 'nej', '0', '1', 'y', 'n', 'j', 'active', 'inactive', 'aktiv', 'inaktiv')), 0) as flags,
            max(instant)::varchar as max_time
     from typed`,
  );
  const count = (key: string): number => Number(row[key] ?? 0);
  const filled = count('filled');
  const share = (key: string): number => (filled === 0 ? 0 : count(key) / filled);
  const figure = (key: string): number | undefined => (row[key] === null ? undefined : Number(row[key]));
  const samples = await duckdb.rows(
    `select ${name} as t from (select ${name}, min(place) as place from ${rowsTable} where ${name} is not null and ${name} not in (${markers}) group by all) order by place limit 3`,
  );
  const affixes = await duckdb.rows(
    `select q['before'] as before, q['after'] as after, sum(n)::bigint as n
     from (select regexp_extract(plain_characters(t), '${numberPattern}', ['before', 'digits', 'after']) as q, n
           from (select ${name} as t, count(*) as n from ${rowsTable} where ${name} is not null group by all))
     where q['digits'] <> '' group by all order by n desc limit 6`,
  );
  const found = await duckdb.rows(
    `select distinct ${name} as t from ${rowsTable} where ${name} in (${markers}) order by t`,
  );
  const times = count('times') + count('dates');
  return {
    name: column.name,
    sql: column.sql,
    field: column.field,
    filled,
    distinct: count('distinct_values'),
    nullMarkers: found.map(({ t }) => String(t)),
    samples: samples.map(({ t }) => String(t)),
    times: share('times'),
    dates: share('dates'),
    midnights: share('midnights'),
    clocks: share('clocks'),
    durations: share('durations'),
    unixTimes: share('unix_times'),
    numbers: share('numbers'),
    integers: share('integers'),
    dayFirst: count('day_first'),
    monthFirst: count('month_first'),
    eitherOrder: count('either_order'),
    offsets: times === 0 ? 0 : count('offsets') / times,
    commas: count('commas'),
    points: count('points'),
    commaGroups: count('comma_groups'),
    pointGroups: count('point_groups'),
    affixes: affixes.map(({ before, after, n }) => ({
      before: String(before),
      after: String(after),
      count: Number(n),
    })),
    min: figure('min'),
    median: figure('median'),
    max: figure('max'),
    negatives: share('negatives'),
    zeros: share('zeros'),
    uuids: share('uuids'),
    hexIds: share('hex_ids'),
    currencies: share('currencies'),
    currentTypes: share('current_types'),
    zoneLetters: share('zone_letters'),
    zoneNames: share('zone_names'),
    flags: share('flags'),
    ...(row['max_time'] === null ? {} : { maxTime: String(row['max_time']) }),
  };
}
