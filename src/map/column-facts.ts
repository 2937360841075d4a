import type { DuckDb } from '../warehouse/duckdb.ts';
import { identifier, literal } from '../warehouse/duckdb.ts';
import { emptyWords } from '../ingest/skipped-rows.ts';
import type { ColumnFacts } from './facts.ts';

/** Texts that stand for an empty field, in the usual cases. */
export const nullMarkers = [
  ...new Set(emptyWords.flatMap((word) => [word, word.toLowerCase(), word.toUpperCase(), capitalize(word)])),
];

function capitalize(word: string): string {
  return `${word[0]!.toUpperCase()}${word.slice(1).toLowerCase()}`;
}

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

/** Texts that stand for an unknown user, in lower case. */
const unknownWords =
  'unknown unbekannt inconnu inconnue onbekend sconosciuto desconocido desconhecido okänd ukjent ukendt tuntematon anonymous anonym anonyme anonimo anónimo anonymt anoniem guest gast'.split(
    ' ',
  );

/** Texts of columns that say yes or no. */
const flagWords =
  'true false yes no ja nein oui non si sí sim não nao nee nei nej kyllä ei on off 0 1 y n j active inactive aktiv inaktiv actif inactif activo inactivo attivo inattivo ativo inativo actief inactief'.split(
    ' ',
  );

/** Parts of a number: the text before it, its digits, and the text after it. */
const numberPattern = String.raw`^([^0-9.,+\-]{0,5}?) ?([+-]? ?(?:[0-9][0-9.,''’ ]*[0-9]|[0-9]+[.,]?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?) ?([^0-9.,]{0,10})$`;

const clockPattern = String.raw`(?i)([01]?[0-9]|2[0-4])[:.h][0-5][0-9]([:.][0-5][0-9]([.,][0-9]+)?)?( ?[ap]\.?m\.?)?`;

/** Kinds of values to look for. A kind that is rare in a sample need not be looked for in all values. */
interface Kinds {
  times: boolean;
  numbers: boolean;
  words: boolean;
}

/** Distinct values to look at first. */
const sampledValues = 2_000;

/** Min share of a kind in the sample to look for it in all values. */
const minSampleShare = 0.5;

/** Facts about all values of a column, each distinct value judged once. */
export async function columnFacts(duckdb: DuckDb, column: TableColumn, decimalMark: ',' | '.'): Promise<ColumnFacts> {
  const all = { times: true, numbers: true, words: true };
  const sample = await judgeValues(duckdb, column, decimalMark, all, sampledValues);
  if (sample.distinct < sampledValues) return sample;
  return judgeValues(duckdb, column, decimalMark, {
    times: sample.times + sample.dates + sample.unixTimes + sample.clocks + sample.durations >= minSampleShare,
    numbers: sample.numbers >= minSampleShare,
    words:
      Math.max(sample.uuids, sample.hexIds, sample.currencies, sample.zoneLetters, sample.zoneNames) >= minSampleShare,
  });
}

/** SQL of the kinds of values in `counted`, each value `t` with its number `n`. */
function kindsSql(kinds: Kinds, decimalMark: ',' | '.'): string {
  const markers = nullMarkers.map(literal).join(', ');
  const time = (sql: string): string => (kinds.times ? sql : 'null');
  const number = (sql: string): string => (kinds.numbers ? sql : 'null');
  const word = (sql: string): string => (kinds.words ? sql : 'false');
  return `parsed as (
       select t, n, plain_characters(t) as c,
              ${time("case when strlen(t) between 6 and 45 and regexp_matches(t, '[0-9]') and unix_instant(t) is null then plain_time(t) end")}::varchar as p,
              ${kinds.numbers ? `regexp_extract(plain_characters(t), '${numberPattern}', ['before', 'digits', 'after'])` : "{'before': '', 'digits': '', 'after': ''}"} as q
       from counted where t not in (${markers})),
     typed as materialized (
       select t, n, q,
              ${time("coalesce(written_instant(p, 'dmy', 'UTC'), written_instant(p, 'mdy', 'UTC'))")}::timestamp as instant,
              ${time("coalesce(nullif(time_parts(year_first(p, 'dmy'))['h'], ''), nullif(time_parts(year_first(p, 'mdy'))['h'], ''))")} is not null as has_clock,
              ${kinds.times ? 'case when is_day_or_month_first(t) then numeric_date(p) end' : "{'a': '', 'b': ''}"} as d,
              ${time('shows_zone(t)')}::boolean as has_zone,
              ${time('unix_instant(t)')}::timestamp as unix,
              ${time(`regexp_full_match(c, '${clockPattern}')`)}::boolean as is_clock,
              ${time('clock_seconds(t)')}::double as duration,
              ${number("case when q['digits'] <> '' then shown_mark(replace(q['digits'], ' ', ''), '') end")}::varchar as mark,
              ${number(`case when q['digits'] <> '' then try_cast(plain_digits(trim(q['digits']), ${literal(decimalMark)}) as double) end`)}::double as x,
              ${word("regexp_full_match(t, '(?i)[{(]?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[)}]?')")} as is_uuid,
              ${word(String.raw`regexp_full_match(t, '(?i)([0-9a-f]{2}[:\- ]?){4,10}') and regexp_matches(t, '(?i)[a-f]')`)} as is_hex,
              ${word('strlen(t) <= 5 and is_iso_4217(currency_code(t))')} as is_currency,
              ${word("zone_offset(t) <> ''")} as is_zone_letters,
              ${word("contains(t, '/') and t in (select name from pg_timezone_names())")} as is_zone_name
       from parsed)`;
}

