import { identifier, type DuckDb } from '../warehouse/engine.ts';
import { countRejectedLines, isBad, lineRejects, problem } from './bad-rows.ts';
import { typedRows } from './casts.ts';
import { brokenLines, evenLineReader, jsonReader, lineReader, shapeOf, unevenLines } from './layout.ts';
import { fedKeys, filledColumns, firstPresent, row, textRows, unfedColumns, type Reading } from './rows.ts';

/**
 * Stages an NDJSON file and answers how many rows it has, and the reading with keys that turned up late.
 * DuckDB's JSON reader passes over broken lines, and the line after one, without a word: so the lines are counted, and a file
 * with anything wrong in it is taken from its lines instead.
 * @param isSound false where something is known to be wrong in it
 * @param lines how many lines it has, blank ones too, where they were counted already
 */
export async function stageJson(
  engine: DuckDb,
  seen: Reading,
  isSound: boolean,
  lines?: number,
): Promise<{ read: number; reading: Reading }> {
  if (!isSound)
    return { read: await recordLines(engine, seen), reading: await untilNoneIsLate(engine, seen, stageLines) };
  let [reading, good] = [seen, 0];
  // Of few rows most of the time goes into planning how to read values in every form.
  for (const stage of seen.rowByRow ? [stagePlain, stageFast] : [stageFast]) {
    await engine.run('drop table if exists temp.staged');
    const read = await untilNoneIsLate(engine, reading, stage).catch((error: unknown) => {
      if (brokenLines.test(String(error))) return undefined;
      throw error;
    });
    if (!read) return stageJson(engine, seen, false);
    reading = read;
    good = await engine.countRows(`from staged where not ${row.isBad}`);
    if (good === lines) return { read: good, reading };
  }
  const read = await recordLines(engine, seen);
  if (good === read) return { read, reading };
  await engine.run('drop table staged');
  return { read, reading: await untilNoneIsLate(engine, reading, stageLines) };
}

/** A key may turn up only after the lines looked at: then the file is read once more, with it. */
async function untilNoneIsLate(
  engine: DuckDb,
  reading: Reading,
  stage: (engine: DuckDb, reading: Reading) => Promise<void>,
): Promise<Reading> {
  await stage(engine, reading);
  const late = await engine.rows(`select distinct ${row.late} as late from staged where ${row.late} is not null`);
  if (late.length === 0) return reading;
  for (const table of ['staged', 'line_rejects', 'line_reject_scans'])
    await engine.run(`drop table if exists temp.${table}`);
  const feeds = new Map([
    ...reading.feeds,
    ...late.map(({ late: name }): [string, string[]] => [String(name), [String(name)]]),
  ]);
  return untilNoneIsLate(engine, { ...reading, feeds }, stage);
}

const stagePlain = (engine: DuckDb, reading: Reading): Promise<void> => stageFast(engine, reading, true);

/** @param plainly true where a row with a value in another than its plainest form counts as bad */
async function stageFast(engine: DuckDb, reading: Reading, plainly = false): Promise<void> {
  const unfed = unfedColumns(reading);
  const rows = textRows(reading, jsonReader(reading.layout, [...fedKeys(reading), ...unfed]), {
    [row.late]: firstPresent(unfed),
  });
  const { select, faults } = typedRows(reading, rows, plainly);
  const columns = filledColumns(reading).map(identifier).join(', ');
  await engine.run(
    `create temp table staged as select ${columns}, ${isBad(faults)} as ${row.isBad}, ${row.late} from (${select})`,
  );
}

/** Every line by itself: slower, but each bad one is known by its number, text and reason. */
async function stageLines(engine: DuckDb, reading: Reading): Promise<void> {
  const unfed = unfedColumns(reading);
  const shape = shapeOf([...fedKeys(reading), ...unfed]);
  const lines = `select row_number() over () as ${row.line}, text as ${row.text}, case when json_valid(text) then json_type(text) = 'OBJECT' else false end as ${row.isRecord}
    from ${lineReader(reading.layout, lineRejects)}`;
  const records = `(select ${row.line}, ${row.text}, ${row.isRecord}, unnest(from_json(case when ${row.isRecord} then ${row.text} else '{}' end, ${shape}))
    from (${lines}) where not (${isBlank(row.text)}))`;
  const { select, faults } = typedRows(
    reading,
    textRows(reading, records, {
      [row.line]: row.line,
      [row.text]: row.text,
      [row.isRecord]: row.isRecord,
      [row.late]: firstPresent(unfed),
    }),
  );
  const columns = filledColumns(reading).map(identifier).join(', ');
  const noRecord = "{'column_name': null::varchar, 'value': null::varchar, 'reason': 'is no JSON object'}";
  await engine.run(
    `create temp table staged as
     select * replace (case when ${row.isBad} then ${row.text} end as ${row.text}) from (
       select *, ${row.problem} is not null as ${row.isBad} from (
         select ${columns}, ${row.late}, ${row.line}, ${row.text}, case when not ${row.isRecord} then ${noRecord} else ${problem(faults)} end as ${row.problem} from (${select})))`,
  );
  const told = ['column_name', 'value', 'reason'].map((part) => `struct_extract(${row.problem}, '${part}')`).join(', ');
  await engine.run(`insert into bad_rows select ${row.line}, ${told}, ${row.text} from staged where ${row.isBad}`);
  await engine.run(`delete from staged where ${row.isBad}`);
  await countRejectedLines(engine, 'bad_rows');
  await engine.run(
    `insert into bad_rows select line, null, null, 'is not valid UTF-8', any_value(csv_line) from line_rejects group by line`,
  );
}

/** A long line holds something; only short ones are looked at. */
const isBlank = (text: string): string =>
  `case when strlen(${text}) > 40 then false else coalesce(trim(${text}, ' \t\r'), '') = '' end`;

/** Lines of an NDJSON file that are not blank. */
export async function recordLines(engine: DuckDb, { layout }: Reading): Promise<number> {
  const count = async (reader: string): Promise<number> => {
    const text = await engine.countRows(`select 1 from ${reader} where not (${isBlank('text')})`);
    const noText = await engine.countRows('select distinct line from line_rejects');
    for (const table of ['line_rejects', 'line_reject_scans']) await engine.run(`drop table ${table}`);
    return text + noText;
  };
  try {
    return await count(evenLineReader(layout, lineRejects));
  } catch (error) {
    if (!unevenLines.test(String(error))) throw error;
    return count(lineReader(layout, lineRejects));
  }
}
