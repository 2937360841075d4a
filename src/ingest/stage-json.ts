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
 * Stages an NDJSON file and answers how many rows it has, and the reading with keys that turned up late.
 * DuckDB's JSON reader passes over broken lines, and the line after one, without a word: so the lines are counted, and a file
 * with anything wrong in it is taken from its lines instead.
 * @param isClean false where something is known to be wrong in it
 * @param lines how many lines it has, blank ones too, where they were counted already
 */
export async function stageJson(
  duckdb: DuckDb,
  plan: ReadPlan,
  isClean: boolean,
  lines?: number,
): Promise<{ read: number; reading: ReadPlan }> {
  if (!isClean)
    return { read: await countRecordLines(duckdb, plan), reading: await stageWithLateKeys(duckdb, plan, stageLines) };
  let [reading, good] = [plan, 0];
  // Of few rows most of the time goes into planning how to read values in every form.
  for (const stage of plan.rowByRow ? [stagePlain, stageFast] : [stageFast]) {
    await duckdb.run('drop table if exists temp.staged');
    const read = await stageWithLateKeys(duckdb, reading, stage).catch((error: unknown) => {
      if (malformedJson.test(String(error))) return undefined;
      throw error;
    });
    if (!read) return stageJson(duckdb, plan, false);
    reading = read;
    good = await duckdb.countRows(`from staged where not ${rowColumn.isBad}`);
    if (good === lines) return { read: good, reading };
  }
  const read = await countRecordLines(duckdb, plan);
  if (good === read) return { read, reading };
  await duckdb.run('drop table staged');
  return { read, reading: await stageWithLateKeys(duckdb, reading, stageLines) };
}

/** A key may turn up only after the lines looked at: then the file is read once more, with it. */
async function stageWithLateKeys(
  duckdb: DuckDb,
  reading: ReadPlan,
  stage: (duckdb: DuckDb, reading: ReadPlan) => Promise<void>,
): Promise<ReadPlan> {
  await stage(duckdb, reading);
  const lateKeys = await duckdb.rows(
    `select distinct ${rowColumn.late} as late from staged where ${rowColumn.late} is not null`,
  );
  if (lateKeys.length === 0) return reading;
  for (const table of ['staged', 'line_rejects', 'line_reject_scans'])
    await duckdb.run(`drop table if exists temp.${table}`);
  const fieldMap = new Map([
    ...reading.fieldMap,
    ...lateKeys.map(({ late: name }): [string, string[]] => [String(name), [String(name)]]),
  ]);
  return stageWithLateKeys(duckdb, { ...reading, fieldMap }, stage);
}

const stagePlain = (duckdb: DuckDb, reading: ReadPlan): Promise<void> => stageFast(duckdb, reading, true);

/** @param fastPath true where a row with a value in another than its plainest form counts as bad */
async function stageFast(duckdb: DuckDb, reading: ReadPlan, fastPath = false): Promise<void> {
  const unmapped = unmappedColumns(reading);
  const rows = textRows(reading, jsonReader(reading.layout, [...mappedFields(reading), ...unmapped]), {
    [rowColumn.late]: firstPresent(unmapped),
  });
  const { select, checks } = typedRows(reading, rows, fastPath);
  const columns = writtenColumns(reading).map(identifier).join(', ');
  await duckdb.run(
    `create temp table staged as select ${columns}, ${badRowCondition(checks)} as ${rowColumn.isBad}, ${rowColumn.late} from (${select})`,
  );
}

/** Every line by itself: slower, but each bad one is known by its number, text and reason. */
async function stageLines(duckdb: DuckDb, reading: ReadPlan): Promise<void> {
  const unmapped = unmappedColumns(reading);
  const shape = jsonShape([...mappedFields(reading), ...unmapped]);
  const lines = `select row_number() over () as ${rowColumn.line}, text as ${rowColumn.text}, case when json_valid(text) then json_type(text) = 'OBJECT' else false end as ${rowColumn.isRecord}
    from ${lineReader(reading.layout, lineRejectOptions)}`;
  const records = `(select ${rowColumn.line}, ${rowColumn.text}, ${rowColumn.isRecord}, unnest(from_json(case when ${rowColumn.isRecord} then ${rowColumn.text} else '{}' end, ${shape}))
    from (${lines}) where not (${blankCondition(rowColumn.text)}))`;
  const { select, checks } = typedRows(
    reading,
    textRows(reading, records, {
      [rowColumn.line]: rowColumn.line,
      [rowColumn.text]: rowColumn.text,
      [rowColumn.isRecord]: rowColumn.isRecord,
      [rowColumn.late]: firstPresent(unmapped),
    }),
  );
  const columns = writtenColumns(reading).map(identifier).join(', ');
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

/** A long line holds something; only short ones are looked at. */
const blankCondition = (text: string): string =>
  `case when strlen(${text}) > 40 then false else coalesce(trim(${text}, ' \t\r'), '') = '' end`;

/** Lines of an NDJSON file that are not blank. */
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
