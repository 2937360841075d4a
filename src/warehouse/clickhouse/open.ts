import type { Catalog } from '../../catalog/catalog.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import type { DuckDb } from '../duckdb.ts';
import { redactions } from '../redact.ts';
import { parseClickHouseAddress, readPassword, type ClickHouseAddress } from './address.ts';
import { ClickHouse } from './client.ts';
import { connectClickHouse } from './connect.ts';
import type { ClickHouseSource } from './connection.ts';
import { Macros } from './macros.ts';
import { rewriteExpression } from './rewrite.ts';
import type { StoredTable } from './tables.ts';

/** How to open a database of ClickHouse for reports. */
export interface OpenClickHouseOptions {
  address: ClickHouseAddress;
  password: string;
  /** Maximum seconds of a query. */
  seconds: number;
  /** Whether personal values are hidden. */
  redact?: boolean | undefined;
}

/**
 * Finds the tables of wattduck in a database of ClickHouse.
 * @throws WattduckError (clickhouse_empty), and those of the connection
 */
export async function openClickHouse(
  duckdb: DuckDb,
  catalog: Catalog,
  { address, password, seconds, redact = false }: OpenClickHouseOptions,
): Promise<ClickHouseSource> {
  const client = new ClickHouse(address, password);
  try {
    const macros = new Macros();
    for (const sql of await catalog.macros()) macros.add(sql);
    const present = await readColumns(client, seconds);
    const context = { macros, isNull: () => true, tables: [] };
    const tables = new Map<string, StoredTable>();
    const replacements = redact ? await redactions(catalog) : undefined;
    for (const [name, declared] of await duckdb.catalogTables()) {
      const hidden = Object.entries(replacements?.get(name) ?? {});
      tables.set(name, {
        name,
        declared,
        present: present.get(name) ?? new Set(),
        replacements: Object.fromEntries(hidden.map(([column, sql]) => [column, rewriteExpression(sql, context)])),
      });
    }
    if (![...tables.keys()].some((name) => present.has(name)))
      throw new WattduckError('clickhouse_empty', { database: address.database, address: address.url });
    return { client, macros, tables, seconds };
  } catch (error) {
    await client.close();
    throw error;
  }
}

/** The engine of the settings. */
export interface EngineOptions extends Pick<OpenClickHouseOptions, 'seconds' | 'redact'> {
  address: string;
  /** Name of the option or setting, for messages. */
  parameter: string;
  /** Variables of the process, which have the password. */
  env: NodeJS.ProcessEnv;
}

/** Finds the tables of the engine of the settings. */
export const findEngine = (
  duckdb: DuckDb,
  catalog: Catalog,
  { address, parameter, env, seconds, redact }: EngineOptions,
): Promise<ClickHouseSource> =>
  openClickHouse(duckdb, catalog, {
    address: parseClickHouseAddress(address, parameter),
    password: readPassword(env),
    seconds,
    redact,
  });

/**
 * Opens the engine of the settings for the reports of a command.
 * @param workDir the only folder that DuckDB may write to; none by default
 */
export async function openEngine(
  duckdb: DuckDb,
  catalog: Catalog,
  options: EngineOptions,
  workDir?: string,
): Promise<void> {
  const source = await findEngine(duckdb, catalog, options);
  if (workDir === undefined) await duckdb.run('set enable_external_access = false');
  else await duckdb.restrictFileAccess(workDir);
  connectClickHouse(duckdb, source, () => source.client.close());
}

/** Columns by table. */
async function readColumns(client: ClickHouse, seconds: number): Promise<Map<string, Set<string>>> {
  const columns = new Map<string, Set<string>>();
  const query = 'select table, name from system.columns where database = {database:String}';
  const params = { database: client.address.database };
  for await (const rows of client.rows(query, { params, seconds }))
    for (const [table, name] of rows as [string, string][])
      columns.set(table, (columns.get(table) ?? new Set()).add(name));
  return columns;
}
