import type { Catalog } from '../../catalog/catalog.ts';
import type { Source } from '../../catalog/definitions.ts';
import { isPlainObject } from '../../catalog/plain-object.ts';
import { nestedNodes, type Node } from '../../catalog/parse-tree.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { identifier, type DuckDb } from '../../warehouse/duckdb.ts';
import { eventsTable } from '../../warehouse/event-rows.ts';
import { heartbeatEvents, removeHeartbeats } from '../../warehouse/heartbeats.ts';
import { redactions } from '../../warehouse/redact.ts';
import { databaseTable, storedValue } from '../../warehouse/tables.ts';
import { parseSelect } from '../../warehouse/user-sql/parse.ts';
import { validateSelect } from '../../warehouse/user-sql/user-select.ts';

/** Rows of a source to delete. */
export interface Condition {
  source: Source;
  /** A checked SQL condition over the columns of the source. */
  sql: string;
}

/**
 * Checks that a condition looks at one row at a time, of this source only.
 * @throws WattduckError (usage)
 */
export async function parseCondition(duckdb: DuckDb, source: Source, sql: string): Promise<Condition> {
  const conditionError = (reason: string): WattduckError => new WattduckError('invalid_delete_condition', { reason });
  if (sql.trim() === '') throw conditionError('empty');
  if (/--|\/\*/.test(sql.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, '')))
    throw conditionError('comments are not allowed');
  const policy = { tables: [source.name], sources: [] };
  const select = (condition: string): string => `select 1 from ${identifier(source.name)} where ${condition}`;
  // Parentheses change the parse of text that closes one it did not open, or continues after the condition.
  const { tree: bare } = await validateSelect(duckdb, select(sql), policy);
  const enclosed = await parseSelect(duckdb, select(`(${sql}\n)`)).catch(() => undefined);
  if (enclosed === undefined || withoutLocations(bare) !== withoutLocations(enclosed))
    throw conditionError('expected a single condition');
  const { where_clause: where } = bare['node'] as Node;
  if (someNode(where, (node) => node['class'] === 'SUBQUERY')) throw conditionError('a select is not allowed');
  // DuckDB accepts rowid, which is not a column of the source.
  if (
    someNode(
      where,
      (node) => node['class'] === 'COLUMN_REF' && /^rowid$/i.test(String((node['column_names'] as string[]).at(-1))),
    )
  )
    throw conditionError('rowid is not a column');
  return { source, sql };
}

const someNode = (node: unknown, predicate: (node: Node) => boolean): boolean =>
  isPlainObject(node) && (predicate(node) || nestedNodes(node).some((part) => someNode(part, predicate)));

/** A parse tree as JSON, without the positions in the text. */
const withoutLocations = (tree: Node): string =>
  JSON.stringify(tree, (key, value: unknown) => (key === 'query_location' ? undefined : value));

/**
 * A select of the row IDs that match a condition. The condition can use every declared column, even one the table lacks.
 * @param replacements SQL for redacted columns, so that a condition cannot reveal hidden values
 */
async function matchingRows(
  duckdb: DuckDb,
  { source, sql }: Condition,
  replacements: Record<string, string>,
): Promise<string> {
  const existing = (await duckdb.tableColumns(source.name, 'db')).map(({ name }) => name);
  if (existing.length === 0) return 'select 0 as id where false';
  const columns = source.columns.map(
    ({ name, type }) =>
      `${existing.includes(name) ? (replacements[name] ?? storedValue(source.name, name, existing)) : `null::${type}`} as ${identifier(name)}`,
  );
  return `select "row: id" as id from (select rowid as "row: id", ${columns.join(', ')} from ${databaseTable(source.name)}) as ${identifier(source.name)} where (${sql}\n)`;
}

/** A select of the heartbeats stored in days that match a condition: station_id and event_time. */
const matchingHeartbeats = ({ source, sql }: Condition): string =>
  source.name === eventsTable
    ? `select station_id, event_time from (${heartbeatEvents(source.columns)}) as ${identifier(source.name)} where (${sql}\n)`
    : 'select 0 where false';

const redactionsOf = async (catalog: Catalog, { name }: Source, redact: boolean): Promise<Record<string, string>> =>
  redact ? ((await redactions(catalog)).get(name) ?? {}) : {};

/** Number of rows that match a condition. */
export async function countMatching(
  duckdb: DuckDb,
  catalog: Catalog,
  condition: Condition,
  redact: boolean,
): Promise<number> {
  const rows = await matchingRows(duckdb, condition, await redactionsOf(catalog, condition.source, redact));
  return (await duckdb.countRows(rows)) + (await duckdb.countRows(matchingHeartbeats(condition)));
}

/**
 * Deletes matching rows in one transaction, and returns their number. The ingest log is unchanged: importing the same files again
 * skips them, so deleted rows return only with `ingest --force`.
 */
export async function deleteMatching(
  duckdb: DuckDb,
  catalog: Catalog,
  condition: Condition,
  redact: boolean,
): Promise<number> {
  const replacements = await redactionsOf(catalog, condition.source, redact);
  return duckdb.withWriteLock(() =>
    duckdb.transaction(async () => {
      const rows = await matchingRows(duckdb, condition, replacements);
      const columns = await duckdb.tableColumns(condition.source.name, 'db');
      if (columns.length === 0) return 0;
      const deleted = await duckdb.execute(
        `delete from ${databaseTable(condition.source.name)} where rowid in (${rows})`,
      );
      if (condition.source.name !== eventsTable) return deleted;
      return deleted + (await removeHeartbeats(duckdb, matchingHeartbeats(condition)));
    }),
  );
}
