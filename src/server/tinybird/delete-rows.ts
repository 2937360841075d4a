import type { Catalog } from '../../catalog/catalog.ts';
import type { Source } from '../../catalog/definitions.ts';
import { isPlainObject } from '../../catalog/front-matter.ts';
import { nestedNodes, type Node } from '../../catalog/parse-tree.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { clipMessage } from '../../text/plain-text.ts';
import { identifier, type DuckDb } from '../../warehouse/duckdb.ts';
import { redactions } from '../../warehouse/redact.ts';
import { databaseTable } from '../../warehouse/tables.ts';
import { parseSelect } from '../../warehouse/user-sql/parse.ts';
import { validateSelect } from '../../warehouse/user-sql/user-select.ts';

/** Which rows of a source are to go. */
export interface Condition {
  source: Source;
  /** What is true of them: SQL over the columns of the source. */
  sql: string;
}

/**
 * A condition that looks at one row at a time, of this source alone.
 * @throws WattduckError (usage)
 */
export async function parseCondition(duckdb: DuckDb, source: Source, sql: string): Promise<Condition> {
  const conditionError = (reason: string): WattduckError =>
    new WattduckError(
      'usage',
      `delete_condition: ${clipMessage(reason)}`,
      "Give what stands after where, for example: status = 'invalid'.",
    );
  if (sql.trim() === '') throw conditionError('is missing');
  if (/--|\/\*/.test(sql.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, ''))) throw conditionError('has a comment in it');
  const policy = { tables: [source.name], sources: [] };
  const select = (condition: string): string => `select 1 from ${identifier(source.name)} where ${condition}`;
  // Text that closes a parenthesis it did not open, or goes on after the condition, reads otherwise within parentheses.
  const { tree: bare } = await validateSelect(duckdb, select(sql), policy);
  const enclosed = await parseSelect(duckdb, select(`(${sql}\n)`)).catch(() => undefined);
  if (enclosed === undefined || withoutLocations(bare) !== withoutLocations(enclosed))
    throw conditionError('is no single condition');
  const { where_clause: where } = bare['node'] as Node;
  if (someNode(where, (node) => node['class'] === 'SUBQUERY')) throw conditionError('has a select in it');
  // The place of a row in the file is no column, though DuckDB lets it through.
  if (
    someNode(
      where,
      (node) => node['class'] === 'COLUMN_REF' && /^rowid$/i.test(String((node['column_names'] as string[]).at(-1))),
    )
  )
    throw conditionError('names rowid');
  return { source, sql };
}

const someNode = (node: unknown, predicate: (node: Node) => boolean): boolean =>
  isPlainObject(node) && (predicate(node) || nestedNodes(node).some((part) => someNode(part, predicate)));

/** A tree without where in the text each of its nodes stands. */
const withoutLocations = (tree: Node): string =>
  JSON.stringify(tree, (key, value: unknown) => (key === 'query_location' ? undefined : value));

/**
 * Rows that meet a condition, by their place in the file's table. It sees every declared column, those too the file's table lacks.
 * @param replacements SQL that stands for columns that are hidden: nobody is to find out by a condition what no answer shows
 */
async function matchingRows(
  duckdb: DuckDb,
  { source, sql }: Condition,
  replacements: Record<string, string>,
): Promise<string> {
  const existing = (await duckdb.tableColumns(source.name, 'db')).map(({ name }) => name);
  if (existing.length === 0) return 'select 0 as place where false';
  const columns = source.columns.map(
    ({ name, type }) =>
      `${existing.includes(name) ? (replacements[name] ?? identifier(name)) : `null::${type}`} as ${identifier(name)}`,
  );
  return `select "row: place" as place from (select rowid as "row: place", ${columns.join(', ')} from ${databaseTable(source.name)}) as ${identifier(source.name)} where (${sql}\n)`;
}

const redactionsOf = async (catalog: Catalog, { name }: Source, redact: boolean): Promise<Record<string, string>> =>
  redact ? ((await redactions(catalog)).get(name) ?? {}) : {};

export const countMatching = async (
  duckdb: DuckDb,
  catalog: Catalog,
  condition: Condition,
  redact: boolean,
): Promise<number> =>
  duckdb.countRows(await matchingRows(duckdb, condition, await redactionsOf(catalog, condition.source, redact)));

/**
 * Deletes rows, in one transaction, and answers how many. What the ledger says stays: a file whose rows were deleted counts as taken
 * in, so that taking in the same folder again does not bring them back; `ingest --force` does.
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
      return columns.length === 0
        ? 0
        : duckdb.execute(`delete from ${databaseTable(condition.source.name)} where rowid in (${rows})`);
    }),
  );
}
