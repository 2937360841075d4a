import { identifier, type DuckDb } from '../warehouse/duckdb.ts';
import { badRowCondition, countRejectedLines, firstFailure, lineRejectOptions } from './bad-rows.ts';
import { typedRows } from './casts.ts';
import { jsonReader, jsonShape, lineReader, malformedJson, mixedLineEnds, uniformLineReader } from './layout.ts';
import {
  firstPresent,
  mappedFields,
  rowColumn,
  textRows,
  unmappedColumns,
  writtenColumns,
  type ReadPlan,
} from './text-rows.ts';

/**
 * Stages an NDJSON file. Returns its rows, and the plan with keys that first appear late in the file.
 * DuckDB's JSON reader silently skips a broken line and the line after it. So lines are counted, and a file with any broken line is
 * read line by line instead.
 * @param isClean false if the file is known to have broken lines
 * @param lines number of lines, blank ones included, if already counted
 */
export async function stageJson(
  duckdb: DuckDb,
  plan: ReadPlan,
  isClean: boolean,
  lines?: number,
): Promise<{ read: number; usedPlan: ReadPlan }> {
  if (!isClean)
    return { read: await countRecordLines(duckdb, plan), usedPlan: await stageWithLateKeys(duckdb, plan, stageLines) };
  let [usedPlan, good] = [plan, 0];
  // For few rows, planning the parsing of every value format takes most of the time: try the simplest first.
  for (const stage of plan.rowByRow ? [stagePlain, stageFast] : [stageFast]) {
    await duckdb.run('drop table if exists temp.staged');
    const read = await stageWithLateKeys(duckdb, usedPlan, stage).catch((error: unknown) => {
      if (malformedJson.test(String(error))) return undefined;
      throw error;
    });
    if (!read) return stageJson(duckdb, plan, false);
    usedPlan = read;
    good = await duckdb.countRows(`from staged where not ${rowColumn.isBad}`);
    if (good === lines) return { read: good, usedPlan };
  }
  const read = await countRecordLines(duckdb, plan);
  if (good === read) return { read, usedPlan };
  await duckdb.run('drop table staged');
  return { read, usedPlan: await stageWithLateKeys(duckdb, usedPlan, stageLines) };
}

/** Stages a file, and stages it again if a key first appears after the sampled lines. */
async function stageWithLateKeys(
  duckdb: DuckDb,
  plan: ReadPlan,
  stage: (duckdb: DuckDb, plan: ReadPlan) => Promise<void>,
): Promise<ReadPlan> {
  await stage(duckdb, plan);
  const lateKeys = await duckdb.rows(
    `select distinct ${rowColumn.late} as late from staged where ${rowColumn.late} is not null`,
  );
  if (lateKeys.length === 0) return plan;
  for (const table of ['staged', 'line_rejects', 'line_reject_scans'])
    await duckdb.run(`drop table if exists temp.${table}`);
  const fieldMap = new Map([
    ...plan.fieldMap,
    ...lateKeys.map(({ late: name }): [string, string[]] => [String(name), [String(name)]]),
  ]);
  return stageWithLateKeys(duckdb, { ...plan, fieldMap }, stage);
}

const stagePlain = (duckdb: DuckDb, plan: ReadPlan): Promise<void> => stageFast(duckdb, plan, true);

/** @param fastPath true to treat values in any but the simplest format as bad */
async function stageFast(duckdb: DuckDb, plan: ReadPlan, fastPath = false): Promise<void> {
  const unmapped = unmappedColumns(plan);
  const rows = textRows(plan, jsonReader(plan.layout, [...mappedFields(plan), ...unmapped]), {
    [rowColumn.late]: firstPresent(unmapped),
  });
  const { select, checks } = typedRows(plan, rows, fastPath);
  const columns = writtenColumns(plan).map(identifier).join(', ');
  await duckdb.run(
    `create temp table staged as select ${columns}, ${badRowCondition(checks)} as ${rowColumn.isBad}, ${rowColumn.late} from (${select})`,
  );
}

/** Stages a file line by line: slower, but gives the number, text and reason of each bad line. */
async function stageLines(duckdb: DuckDb, plan: ReadPlan): Promise<void> {
  const unmapped = unmappedColumns(plan);
  const shape = jsonShape([...mappedFields(plan), ...unmapped]);
  const lines = `select row_number() over () as ${rowColumn.line}, text as ${rowColumn.text}, case when json_valid(text) then json_type(text) = 'OBJECT' else false end as ${rowColumn.isRecord}
    from ${lineReader(plan.layout, lineRejectOptions)}`;
  const records = `(select ${rowColumn.line}, ${rowColumn.text}, ${rowColumn.isRecord}, unnest(from_json(case when ${rowColumn.isRecord} then ${rowColumn.text} else '{}' end, ${shape}))
    from (${lines}) where not (${blankCondition(rowColumn.text)}))`;
  const { select, checks } = typedRows(
    plan,
    textRows(plan, records, {
      [rowColumn.line]: rowColumn.line,
      [rowColumn.text]: rowColumn.text,
      [rowColumn.isRecord]: rowColumn.isRecord,
      [rowColumn.late]: firstPresent(unmapped),
    }),
  );
  const columns = writtenColumns(plan).map(identifier).join(', ');
  const notAnObject = "{'column_name': null::varchar, 'value': null::varchar, 'reason': 'not a JSON object'}";
  await duckdb.run(
    `create temp table staged as
     select * replace (case when ${rowColumn.isBad} then ${rowColumn.text} end as ${rowColumn.text}) from (
       select *, ${rowColumn.problem} is not null as ${rowColumn.isBad} from (
         select ${columns}, ${rowColumn.late}, ${rowColumn.line}, ${rowColumn.text}, case when not ${rowColumn.isRecord} then ${notAnObject} else ${firstFailure(checks)} end as ${rowColumn.problem} from (${select})))`,
  );
  const problemFields = ['column_name', 'value', 'reason']
    .map((part) => `struct_extract(${rowColumn.problem}, '${part}')`)
    .join(', ');
  await duckdb.run(
    `insert into bad_rows select ${rowColumn.line}, ${problemFields}, ${rowColumn.text} from staged where ${rowColumn.isBad}`,
  );
  await duckdb.run(`delete from staged where ${rowColumn.isBad}`);
  await countRejectedLines(duckdb, 'bad_rows');
  await duckdb.run(
    `insert into bad_rows select line, null, null, 'not valid UTF-8', any_value(csv_line) from line_rejects group by line`,
  );
}

/** SQL condition for a blank line. Long lines are never blank, so only short ones are trimmed. */
const blankCondition = (text: string): string =>
  `case when strlen(${text}) > 40 then false else coalesce(trim(${text}, ' \t\r'), '') = '' end`;

/** Counts the lines of an NDJSON file that are not blank. */
export async function countRecordLines(duckdb: DuckDb, { layout }: ReadPlan): Promise<number> {
  const count = async (reader: string): Promise<number> => {
    const textLines = await duckdb.countRows(`select 1 from ${reader} where not (${blankCondition('text')})`);
    const rejectedLines = await duckdb.countRows('select distinct line from line_rejects');
    for (const table of ['line_rejects', 'line_reject_scans']) await duckdb.run(`drop table ${table}`);
    return textLines + rejectedLines;
  };
  try {
    return await count(uniformLineReader(layout, lineRejectOptions));
  } catch (error) {
    if (!mixedLineEnds.test(String(error))) throw error;
    return count(lineReader(layout, lineRejectOptions));
  }
}
