import type { Source } from '../catalog/definitions.ts';
import { identifier, literal, type Engine } from '../warehouse/engine.ts';
import { textOf, typedRows, type Fault } from './casts.ts';
import { csvReader, jsonReader, lineReader, type Layout } from './layout.ts';
import type { Recognised } from './recognise.ts';

/** Rows of one file, read and sorted into good (in `staged`) and bad (in `bad_rows`). */
export interface Staged {
  read: number;
  good: number;
  bad: number;
}

/**
 * Reads a file into the temporary table `staged`, in file order. Only when a row is bad does a second pass
 * find its line, its text and the reason, into `bad_rows` (line, column_name, value, reason, raw).
 * @throws Error when rows read and rows accounted for differ.
 */
export async function stage(engine: Engine, layout: Layout, { source, feeds }: Recognised): Promise<Staged> {
  for (const table of ['staged', 'bad_rows', 'rejects', 'reject_scans', 'line_rejects', 'line_reject_scans']) {
    await engine.run(`drop table if exists temp.${table}`);
  }
  const csv = layout.format === 'csv';
  const keys = jsonKeys(source, feeds);
  const reader = csv ? csvReader(layout, "store_rejects = true, rejects_table = 'rejects', rejects_scan = 'reject_scans'") : jsonReader(layout, keys);
  const { select, faults } = typedRows(source, textRows(layout, source, feeds, reader));
  const columns = filledColumns(layout, source, feeds).map(identifier).join(', ');
  const isBad = `(${faults.map(({ when }) => `(${when})`).join(' or ')}) is true`;

  // The order of the file decides between equal versions; the table's own order is free, and faster so.
  await engine.run('set preserve_insertion_order = true');
  await engine.run(`create temp table staged as select ${columns}, ${isBad} as is_bad from (${select})`);
  const counts = await engine.row('select count(*) as n, count(*) filter (is_bad) as bad from staged');
  const good = Number(counts['n']) - Number(counts['bad']);
  const rejected = csv ? Number((await engine.row('select count(distinct line) as n from rejects'))['n']) : 0;
  const read = csv ? Number(counts['n']) + rejected : await recordLines(engine, layout);
  await engine.run(`create temp table bad_rows (line bigint, column_name varchar, value varchar, reason varchar, raw varchar)`);
  if (read > good) {
    await (csv ? locateCsv(engine, layout, source, feeds, faults) : locateJson(engine, layout, source, feeds, faults));
    await engine.run('delete from staged where is_bad');
  }
  const bad = Number((await engine.row('select count(*) as n from bad_rows'))['n']);
  await engine.run('set preserve_insertion_order = false');
  if (good + bad !== read) throw new Error(`${read} rows read, but ${good} good and ${bad} bad ones found`);
  return { read, good, bad };
}

/** Columns a file speaks of: those in its header; of JSON, whose rows are whole records, all. */
export const filledColumns = (layout: Layout, source: Source, feeds: Recognised['feeds']): string[] =>
  source.columns.filter((column) => layout.format !== 'csv' || feeds.has(column.name) || column.default !== undefined).map(({ name }) => name);

/** A select of each column's text: trimmed, empty as null, from the best of its names that has one; `also` comes along. */
function textRows(layout: Layout, source: Source, feeds: Recognised['feeds'], reader: string, also: readonly string[] = []): string {
  const csv = layout.format === 'csv';
  const texts = source.columns.map(({ name }) => {
    const from = csv ? (feeds.get(name) ?? []).map((each) => `c${layout.names.indexOf(each)}`) : jsonNames(feeds, name).map(identifier);
    const parts = from.map(trimmed);
    const text = parts.length > 1 ? `coalesce(${parts.join(', ')})` : (parts[0] ?? 'null::varchar');
    return `${text} as ${textOf(name)}`;
  });
  return `select ${[...texts, ...also].join(', ')} from ${reader}`;
}

/** Trimming every value would cost a third of the reading, so only those with a blank at an end are. */
const trimmed = (text: string): string => `case when prefix(${text}, ' ') or suffix(${text}, ' ') then nullif(trim(${text}), '') else nullif(${text}, '') end`;

/** A key may turn up only after the lines looked at, so a column's own name is always read. */
const jsonNames = (feeds: Recognised['feeds'], column: string): string[] => [...new Set([column, ...(feeds.get(column) ?? [])])];

const jsonKeys = (source: Source, feeds: Recognised['feeds']): string[] => [
  ...new Set(source.columns.flatMap(({ name }) => jsonNames(feeds, name))),
];

/** A long line holds something; only short ones are looked at. */
const isBlank = "case when strlen(text) > 40 then false else coalesce(trim(text, ' \t\r'), '') = '' end";

async function recordLines(engine: Engine, layout: Layout): Promise<number> {
  const rejects = "store_rejects = true, rejects_table = 'line_rejects', rejects_scan = 'line_reject_scans'";
  const { n } = await engine.row(`select count(*) filter (not (${isBlank})) as n from ${lineReader(layout, `, ${rejects}`)}`);
  const broken = await engine.row('select count(distinct line) as n from line_rejects');
  await engine.run('drop table line_rejects');
  await engine.run('drop table line_reject_scans');
  return Number(n) + Number(broken['n']);
}

