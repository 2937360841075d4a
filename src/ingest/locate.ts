import { literal, type DuckDb } from '../warehouse/engine.ts';
import { countOf, countRejectedLines, lineRejects, problem } from './bad-rows.ts';
import { typedRows } from './casts.ts';
import { csvReader, lineReader } from './layout.ts';
import { csvField, row, textRows, type Reading } from './rows.ts';

export const brokenQuote = 'has a broken quote';

const fieldCount = (than: string): string =>
  `regexp_replace(error_message, '.*: ([0-9]+) Found: ([0-9]+).*', 'has \\2 fields, ${than} than the \\1 of the header')`;

const brokenRow = `case error_type
  when 'MISSING COLUMNS' then ${fieldCount('fewer')}
  when 'TOO MANY COLUMNS' then ${fieldCount('more')}
  when 'UNQUOTED VALUE' then '${brokenQuote}'
  when 'INVALID ENCODING' then 'is not valid UTF-8'
  when 'LINE SIZE OVER MAXIMUM' then 'is longer than 16 MB'
  else error_message end`;

/** The text by which a row and its line know each other: quotes and blanks differ between the two, nothing else does. */
const meeting = (text: string): string =>
  `replace(replace(rtrim(split_part(${text}, chr(10), 1), chr(13)), '"', ''), ' ', '')`;

/**
 * Finds the bad rows of a CSV file: which they are from a second reading, where they stand from the lines.
 * Answers whether DuckDB blames a quote, or a broken row runs on for more lines than a row can have: what it read is not to be trusted then.
 */
export async function locate(engine: DuckDb, reading: Reading): Promise<boolean> {
  for (const table of ['rejects', 'reject_scans']) await engine.run(`drop table ${table}`);
  const { layout } = reading;
  const fieldNames = layout.names.map((_, place) => row.field(place));
  const fieldsAsRead = Object.fromEntries(fieldNames.map((name, place) => [name, csvField(place)]));
  const { select, faults } = typedRows(reading, textRows(reading, csvReader(layout), fieldsAsRead));
  const fields = fieldNames.map((field) => `coalesce(${field}, '')`).join(', ');
  const quoted = fieldNames
    .map(
      (
        field,
      ) => `case when regexp_matches(coalesce(${field}, ''), '["\\n\\r]') or contains(${field}, ${literal(layout.delimiter)})
      then '"' || replace(${field}, '"', '""') || '"' else coalesce(${field}, '') end`,
    )
    .join(', ');
  await engine.run(
    `create temp table found as
     select row_number() over () as place, problem.column_name, problem.value, problem.reason, whole, rebuilt from (
       select ${problem(faults)} as problem, concat_ws(${literal(layout.delimiter)}, ${fields}) as whole,
              concat_ws(${literal(layout.delimiter)}, ${quoted}) as rebuilt
       from (${select}))
     where problem is not null`,
  );
  // Not by an insert: DuckDB 1.5 loses a large one into an empty table that the same transaction created.
  const rejected = `select line as place, null as column_name, null as value, reason, raw as whole, raw as rebuilt from (
    select line, arg_min(${brokenRow}, case error_type when 'UNQUOTED VALUE' then -1 else coalesce(column_idx, 0) end) as reason, ltrim(any_value(csv_line), chr(10) || chr(13)) as raw
    from rejects group by line)`;
  await engine.run(
    `create temp table keyed as select *, ${meeting('whole')} as meet, row_number() over (partition by ${meeting('whole')} order by place) as nth
     from (from found union all ${rejected})`,
  );
  await engine.run(
    `create temp table bad_lines as
     select * from (select row_number() over () as line, text from ${lineReader(layout, lineRejects)})
     where line > 1 and ${meeting('text')} in (select meet from keyed)`,
  );
  await countRejectedLines(engine, 'bad_lines');
  await engine.run(
    `insert into bad_rows
     select l.line, column_name, value, reason, case when contains(whole, chr(10)) then rebuilt else coalesce(l.text, rebuilt) end
     from keyed k left join (
       select *, row_number() over (partition by ${meeting('text')} order by line) as nth
       from (from bad_lines union all select distinct on (line) line, csv_line as text from line_rejects)) l
       on ${meeting('l.text')} = k.meet and l.nth = k.nth`,
  );
  const blamed = `select count(*) as n from rejects where error_type = 'UNQUOTED VALUE' or length(csv_line) - length(replace(csv_line, chr(10), '')) > 50`;
  return (await countOf(engine, blamed)) > 0;
}
