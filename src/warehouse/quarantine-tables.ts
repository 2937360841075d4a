import type { Source } from '../catalog/definitions.ts';
import { identifier, literal, type DuckDb } from './duckdb.ts';
import { foldName } from './user-sql/limits.ts';

/** Name of the view with the rejected rows of a source. */
export const quarantineTable = ({ name }: Source): string => `${name}_quarantine`;

/**
 * Creates the views of rejected rows that a select names, on this connection.
 * @param tables names in the select, in lower case
 */
export async function createQuarantineViews(
  duckdb: DuckDb,
  sources: readonly Source[],
  tables: readonly string[],
): Promise<void> {
  for (const source of sources)
    if (tables.includes(foldName(quarantineTable(source)))) await duckdb.run(quarantineViewSql(source));
}

/**
 * The columns of the source as text. A rejected JSON object has all of them, any other row only the invalid value.
 * The view reads the quarantine as this connection sees it, with redacted values.
 */
function quarantineViewSql(source: Source): string {
  const columns = source.columns.map(({ name, aliases }) => {
    const recordValues = [name, ...aliases].map((key) => `record->>${literal(`$.${JSON.stringify(key)}`)}`);
    return `coalesce(case when column_name = ${literal(name)} then value end, ${recordValues.join(', ')}) as ${identifier(name)}`;
  });
  return `create or replace temp view ${identifier(quarantineTable(source))} as
    select ${columns.join(', ')},
      case when column_name is null then []::varchar[] else [column_name] end as c__error_column,
      [case when column_name is null then 'the row '
            when value is null then 'column ''' || column_name || ''' '
            else 'value ''' || value || ''' on column ''' || column_name || ''' ' end || case when starts_with(reason, 'not ') then 'is ' else '' end || reason] as c__error,
      ingest_id::varchar as c__import_id, quarantined_at as insertion_date
    from (select *, case when json_valid(raw) then case when json_type(raw) = 'OBJECT' then raw::json end end as record from quarantine)
    where source = ${literal(source.name)}`;
}
