import type { Source } from '../catalog/definitions.ts';
import { identifier, type DuckDb } from '../warehouse/duckdb.ts';
import { ensureColumns, tableRows } from '../warehouse/tables.ts';
import { countOf } from './bad-rows.ts';
import type { ReadPlan } from './text-rows.ts';

/** A key without the number of a separate row: `A/1#2` is `A/1`. */
const baseKey = (key: string): string => `regexp_replace(${key}, '#[0-9]+$', '')`;
const keyNumber = (key: string): string => `coalesce(try_cast(regexp_extract(${key}, '#([0-9]+)$', 1) as bigint), 1)`;

/**
 * Distinguishes staged rows that have the same key, for a mapping with `separate_by`: rows that differ in those columns get the keys
 * K, K#2, K#3 and so on. A row keeps the number it has in the table. A row without values in those columns is an earlier version
 * of a row with values, such as a session that has not ended; with `duplicates: keep` only of a row of another file.
 * Runs before the rows are moved into the table.
 */
export async function separateRows(duckdb: DuckDb, plan: ReadPlan, columnNames: readonly string[]): Promise<void> {
  const { source, mapping } = plan;
  const separateBy = (mapping?.separateBy ?? []).filter((name) => columnNames.includes(name));
  if (separateBy.length === 0) return;
  const key = identifier(source.key[0]!);
  await ensureColumns(duckdb, source.name, columnNames);
  await createCandidates(duckdb, source, key, await tableRows(duckdb, source.name), separateBy);
  if ((await countOf(duckdb, 'select count(*) as n from separate_new')) > 0) {
    await assignKeys(duckdb, mapping?.duplicates === 'keep');
    await duckdb.run(
      `update staged set ${key} = base || case when number = 1 then '' else '#' || number end
       from separate_keys where separate_keys.new_row = staged.rowid`,
    );
    await duckdb.run('drop table separate_keys');
  }
  for (const name of ['separate_new', 'separate_old']) await duckdb.run(`drop table ${name}`);
}

/** Collects the staged rows whose key repeats or is in the table, and the rows of the table with the same keys. */
async function createCandidates(
  duckdb: DuckDb,
  { version }: Source,
  key: string,
  table: string,
  separateBy: readonly string[],
): Promise<void> {
  const columns = separateBy.map(identifier);
  const values = `hash(${columns.join(', ')})`;
  const isOpen = columns.map((name) => `${name} is null`).join(' and ');
  await duckdb.run(
    `create or replace temp table separate_old as
     select ${key} as old_key, ${baseKey(key)} as base, ${keyNumber(key)} as number, ${values} as by_values, ${isOpen} as is_open
     from ${table} where ${baseKey(key)} in (select ${key} from staged)`,
  );
  await duckdb.run(
    `create or replace temp table separate_new as
     select rowid as new_row, ${key} as base, ${values} as by_values, ${isOpen} as is_open, ${identifier(version)} as version from staged
     where ${key} in (select ${key} from staged group by ${key} having count(*) > 1 union all select base from separate_old)`,
  );
}

/** Gives each row of `separate_new` its number in `separate_keys`. */
async function assignKeys(duckdb: DuckDb, keepsDuplicates: boolean): Promise<void> {
  // With merge, rows with the same values are one row; with keep, each is a row of its own.
  const place = (order: string): string =>
    keepsDuplicates ? `row_number() over (partition by base, by_values order by ${order})` : '1';
  const oldPlace = 'row_number() over (partition by base, by_values order by number)';
  await duckdb.run(
    `create or replace temp table separate_keys as
     with new_rows as (select *, ${place('new_row')} as place from separate_new),
          old_rows as (select *, ${oldPlace} as place from separate_old),
          -- Rows that the table has already.
          same as (select n.new_row, n.base, o.number from new_rows n join old_rows o using (base, by_values, place)),
          slots as (
            select *, row_number() over (partition by base, is_open order by first_row) as nth
            from (select base, by_values, place, is_open, min(new_row) as first_row from new_rows
                  where new_row not in (select new_row from same) group by all)),
          free as (
            select *, row_number() over (partition by base, is_open order by number) as nth from old_rows o
            where not exists (select 1 from same s where s.base = o.base and s.number = o.number)),
          -- A row with values completes a row of the table without; a row without values is an old version of one with.
          completed as (
            select s.base, s.by_values, s.place, f.number from slots s join free f on s.base = f.base and s.nth = f.nth and s.is_open <> f.is_open),
          rest as (
            select s.*, row_number() over (partition by base order by is_open, first_row) as nth_rest,
              ${keepsDuplicates ? 'false' : 's.is_open'} and (exists (select 1 from new_rows n where n.base = s.base and not n.is_open) or exists (select 1 from old_rows o where o.base = s.base)) as joins_first
            from slots s anti join completed using (base, by_values, place)),
          highest as (select base, max(number) as number from old_rows group by base),
          numbered as (
            select base, by_values, place, number from completed
            union all
            select base, by_values, place, coalesce(h.number, 0) + nth_rest from rest left join highest h using (base) where not joins_first),
          known as (select base, number from same union all select base, number from numbered),
          lowest as (select base, min(number) as number from known group by base)
     select new_row, base, number from same
     union all
     select n.new_row, n.base, d.number from new_rows n join numbered d using (base, by_values, place) where n.new_row not in (select new_row from same)
     union all
     select n.new_row, n.base, coalesce(l.number, 1) from new_rows n join rest r using (base, by_values, place) left join lowest l on l.base = n.base
     where r.joins_first and n.new_row not in (select new_row from same)`,
  );
}
