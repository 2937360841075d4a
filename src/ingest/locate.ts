import { literal, type Engine } from '../warehouse/engine.ts';
import { textOf, typedRows, type Fault } from './casts.ts';
import { csvReader, lineReader, type Layout } from './layout.ts';
import { csvField, fedKeys, textRows, type Reading } from './rows.ts';

/** A long line holds something; only short ones are looked at. */
export const isBlank = "case when strlen(text) > 40 then false else coalesce(trim(text, ' \t\r'), '') = '' end";

/** Keeps the lines that are no text at all, in a table of their own. */
export const lineRejects = ", store_rejects = true, rejects_table = 'line_rejects', rejects_scan = 'line_reject_scans'";

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
  await engine.run(
    `create temp table ${name} as
     select * from (select row_number() over () as line, text from ${lineReader(layout, lineRejects)}) where ${wanted}`,
  );
  await engine.run(
    `update ${name} set line = line + (
       select count(*) from (select line - row_number() over (order by line) + 1 as before from (select distinct line from line_rejects))
       where before <= ${name}.line)`,
  );
}

/** Finds the bad lines of an NDJSON file, from the lines themselves. */
export async function locateJson(engine: Engine, reading: Reading): Promise<void> {
  const shape = literal(JSON.stringify(Object.fromEntries(fedKeys(reading).map((key) => [key, 'VARCHAR']))));
  const isRecord = "case when json_valid(text) then json_type(text) = 'OBJECT' else false end";
  const records = `(select line, text as raw, unnest(from_json(case when ${isRecord} then text else '{}' end, ${shape})), not (${isRecord}) as is_broken from all_lines)`;
  const { select, faults } = typedRows(reading.source, textRows(reading, records, ['line', 'raw', 'is_broken']));
  await numberedLines(engine, reading.layout, 'all_lines', `not (${isBlank})`);
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

/** Finds the bad rows of a CSV file: which they are from a second reading, where they stand from the lines. */
export async function locateCsv(engine: Engine, reading: Reading): Promise<void> {
  const { layout, source } = reading;
  const fieldNames = layout.names.map((_, place) => csvField(place));
  const { select, faults } = typedRows(source, textRows(reading, csvReader(layout, 'ignore_errors = true'), fieldNames));
  const fields = fieldNames.map((field) => `coalesce(${field}, '')`).join(', ');
  const quoted = fieldNames
    .map((field) => `case when regexp_matches(coalesce(${field}, ''), '["\\n\\r]') or contains(${field}, ${literal(layout.delimiter)})
      then '"' || replace(${field}, '"', '""') || '"' else coalesce(${field}, '') end`)
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
