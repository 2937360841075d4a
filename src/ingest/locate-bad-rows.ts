import { literal, type DuckDb } from '../warehouse/duckdb.ts';
import { countOf, countRejectedLines, firstFailure, lineRejectOptions, notUtf8Reason } from './bad-rows.ts';
import { typedRows } from './casts.ts';
import { csvReader, fieldColumn } from './layout.ts';
import { lineReader } from './line-reader.ts';
import { rowColumn, textRows, type ReadPlan } from './text-rows.ts';

export const brokenQuoteReason = 'has a broken quote';

const fieldCountReason = (comparison: string): string =>
  `regexp_replace(error_message, '.*: ([0-9]+) Found: ([0-9]+).*', 'has \\2 fields, ${comparison} than the \\1 of the header')`;

const rejectReason = `case error_type
  when 'MISSING COLUMNS' then ${fieldCountReason('fewer')}
  when 'TOO MANY COLUMNS' then ${fieldCountReason('more')}
  when 'UNQUOTED VALUE' then '${brokenQuoteReason}'
  when 'INVALID ENCODING' then '${notUtf8Reason}'
  when 'LINE SIZE OVER MAXIMUM' then 'is longer than 16 MB'
  else error_message end`;

/** Text that matches a row to its line: only quotes and spaces differ between the two. */
const matchKey = (text: string): string =>
  `replace(replace(rtrim(split_part(${text}, chr(10), 1), chr(13)), '"', ''), ' ', '')`;

/**
 * Fills `bad_rows` for a CSV file: a second read finds the bad rows, and matching them to the lines of the file gives line numbers.
 * @returns true if DuckDB reports a broken quote or a row spans more lines than a row can have: what it read is unreliable then
 */
export async function locateBadRows(duckdb: DuckDb, plan: ReadPlan): Promise<boolean> {
  for (const table of ['rejects', 'reject_scans']) await duckdb.run(`drop table ${table}`);
  const { layout } = plan;
  const { skip = 0, hasHeader = true } = layout;
  const lastHeaderLine = skip + (hasHeader ? 1 : 0);
  const fieldNames = layout.names.map((_, place) => rowColumn.field(place));
  const csvFields = Object.fromEntries(fieldNames.map((name, place) => [name, fieldColumn(place)]));
  const { select, checks } = typedRows(plan, textRows(plan, csvReader(layout), csvFields));
  const fields = fieldNames.map((field) => `coalesce(${field}, '')`).join(', ');
  const quoted = fieldNames
    .map(
      (
        field,
      ) => `case when regexp_matches(coalesce(${field}, ''), '["\\n\\r]') or contains(${field}, ${literal(layout.delimiter)})
      then '"' || replace(${field}, '"', '""') || '"' else coalesce(${field}, '') end`,
    )
    .join(', ');
  await duckdb.run(
    `create temp table found_rows as
     select row_number() over () as place, problem.column_name, problem.value, problem.reason, whole, rebuilt from (
       select ${firstFailure(checks)} as problem, concat_ws(${literal(layout.delimiter)}, ${fields}) as whole,
              concat_ws(${literal(layout.delimiter)}, ${quoted}) as rebuilt
       from (${select}))
     where problem is not null`,
  );
  // Not as an insert: DuckDB 1.5 loses a large insert into an empty table created in the same transaction.
  const rejected = `select line as place, null as column_name, null as value, reason, raw as whole, raw as rebuilt from (
    select line, arg_min(${rejectReason}, case error_type when 'UNQUOTED VALUE' then -1 else coalesce(column_idx, 0) end) as reason, ltrim(any_value(csv_line), chr(10) || chr(13)) as raw
    from rejects group by line)`;
  await duckdb.run(
    `create temp table keyed_rows as select *, ${matchKey('whole')} as match_key, row_number() over (partition by ${matchKey('whole')} order by place) as nth
     from (from found_rows union all ${rejected})`,
  );
  await duckdb.run(
    `create temp table bad_lines as
     select * from (select row_number() over () as line, text from ${lineReader(layout, lineRejectOptions)})
     where line > ${lastHeaderLine} and ${matchKey('text')} in (select match_key from keyed_rows)`,
  );
  await countRejectedLines(duckdb, 'bad_lines');
  await duckdb.run(
    `insert into bad_rows
     select l.line, column_name, value, reason, case when contains(whole, chr(10)) then rebuilt else coalesce(l.text, rebuilt) end
     from keyed_rows k left join (
       select *, row_number() over (partition by ${matchKey('text')} order by line) as nth
       from (from bad_lines union all select distinct on (line) line, csv_line as text from line_rejects)) l
       on ${matchKey('l.text')} = k.match_key and l.nth = k.nth`,
  );
  const unreliableSql = `select count(*) as n from rejects where error_type = 'UNQUOTED VALUE' or length(csv_line) - length(replace(csv_line, chr(10), '')) > 50`;
  return (await countOf(duckdb, unreliableSql)) > 0;
}
