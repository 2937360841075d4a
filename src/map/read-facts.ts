import { WattduckError } from '../errors/wattduck-error.ts';
import type { Input } from '../ingest/input.ts';
import { fieldColumn, readableRows, type Layout } from '../ingest/layout.ts';
import { casedTotalWords } from '../ingest/skipped-rows.ts';
import { trimSql } from '../ingest/text-rows.ts';
import { identifier, literal, type DuckDb } from '../warehouse/duckdb.ts';
import { columnFacts, nullMarkers, placeColumn, rowsTable, type TableColumn } from './column-facts.ts';
import { mostValues, type ColumnFacts, type TableFacts } from './facts.ts';
import { decideDateOrder, decideDecimalMark } from './formats.ts';
import { countDistinctPairs, isTimeColumn, readRelations, type TypedColumns } from './relations.ts';

/** Formats of values that the user gives. */
export interface GivenFormats {
  dateOrder?: 'dmy' | 'mdy';
  decimalMark?: ',' | '.';
}

/** Max members of a nested object to read. */
const maxMembers = 40;

/** Max columns to compare with an ID column. */
const maxCompared = 12;

/** Facts about a file, with a few rows and the columns of its table of rows. */
export interface FileFacts {
  facts: TableFacts;
  sampleRows: Record<string, string>[];
  columns: TableColumn[];
}

/**
 * Reads all values of a file and returns what they have in common, with a few rows as samples.
 * @throws WattduckError if the file has no rows
 */
export async function readTableFacts(
  duckdb: DuckDb,
  input: Input,
  layout: Layout,
  given: GivenFormats,
): Promise<FileFacts> {
  await createRows(duckdb, layout);
  const all = layout.names.map((_, place) => fieldColumn(place)).join(', ');
  const { n, different } = await duckdb.row(
    `select count(*) as n, count(distinct hash(${all})) as different from ${rowsTable}`,
  );
  if (Number(n) === 0) throw new WattduckError('map_no_rows', { file: input.name });
  const tableColumns = await withMembers(duckdb, layout);
  const columns: ColumnFacts[] = [];
  for (const column of tableColumns) columns.push(await columnFacts(duckdb, column, given.decimalMark ?? '.'));
  const decimalMark = decideDecimalMark(columns, given.decimalMark);
  if (decimalMark.value === ',' && given.decimalMark === undefined)
    for (const [place, column] of columns.entries())
      if (column.commas + column.commaGroups + column.pointGroups > 0)
        columns[place] = await columnFacts(duckdb, tableColumns[place]!, ',');
  const dateOrder = decideDateOrder(columns, given.dateOrder);
  const typed = typedColumns(columns, tableColumns, dateOrder.value ?? 'dmy', decimalMark.value ?? '.');
  const fields = layout.names.map((name, place) => ({ name, column: fieldColumn(place) }));
  const facts: TableFacts = {
    file: input.name,
    format: layout.format,
    rows: Number(n),
    duplicateRows: Number(n) - Number(different),
    columns,
    times: typed.times.map(({ name, sql, columns: parts }) => ({ name, sql, columns: parts })),
    ...(await readRelations(duckdb, typed)),
    distinctPairs: await idPairs(duckdb, columns, tableColumns),
    dateOrder,
    decimalMark,
  };
  return { facts, sampleRows: await readSampleRows(duckdb, fields), columns: tableColumns };
}

/** Max lines of repeated IDs to name. */
const maxLines = 8;

/** Lines of the rows whose texts in some columns are those of an earlier row: the first few, if no value has a line break. */
export async function repeatedLines(
  duckdb: DuckDb,
  layout: Layout,
  columns: readonly TableColumn[],
  names: readonly string[],
): Promise<number[]> {
  const keys = columns.filter(({ name }) => names.includes(name)).map(({ column }) => identifier(column));
  if (keys.length === 0) return [];
  const rows = await duckdb.rows(
    `select ${placeColumn} from ${rowsTable} qualify row_number() over (partition by ${keys.join(', ')} order by ${placeColumn}) > 1
     order by ${placeColumn} limit ${maxLines}`,
  );
  const above = (layout.skip ?? 0) + (layout.format === 'csv' && layout.hasHeader !== false ? 1 : 0);
  return rows.map((row) => Number(row[placeColumn]) + above);
}