/** The first fault of a row as (column_name, value, reason). */
function problem(faults: readonly Fault[]): string {
  const cases = faults.map(
    ({ when, column, reason }) =>
      `when ${when} then {'column_name': ${literal(column)}, 'value': ${textOf(column)}, 'reason': ${literal(reason)}}`,
  );
  return `case ${cases.join('\n')} end`;
}

/** Lines numbered as an editor numbers them, those DuckDB can't read as text left out of the rows but not of the count. */
async function numberedLines(engine: Engine, layout: Layout, name: string, wanted: string): Promise<void> {
  const rejects = "store_rejects = true, rejects_table = 'line_rejects', rejects_scan = 'line_reject_scans'";
  await engine.run(
    `create temp table ${name} as
     select * from (select row_number() over () as line, text from ${lineReader(layout, `, ${rejects}`)}) where ${wanted}`,
  );
  await engine.run(
    `update ${name} set line = line + (
       select count(*) from (select line - row_number() over (order by line) + 1 as before from (select distinct line from line_rejects))
       where before <= ${name}.line)`,
  );
}

async function locateJson(engine: Engine, layout: Layout, source: Source, feeds: Recognised['feeds'], faults: readonly Fault[]): Promise<void> {
  const keys = jsonKeys(source, feeds);
  const shape = literal(JSON.stringify(Object.fromEntries(keys.map((key) => [key, 'VARCHAR']))));
  const isRecord = "case when json_valid(text) then json_type(text) = 'OBJECT' else false end";
  const records = `(select line, text as raw, unnest(from_json(case when ${isRecord} then text else '{}' end, ${shape})), not (${isRecord}) as is_broken from all_lines)`;
  const { select } = typedRows(source, textRows(layout, source, feeds, records, ['line', 'raw', 'is_broken']));
  await numberedLines(engine, layout, 'all_lines', `not (${isBlank})`);
  await engine.run(
    `insert into bad_rows
     select line, problem.column_name, problem.value, problem.reason, raw from (
       select line, raw, case when is_broken then {'column_name': null::varchar, 'value': null::varchar, 'reason': 'is no JSON object'}
         else ${problem(faults)} end as problem
       from (${select}))
     where problem is not null`,
  );
  await engine.run(`insert into bad_rows select line, null, null, 'is not valid UTF-8', any_value(csv_line) from line_rejects group by line`);
  await engine.run('drop table all_lines');
}

const fieldCount = (than: string): string =>
  `regexp_replace(error_message, '.*: ([0-9]+) Found: ([0-9]+).*', 'has \\2 fields, ${than} than the \\1 of the header')`;

const brokenRow = `case error_type
  when 'MISSING COLUMNS' then ${fieldCount('fewer')}
  when 'TOO MANY COLUMNS' then ${fieldCount('more')}
  when 'UNQUOTED VALUE' then 'has a broken quote'
  when 'INVALID ENCODING' then 'is not valid UTF-8'
  when 'LINE SIZE OVER MAXIMUM' then 'is longer than 16 MB'
  else error_message end`;

/** The text by which a row and its line know each other: quotes and blanks differ between the two, nothing else does. */
const meeting = (text: string): string => `replace(replace(rtrim(split_part(${text}, chr(10), 1), chr(13)), '"', ''), ' ', '')`;

async function locateCsv(engine: Engine, layout: Layout, source: Source, feeds: Recognised['feeds'], faults: readonly Fault[]): Promise<void> {
  const reader = csvReader(layout, 'ignore_errors = true');
  const { select } = typedRows(source, textRows(layout, source, feeds, reader, layout.names.map((_, index) => `c${index}`)));
  const fields = layout.names.map((_, index) => `coalesce(c${index}, '')`).join(`, `);
  const quoted = layout.names
    .map((_, index) => `case when regexp_matches(coalesce(c${index}, ''), '["\\n\\r]') or contains(c${index}, ${literal(layout.delimiter)})
      then '"' || replace(c${index}, '"', '""') || '"' else coalesce(c${index}, '') end`)
    .join(', ');
  await engine.run(
    `create temp table found as
     select row_number() over () as place, problem.column_name, problem.value, problem.reason, whole, rebuilt from (
       select ${problem(faults)} as problem, concat_ws(${literal(layout.delimiter)}, ${fields}) as whole,
              concat_ws(${literal(layout.delimiter)}, ${quoted}) as rebuilt
       from (${select}))
     where problem is not null
     union all
     select line, null, null, reason, ltrim(raw, chr(10) || chr(13)), ltrim(raw, chr(10) || chr(13)) from (
       select line, arg_min(${brokenRow}, column_idx) as reason, any_value(csv_line) as raw from rejects group by line)`,
  );
  await engine.run(`create temp table keyed as select *, ${meeting('whole')} as meet, row_number() over (partition by ${meeting('whole')} order by place) as nth from found`);
  await numberedLines(engine, layout, 'all_lines', `line > 1 and ${meeting('text')} in (select meet from keyed)`);
  await engine.run('insert into all_lines select distinct on (line) line, csv_line from line_rejects');
  await engine.run(
    `insert into bad_rows
     select l.line, column_name, value, reason, case when contains(whole, chr(10)) then rebuilt else coalesce(l.text, rebuilt) end
     from keyed k left join (select *, row_number() over (partition by ${meeting('text')} order by line) as nth from all_lines) l
       on ${meeting('l.text')} = k.meet and l.nth = k.nth`,
  );
  for (const table of ['found', 'keyed', 'all_lines']) await engine.run(`drop table ${table}`);
}