/** SQL of the median of the numbers of all rows, from distinct values and their counts. */
const weightedMedian =
  'select x from (select x, sum(n) over (order by x) as below, sum(n) over () as total from typed where x is not null) where below * 2 >= total order by x limit 1';

async function judgeValues(
  duckdb: DuckDb,
  column: TableColumn,
  decimalMark: ',' | '.',
  kinds: Kinds,
  limit?: number,
): Promise<ColumnFacts> {
  const name = identifier(column.column);
  const markers = nullMarkers.map(literal).join(', ');
  const counted = `with counted as materialized (select ${name} as t, count(*) as n from ${rowsTable} where ${name} is not null group by all${limit === undefined ? '' : ` limit ${limit}`})`;
  const sumWhere = (condition: string): string => `coalesce(sum(n) filter (${condition}), 0)`;
  const row = await duckdb.row(
    `${counted}, ${kindsSql(kinds, decimalMark)}
     select coalesce(sum(n), 0) as filled, count(*) as distinct_values,
            ${sumWhere('instant is not null and has_clock')} as times, ${sumWhere('instant is not null and not has_clock')} as dates,
            ${sumWhere("has_clock and instant = date_trunc('day', instant)")} as midnights,
            ${sumWhere('is_clock')} as clocks, ${sumWhere('duration is not null')} as durations,
            ${sumWhere("unix between timestamp '2001-01-01' and timestamp '2100-01-01'")} as unix_times,
            ${sumWhere("q['digits'] <> ''")} as numbers, ${sumWhere("regexp_full_match(t, '[0-9]+')")} as integers,
            ${sumWhere("try_cast(d['a'] as integer) between 13 and 31 and try_cast(d['b'] as integer) <= 12")} as day_first,
            ${sumWhere("try_cast(d['b'] as integer) between 13 and 31 and try_cast(d['a'] as integer) <= 12")} as month_first,
            ${sumWhere("try_cast(d['a'] as integer) <= 12 and try_cast(d['b'] as integer) <= 12 and d['a'] <> d['b']")} as either_order,
            ${sumWhere('instant is not null and has_zone')} as offsets,
            ${sumWhere("mark = ','")} as commas, ${sumWhere("mark = '.'")} as points,
            ${sumWhere("mark = '?,'")} as comma_groups, ${sumWhere("mark = '?.'")} as point_groups,
            min(x) as min, max(x) as max, (${weightedMedian}) as median,
            ${sumWhere('x = 0')} as zeros,
            ${sumWhere('is_uuid')} as uuids, ${sumWhere('is_hex')} as hex_ids, ${sumWhere('is_currency')} as currencies,
            ${sumWhere('ac_or_dc(t) is not null')} as current_types,
            ${sumWhere('is_zone_letters')} as zone_letters, ${sumWhere('is_zone_name')} as zone_names,
            ${sumWhere(`lower(t) in (${flagWords.map(literal).join(', ')})`)} as flags,
            ${sumWhere(String.raw`regexp_full_match(t, '[0-9]+\.0')`)} as whole_decimals,
            ${sumWhere("t[1] in ('{', '[') and json_valid(t)")} as documents,
            max(instant)::varchar as max_time
     from typed`,
  );
  const affixes = kinds.numbers
    ? await duckdb.rows(
        `${counted} select q['before'] as before, q['after'] as after, sum(n)::bigint as n
         from (select regexp_extract(plain_characters(t), '${numberPattern}', ['before', 'digits', 'after']) as q, n from counted)
         where q['digits'] <> '' group by all order by n desc limit 6`,
      )
    : [];
  const samples = await duckdb.rows(
    `select ${name} as t from (select ${name}, min(place) as place from ${rowsTable} where ${name} is not null and ${name} not in (${markers}) group by all) order by place limit 3`,
  );
  const found = await duckdb.rows(
    `select distinct ${name} as t from ${rowsTable} where ${name} in (${markers}) order by t`,
  );
  const unknown = await duckdb.rows(
    `select distinct ${name} as t from ${rowsTable} where lower(${name}) in (${unknownWords.map(literal).join(', ')}) order by t`,
  );
  const count = (key: string): number => Number(row[key] ?? 0);
  const filled = count('filled');
  const share = (key: string): number => (filled === 0 ? 0 : count(key) / filled);
  const figure = (key: string): number | undefined => (row[key] === null ? undefined : Number(row[key]));
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
    zeros: share('zeros'),
    uuids: share('uuids'),
    hexIds: share('hex_ids'),
    currencies: share('currencies'),
    currentTypes: share('current_types'),
    zoneLetters: share('zone_letters'),
    zoneNames: share('zone_names'),
    flags: share('flags'),
    wholeDecimals: share('whole_decimals'),
    documents: share('documents'),
    unknownWords: unknown.map(({ t }) => String(t)),
    ...(row['max_time'] === null ? {} : { maxTime: String(row['max_time']) }),
  };
}
