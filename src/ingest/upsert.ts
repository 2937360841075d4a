import type { Mapping, Source } from '../catalog/definitions.ts';
import { identifier, type DuckDb } from '../warehouse/duckdb.ts';
import { databaseTable, ensureColumns } from '../warehouse/tables.ts';

/** Effect of the rows of a file on their table; the counts add up to the staged rows. */
export interface UpsertCounts {
  /** New keys. */
  added: number;
  /** Keys whose row was replaced by a newer, different row. */
  updated: number;
  /** Rows without effect: equal, older, or superseded by a later row of the same file. */
  unchanged: number;
}

/**
 * Moves `staged` into the source's table. Of rows with the same key the newest version wins; on a tie, the last one.
 * @param columnNames the columns of `staged`; a replaced row keeps its values in the other columns
 * @param duplicates whether rows with the same key are merged into one or all kept
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
    `create or replace temp table matched_rows as
     select n.rowid as new_row, o.rowid as old_row, n.${version} >= o.${version} and (${differs}) as replaces${otherColumns.map((name) => `, o.${name}`).join('')}
     from staged n join ${table} o on ${sameKey}`,
  );
  const { matched, replaced } = await duckdb.row(
    'select count(*) as matched, count(*) filter (replaces) as replaced from matched_rows',
  );
  if (Number(replaced) > 0)
    await duckdb.run(`delete from ${table} where rowid in (select old_row from matched_rows where replaces)`);
  await duckdb.run(
    `insert into ${table} (${[...suppliedColumns, ...otherColumns].join(', ')})
     select ${[...suppliedColumns.map((name) => `n.${name}`), ...otherColumns.map((name) => `m.${name}`)].join(', ')}
     from staged n left join matched_rows m on m.new_row = n.rowid where m.new_row is null or m.replaces`,
  );
  await duckdb.run('drop table matched_rows');
  const updated = Number(replaced);
  return { added: staged - Number(matched), updated, unchanged: superseded + Number(matched) - updated };
}

/** Deletes staged rows superseded by another with the same key. Returns their number. */
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

/** Makes repeated keys distinct: appends #2 to the second row with a key, and so on. */
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

/** Runs `work` on rows with a repeated hash of the key, if any: most files have none. Returns the number of changed rows. */
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
