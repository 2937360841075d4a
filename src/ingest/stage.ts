import { identifier, type Engine } from '../warehouse/engine.ts';
import { typedRows } from './casts.ts';
import { csvReader, jsonReader, lineReader } from './layout.ts';
import { isBlank, lineRejects, locateCsv, locateJson } from './locate.ts';
import { fedKeys, filledColumns, firstPresent, textRows, unfedColumns, type Reading } from './rows.ts';

/** Rows of one file, read and sorted into good (in `staged`) and bad (in `bad_rows`). */
export interface Staged {
  read: number;
  good: number;
  bad: number;
  /** Columns the file speaks of, which `staged` has. */
  filled: string[];
}

/**
 * Reads a file into the temporary table `staged`, in file order. Only when a row is bad does a second pass
 * find its line, its text and the reason, into `bad_rows` (line, column_name, value, reason, raw).
 * @throws Error when rows read and rows accounted for differ.
 */
export async function stage(engine: Engine, seen: Reading): Promise<Staged> {
  for (const table of ['staged', 'bad_rows', 'rejects', 'reject_scans', 'line_rejects', 'line_reject_scans']) {
    await engine.run(`drop table if exists temp.${table}`);
  }
  // The order of the file decides between equal versions; the table's own order is free, and faster so.
  await engine.run('set preserve_insertion_order = true');
  const csv = seen.layout.format === 'csv';
  const reading = csv ? await stageCsv(engine, seen) : await stageJson(engine, seen);
  const counts = await engine.row('select count(*) as n, count(*) filter (is_bad) as bad from staged');
  const good = Number(counts['n']) - Number(counts['bad']);
  const read = csv ? Number(counts['n']) + (await countOf(engine, 'select count(distinct line) as n from rejects')) : await recordLines(engine, reading);
  await engine.run('create temp table bad_rows (line bigint, column_name varchar, value varchar, reason varchar, raw varchar)');
  if (read > good) {
    await (csv ? locateCsv(engine, reading) : locateJson(engine, reading));
    await engine.run('delete from staged where is_bad');
  }
  const bad = await countOf(engine, 'select count(*) as n from bad_rows');
  await engine.run('set preserve_insertion_order = false');
  if (good + bad !== read) throw new Error(`${read} rows read, but ${good} good and ${bad} bad ones found`);
  return { read, good, bad, filled: filledColumns(reading) };
}

async function stageCsv(engine: Engine, reading: Reading): Promise<Reading> {
  const reader = csvReader(reading.layout, "store_rejects = true, rejects_table = 'rejects', rejects_scan = 'reject_scans'");
  await engine.run(stagedFrom(reading, reader));
  return reading;
}

/** A key may turn up only after the lines looked at: then the file is read once more, with it. */
async function stageJson(engine: Engine, reading: Reading): Promise<Reading> {
  const unfed = unfedColumns(reading);
  await engine.run(stagedFrom(reading, jsonReader(reading.layout, [...fedKeys(reading), ...unfed]), firstPresent(unfed)));
  const late = await engine.rows('select distinct late from staged where late is not null');
  if (late.length === 0) return reading;
  await engine.run('drop table staged');
  const feeds = new Map([...reading.feeds, ...late.map(({ late: name }): [string, string[]] => [String(name), [String(name)]])]);
  return stageJson(engine, { ...reading, feeds });
}

function stagedFrom(reading: Reading, reader: string, late?: string): string {
  const { select, faults } = typedRows(reading.source, textRows(reading, reader, late ? [`${late} as late`] : []));
  const isBad = `(${faults.map(({ when }) => `(${when})`).join(' or ')}) is true`;
  const columns = [...filledColumns(reading).map(identifier), `${isBad} as is_bad`, ...(late ? ['late'] : [])];
  return `create temp table staged as select ${columns.join(', ')} from (${select})`;
}

/** DuckDB passes over a broken JSON line without a word, so the lines themselves are counted. */
async function recordLines(engine: Engine, { layout }: Reading): Promise<number> {
  const read = await countOf(engine, `select count(*) filter (not (${isBlank})) as n from ${lineReader(layout, lineRejects)}`);
  const broken = await countOf(engine, 'select count(distinct line) as n from line_rejects');
  await engine.run('drop table line_rejects');
  await engine.run('drop table line_reject_scans');
  return read + broken;
}

const countOf = async (engine: Engine, sql: string): Promise<number> => Number((await engine.row(sql))['n']);
