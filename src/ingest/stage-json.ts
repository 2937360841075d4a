import { identifier, type DuckDb } from '../warehouse/duckdb.ts';
import { badRowCondition, countRejectedLines, firstFailure, notUtf8Reason } from './bad-rows.ts';
import { typedRows } from './casts.ts';
import { keyConflictChecks, repeatedKey } from './json-checks.ts';
import { UnreadableLine, readJson, readLines, UnknownKeys } from './json-reader.ts';
import { jsonFields } from './layout.ts';
import { mappedFields, rowColumn, textRows, writtenColumns, type ReadPlan } from './text-rows.ts';

/**
 * Stages an NDJSON file and returns its rows. DuckDB's JSON reader fails at a line that is not an object or repeats a key: such a
 * file is read line by line instead.
 * @param isClean false if the file is known to have such lines, or a row that fails a check
 * @param lines number of lines, blank ones included, if already counted
 * @throws UnknownKeys
 */
export async function stageJson(duckdb: DuckDb, plan: ReadPlan, isClean: boolean, lines?: number): Promise<number> {
  let { hasAllKeys = false } = plan;
  if (isClean && plan.hasBrokenLines !== true) {
    // For few rows, planning the parsing of every value format takes most of the time: try the simplest first.
    for (const fastPath of plan.rowByRow ? [true, false] : [false]) {
      await duckdb.run('drop table if exists temp.staged');
      if (!(await stageFast(duckdb, { ...plan, hasAllKeys }, fastPath))) break;
      // DuckDB read the file to its end.
      hasAllKeys = true;
      const good = await duckdb.countRows(`from staged where not ${rowColumn.isBad}`);
      if (good === lines || good === (await countRecordLines(duckdb, plan))) return good;
    }
    await duckdb.run('drop table if exists temp.staged');
  }
  // Lines are read by key, and a key that the plan does not know would be lost.
  if (!hasAllKeys) throw new UnknownKeys();
  const read = await countRecordLines(duckdb, plan);
  await stageLines(duckdb, plan);
  return read;
}

/**
 * Stages a file with DuckDB's JSON reader. Returns false if it fails at a line.
 * @param fastPath true to treat values in any but the simplest format as bad
 * @throws UnknownKeys
 */
async function stageFast(duckdb: DuckDb, plan: ReadPlan, fastPath: boolean): Promise<boolean> {
  const conflicts = keyConflictChecks(plan);
  const columns = writtenColumns(plan).map(identifier).join(', ');
  try {
    await readJson(duckdb, plan.layout, plan.hasAllKeys === true, (reader) => {
      const { select, checks } = typedRows(plan, textRows(plan, reader, conflicts.columns), fastPath);
      return duckdb.run(
        `create temp table staged as select ${columns}, ${badRowCondition([...checks, ...conflicts.checks])} as ${rowColumn.isBad} from (${select})`,
      );
    });
    return true;
  } catch (error) {
    if (error instanceof UnreadableLine) return false;
    throw error;
  }
}

/** Stages a file line by line: slower, but gives the number, text and reason of each bad line. */
async function stageLines(duckdb: DuckDb, plan: ReadPlan): Promise<void> {
  const { line, text, isRecord, problem, isBad, repeatedKey: repeated } = rowColumn;
  const conflicts = keyConflictChecks(plan);
  const columns = writtenColumns(plan).map(identifier).join(', ');
  const isObject = (json: string): string =>
    `case when json_valid(${json}) then json_type(${json}) = 'OBJECT' else false end`;
  await readLines(duckdb, plan.layout, async (reader) => {
    const lines = `select row_number() over () as ${line}, text as ${text}, ${isObject('text')} as ${isRecord} from ${reader}`;
    const objects = `select *, case when ${isRecord} then ${text} else '{}' end as object from (${lines}) where not (${blankCondition(text)})`;
    const records = jsonFields(plan.layout, mappedFields(plan), {
      from: `(select *, ${repeatedKey(plan, 'object')} as ${repeated} from (${objects}))`,
      text: 'object',
      columns: [line, text, isRecord, repeated],
    });
    const { select, checks } = typedRows(
      plan,
      textRows(plan, records, {
        [line]: line,
        [text]: text,
        [isRecord]: isRecord,
        [repeated]: repeated,
        ...conflicts.columns,
      }),
    );
    const wholeRow = (reason: string): string =>
      `{'column_name': null::varchar, 'value': null::varchar, 'reason': ${reason}}`;
    await duckdb.run(
      `create temp table staged as
       select * replace (case when ${isBad} then ${text} end as ${text}) from (
         select *, ${problem} is not null as ${isBad} from (
           select ${columns}, ${line}, ${text}, case when not ${isRecord} then ${wholeRow("'not a JSON object'")}
             when ${repeated} is not null then ${wholeRow(`'has two values for the key ' || ${repeated}`)}
             else ${firstFailure([...checks, ...conflicts.checks])} end as ${problem} from (${select})))`,
    );
    const problemFields = ['column_name', 'value', 'reason'].map((part) => `struct_extract(${problem}, '${part}')`);
    await duckdb.run(
      `insert into bad_rows select ${line}, ${problemFields.join(', ')}, ${text} from staged where ${isBad}`,
    );
    await duckdb.run(`delete from staged where ${isBad}`);
    await countRejectedLines(duckdb, 'bad_rows');
    await duckdb.run(
      `insert into bad_rows select line, null, null, '${notUtf8Reason}', any_value(csv_line) from line_rejects group by line`,
    );
  });
}

/** SQL condition for a blank line. Long lines are never blank, so only short ones are trimmed. */
const blankCondition = (text: string): string =>
  `case when strlen(${text}) > 40 then false else coalesce(trim(${text}, ' \t\r'), '') = '' end`;

/** Counts the lines of an NDJSON file that are not blank. */
export const countRecordLines = (duckdb: DuckDb, { layout }: ReadPlan): Promise<number> =>
  readLines(duckdb, layout, async (reader) => {
    const textLines = await duckdb.countRows(`select 1 from ${reader} where not (${blankCondition('text')})`);
    return textLines + (await duckdb.countRows('select distinct line from line_rejects'));
  });
