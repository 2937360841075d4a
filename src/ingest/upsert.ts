import type { Mapping, Source } from '../catalog/definitions.ts';
import { identifier, type DuckDb } from '../warehouse/duckdb.ts';
import { databaseTable, ensureColumns } from '../warehouse/tables.ts';

/** What the good rows of a file did to their table; the three add up to the rows staged. */
export interface UpsertCounts {
  /** Keys the table did not have. */
  added: number;
  /** Keys whose row was replaced by a newer, different one. */
  updated: number;
  /** Rows that left the table as it was: equal, older, or outdone by a later row of the same file. */
  unchanged: number;
}

/**
 * Moves `staged` into the source's table: of rows with one key the newest version stays, of equal versions the later arrival.
 * @param columnNames the columns `staged` has; of a row that is replaced, the others stay as they were.
 * @param duplicates whether rows with the same key are merged into one, or all kept.
 */
export async function upsert(
  duckdb: DuckDb,
  source: Source,
  columnNames: readonly string[],
  duplicates: Mapping['duplicates'] = 'merge',
): Promise<UpsertCounts> {
  const table = databaseTable(source.name);
  const suppliedColumns = columnNames.map(identifier);
  const otherColumns = (await ensureColumns(duckdb, source.name, columnNames))
    .filter((name) => !columnNames.includes(name))
    .map(identifier);
  const key = source.key.map(identifier);
  const version = identifier(source.version);
  const superseded =
    duplicates === 'keep' ? await numberDuplicates(duckdb, key) : await dropSuperseded(duckdb, key, version);
  const staged = await duckdb.countRows('from staged');
  if (!(await duckdb.hasRows(`from ${table}`))) {
    await duckdb.run(
      `insert into ${table} (${suppliedColumns.join(', ')}) select ${suppliedColumns.join(', ')} from staged`,
    );
    return { added: staged, updated: 0, unchanged: superseded };
  }
  const sameKey = key.map((name) => `n.${name} = o.${name}`).join(' and ');
  const differs = suppliedColumns.map((name) => `n.${name} is distinct from o.${name}`).join(' or ');
  await duckdb.run(
    `create or replace temp table known as
     select n.rowid as new_row, o.rowid as old_row, n.${version} >= o.${version} and (${differs}) as replaces${otherColumns.map((name) => `, o.${name}`).join('')}
     from staged n join ${table} o on ${sameKey}`,
  );
  const { met, replaced } = await duckdb.row(
    'select count(*) as met, count(*) filter (replaces) as replaced from known',
  );
  if (Number(replaced) > 0)
    await duckdb.run(`delete from ${table} where rowid in (select old_row from known where replaces)`);
  await duckdb.run(
    `insert into ${table} (${[...suppliedColumns, ...otherColumns].join(', ')})
     select ${[...suppliedColumns.map((name) => `n.${name}`), ...otherColumns.map((name) => `k.${name}`)].join(', ')}
     from staged n left join known k on k.new_row = n.rowid where k.new_row is null or k.replaces`,
  );
  await duckdb.run('drop table known');
  const updated = Number(replaced);
  return { added: staged - Number(met), updated, unchanged: superseded + Number(met) - updated };
}

/** Rows of the file outdone by another of the same key. */
async function dropSuperseded(duckdb: DuckDb, key: readonly string[], version: string): Promise<number> {
  return forDuplicateKeys(duckdb, key, (repeated) =>
    duckdb.execute(
      `delete from staged where rowid in (
         select rowid from (
           select rowid, row_number() over (partition by ${key.join(', ')} order by ${version} desc, rowid desc) as place from staged where ${repeated})
         where place > 1)`,
    ),
  );
}

/** The second row of a key gets a key of its own by its place among its duplicates, and so on. */
async function numberDuplicates(duckdb: DuckDb, key: readonly string[]): Promise<number> {
  await forDuplicateKeys(duckdb, key, (repeated) =>
    duckdb.execute(
      `update staged set ${key[0]} = ${key[0]} || '#' || place
       from (select rowid as duplicate, row_number() over (partition by ${key.join(', ')} order by rowid) as place from staged where ${repeated})
       where duplicate = staged.rowid and place > 1`,
    ),
  );
  return 0;
}

/** Looks for repeated keys only among those whose hash repeats: most files have none. Answers how many rows were changed. */
async function forDuplicateKeys(
  duckdb: DuckDb,
  key: readonly string[],
  work: (repeated: string) => Promise<number>,
): Promise<number> {
  const hash = `hash(${key.join(', ')})`;
  await duckdb.run(
    `create or replace temp table repeated as select ${hash} as h from staged group by ${hash} having count(*) > 1`,
  );
  const changed = (await duckdb.hasRows('from repeated')) ? await work(`${hash} in (select h from repeated)`) : 0;
  await duckdb.run('drop table repeated');
  return changed;
}
