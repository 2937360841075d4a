import { identifier, literal, type Engine } from '../warehouse/engine.ts';
import { countOf, countRejectedLines, isBad, lineRejects, problem } from './bad-rows.ts';
import { typedRows } from './casts.ts';
import { evenLineReader, jsonReader, lineReader, unevenLines } from './layout.ts';
import { fedKeys, filledColumns, firstPresent, textRows, unfedColumns, type Reading } from './rows.ts';

/**
 * Stages an NDJSON file and answers how many rows it has, and the reading with keys that turned up late.
 * DuckDB's JSON reader passes over broken lines, and the line after one, without a word: so the lines are counted, and a file
 * with anything wrong in it is taken from its lines instead.
 */
export async function stageJson(engine: Engine, seen: Reading): Promise<{ read: number; reading: Reading }> {
  const read = await recordLines(engine, seen);
  const reading = await untilNoneIsLate(engine, seen, stageFast);
  const good = await countOf(engine, 'select count(*) as n from staged where not is_bad');
  if (good === read) return { read, reading };
  await engine.run('drop table staged');
  return { read, reading: await untilNoneIsLate(engine, reading, stageLines) };
}

/** A key may turn up only after the lines looked at: then the file is read once more, with it. */
async function untilNoneIsLate(engine: Engine, reading: Reading, stage: (engine: Engine, reading: Reading) => Promise<void>): Promise<Reading> {
  await stage(engine, reading);
  const late = await engine.rows('select distinct late from staged where late is not null');
  if (late.length === 0) return reading;
  for (const table of ['staged', 'line_rejects', 'line_reject_scans']) await engine.run(`drop table if exists temp.${table}`);
  const feeds = new Map([...reading.feeds, ...late.map(({ late: name }): [string, string[]] => [String(name), [String(name)]])]);
  return untilNoneIsLate(engine, { ...reading, feeds }, stage);
}

async function stageFast(engine: Engine, reading: Reading): Promise<void> {
  const unfed = unfedColumns(reading);
  const rows = textRows(reading, jsonReader(reading.layout, [...fedKeys(reading), ...unfed]), [`${firstPresent(unfed)} as late`]);
  const { select, faults } = typedRows(reading.source, rows);
  const columns = filledColumns(reading).map(identifier).join(', ');
  await engine.run(`create temp table staged as select ${columns}, ${isBad(faults)} as is_bad, late from (${select})`);
}

/** Every line by itself: slower, but each bad one is known by its number, text and reason. */
async function stageLines(engine: Engine, reading: Reading): Promise<void> {
  const unfed = unfedColumns(reading);
  const shape = literal(JSON.stringify(Object.fromEntries([...fedKeys(reading), ...unfed].map((key) => [key, 'VARCHAR']))));
  const lines = `select row_number() over () as line, text, case when json_valid(text) then json_type(text) = 'OBJECT' else false end as is_record
    from ${lineReader(reading.layout, lineRejects)}`;
  const records = `(select line, text as raw, is_record, unnest(from_json(case when is_record then text else '{}' end, ${shape}))
    from (${lines}) where not (${isBlank}))`;
  const { select, faults } = typedRows(reading.source, textRows(reading, records, ['line', 'raw', 'is_record', `${firstPresent(unfed)} as late`]));
  const columns = filledColumns(reading).map(identifier).join(', ');
  const noRecord = "{'column_name': null::varchar, 'value': null::varchar, 'reason': 'is no JSON object'}";
  await engine.run(
    `create temp table staged as
     select * replace (case when problem is null then null else raw end as raw), problem is not null as is_bad from (
       select ${columns}, late, line, raw, case when not is_record then ${noRecord} else ${problem(faults)} end as problem from (${select}))`,
  );
  await engine.run(
    `insert into bad_rows select line, problem.column_name, problem.value, problem.reason, raw from staged where is_bad`,
  );
  await engine.run('delete from staged where is_bad');
  await countRejectedLines(engine, 'bad_rows');
  await engine.run(`insert into bad_rows select line, null, null, 'is not valid UTF-8', any_value(csv_line) from line_rejects group by line`);
}

/** A long line holds something; only short ones are looked at. */
const isBlank = "case when strlen(text) > 40 then false else coalesce(trim(text, ' \t\r'), '') = '' end";

async function recordLines(engine: Engine, { layout }: Reading): Promise<number> {
  const count = async (reader: string): Promise<number> => {
    const text = await countOf(engine, `select count(*) filter (not (${isBlank})) as n from ${reader}`);
    const noText = await countOf(engine, 'select count(distinct line) as n from line_rejects');
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