/** Creates the table of the file's texts, trimmed, blanks as null; without blank rows, totals and repeated headers. */
async function createRows(duckdb: DuckDb, layout: Layout): Promise<void> {
  const columns = layout.names.map((_, place) => fieldColumn(place));
  const first = `coalesce(${columns.join(', ')})`;
  const isHeader = columns.map(
    (column, place) => `${column} is not distinct from ${literal(layout.names[place]!.trim())}`,
  );
  const isFiller = `${first} is null or ${first} in (${casedTotalWords.map(literal).join(', ')}) or (${isHeader.join(' and ')})`;
  const fields = layout.names.map((_, place) => {
    const column = fieldColumn(place);
    return `${trimSql(column)} as ${column}`;
  });
  await duckdb.run(
    `create or replace temp table ${rowsTable} as select * from (select row_number() over () as ${placeColumn}, ${fields.join(', ')} from ${readableRows(layout, layout.names)}) where not (${isFiller})`,
  );
}

/** The columns of the file, and the members of its nested objects. */
async function withMembers(duckdb: DuckDb, layout: Layout): Promise<TableColumn[]> {
  const columns: TableColumn[] = [];
  for (const [place, name] of layout.names.entries()) {
    const column = fieldColumn(place);
    const members = await membersOf(duckdb, column);
    if (members.length === 0) {
      columns.push({ name, column, sql: identifier(name), field: name });
      continue;
    }
    for (const [memberPlace, member] of members.entries()) {
      const path = literal(`$."${member}"`);
      const memberColumn = `${column}_${memberPlace}`;
      await duckdb.run(`alter table ${rowsTable} add column ${memberColumn} varchar`);
      await duckdb.run(
        `update ${rowsTable} set ${memberColumn} = ${trimSql(`json_extract_string(${column}, ${path})`)}`,
      );
      columns.push({
        name: `${name}.${member}`,
        column: memberColumn,
        sql: `member(${identifier(name)}, ${path})`,
        field: name,
      });
    }
  }
  return columns;
}

/** Keys of the objects in a column; none unless all its values are objects. */
async function membersOf(duckdb: DuckDb, column: string): Promise<string[]> {
  const { objects, filled } = await duckdb.row(
    `select count(*) filter (prefix(${column}, '{') and json_valid(${column})) as objects, count(${column}) as filled from ${rowsTable}`,
  );
  if (Number(objects) === 0 || Number(objects) < Number(filled)) return [];
  const rows = await duckdb.rows(
    `select key, count(*) as n from (select unnest(json_keys(${column})) as key from ${rowsTable} where ${column} is not null)
     where not contains(key, '"') group by key order by n desc, key limit ${maxMembers}`,
  );
  return rows.map(({ key }) => String(key));
}

/** Whether a column has dates only: midnight may be written as the time of day. */
export const isDateColumn = ({ dates, times, midnights }: ColumnFacts): boolean =>
  dates + midnights >= mostValues && dates + times >= mostValues;

export const isClockColumn = ({ clocks }: ColumnFacts): boolean => clocks >= mostValues;

/** Years such as 0014, which stand for 2014. */
export const hasShortYears = ({ maxTime }: ColumnFacts): boolean => maxTime !== undefined && /^00\d\d-/.test(maxTime);

/** SQL of the date in a column that may have midnight as its time of day. */
export const dateText = (sql: string, { midnights }: ColumnFacts): string =>
  midnights > 0 ? `regexp_replace(${sql}, '[ T]+0?0:00(:00(\\.0+)?)?(Z|[+-]00:?00)?$', '')` : sql;

/** SQL of a text whose years lack the century. */
const yearText = (sql: string, column: ColumnFacts): string =>
  hasShortYears(column) ? `regexp_replace(${sql}, '^00([0-9]{2}-)', '20\\1')` : sql;

function typedColumns(
  columns: readonly ColumnFacts[],
  tableColumns: readonly TableColumn[],
  dateOrder: 'dmy' | 'mdy',
  decimalMark: ',' | '.',
): TypedColumns {
  const columnOf = (facts: ColumnFacts): string => tableColumns[columns.indexOf(facts)]!.column;
  const plain = columns
    .filter((each) => isTimeColumn(each))
    .map((each) => ({
      name: each.name,
      sql: yearText(each.sql, each),
      columns: [each.name],
      text: withoutMarkers(yearText(columnOf(each), each)),
    }));
  const joined = columns.filter(isDateColumn).flatMap((date) =>
    columns.filter(isClockColumn).map((clock): TypedColumns['times'][number] => ({
      name: joinedName(date.name, clock.name),
      sql: `day_and_time(${dateText(date.sql, date)}, ${clock.sql})`,
      columns: [date.name, clock.name],
      text: `day_and_time(${dateText(columnOf(date), date)}, ${columnOf(clock)})`,
    })),
  );
  const numbers = columns.flatMap((each) => {
    const text = columnOf(each);
    if (each.numbers >= mostValues && !isTimeColumn(each))
      return [{ name: each.name, expression: numberExpression(text, decimalMark) }];
    return each.durations >= mostValues && !isTimeColumn(each)
      ? [{ name: each.name, expression: `clock_seconds(${text})` }]
      : [];
  });
  return { times: [...joined, ...plain], dateOrder, numbers };
}

/** Name of a date and a clock column that are read together. */
const joinedName = (date: string, clock: string): string => `${date} + ${clock}`;

const withoutMarkers = (text: string): string =>
  `case when ${text} not in (${nullMarkers.map(literal).join(', ')}) then ${text} end`;

const numberExpression = (text: string, decimalMark: ',' | '.'): string =>
  `try_cast(plain_digits(trim(regexp_extract(plain_characters(${text}), '[+-]?[0-9.,][0-9., '']*', 0)), '${decimalMark}') as double)`;

/** For columns that look like an ID and are not unique: distinct values together with other columns. */
function idPairs(
  duckdb: DuckDb,
  columns: readonly ColumnFacts[],
  tableColumns: readonly TableColumn[],
): Promise<Record<string, number>> {
  const withColumn = (facts: ColumnFacts): { name: string; column: string } => ({
    name: facts.name,
    column: tableColumns[columns.indexOf(facts)]!.column,
  });
  const rows = Math.max(...columns.map(({ filled }) => filled));
  const ids = columns.filter(
    (each) =>
      each.distinct > rows * 0.05 &&
      each.distinct < each.filled &&
      (each.integers >= mostValues || each.uuids >= mostValues) &&
      !isTimeColumn(each),
  );
  const others = columns.filter(
    (each) => each.distinct > 1 && each.distinct < rows / 2 && each.filled >= rows * mostValues,
  );
  return countDistinctPairs(duckdb, ids.slice(0, 3).map(withColumn), others.slice(0, maxCompared).map(withColumn));
}

/** Rows among which samples are looked for. */
const sampledRows = 200;

/** Three rows of the file with most of their fields filled, for which the table of rows must exist. */
async function readSampleRows(
  duckdb: DuckDb,
  fields: readonly { name: string; column: string }[],
): Promise<Record<string, string>[]> {
  const filled = fields.map(({ column }) => `(${identifier(column)} is not null)::integer`).join(' + ');
  const rows = await duckdb.rows(
    `select * from (select * from ${rowsTable} limit ${sampledRows}) order by ${filled} desc, place limit 3`,
  );
  return rows.map((row) =>
    Object.fromEntries(
      fields.flatMap(({ name, column }) => (row[column] === null ? [] : [[name, String(row[column])] as const])),
    ),
  );
}
