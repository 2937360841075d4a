import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clickHouseIdentifier } from '../../src/warehouse/clickhouse/types.ts';
import { openForReading } from '../../src/warehouse/database.ts';
import { identifier, literal } from '../../src/warehouse/duckdb.ts';
import { openEngine } from '../support/duckdb.ts';
import type { ClickHouseNode } from './cluster.ts';

/** Tables that are never exported. */
const privateTables = ['tokens', 'requests', 'schema_version'];
/** The order of arrival differs between copies, as rows that were deleted leave gaps. */
const arrivalColumn = 'arrival_order';

/** What the databases have of a table. */
export interface TableDifference {
  rows: number;
  /** Rows of one database that the other does not have. */
  different: number;
}

/** Compares each table of a database file with that of a node, row by row and with SQL of both sides. */
export async function compareTables(
  db: string,
  node: ClickHouseNode,
  database: string,
  folder: string,
): Promise<Record<string, TableDifference>> {
  const { duckdb, catalog } = await openEngine();
  await openForReading(duckdb, db, catalog, { workDir: folder });
  const { duckdb: reader } = await openEngine();
  const differences: Record<string, TableDifference> = {};
  const tables = await duckdb.rows(
    "select table_name as name from duckdb_tables() where database_name = 'db' order by 1",
  );
  for (const name of tables.map((table) => String(table['name']))) {
    if (privateTables.includes(name)) continue;
    const columns = (await duckdb.declaredColumns(name)).filter((column) => column.name !== arrivalColumn);
    const stored = (await duckdb.tableColumns(name, 'db')).map((column) => column.name);
    const own = join(folder, `${database}-${name}-duckdb.parquet`);
    const other = join(folder, `${database}-${name}-clickhouse.parquet`);
    const values = columns.map((column) =>
      stored.includes(column.name) ? identifier(column.name) : `null::${column.type} as ${identifier(column.name)}`,
    );
    await duckdb.run(
      `copy (select ${values.join(', ')} from db.main.${identifier(name)}) to ${literal(own)} (format parquet)`,
    );
    const list = columns.map((column) => clickHouseIdentifier(column.name)).join(', ');
    const response = await fetch(node.url, {
      method: 'POST',
      body: `select ${list} from ${clickHouseIdentifier(database)}.${clickHouseIdentifier(name)} final format Parquet`,
    });
    if (!response.ok) throw new Error(await response.text());
    writeFileSync(other, Buffer.from(await response.arrayBuffer()));
    const typed = columns.map((column) => `${identifier(column.name)}::${column.type}::varchar`).join(', ');
    const select = (path: string): string => `select ${typed} from read_parquet(${literal(path)})`;
    const row = await reader.row(
      `select (select count(*) from (${select(own)})) as rows,
         (select count(*) from (${select(own)} except all ${select(other)}))
         + (select count(*) from (${select(other)} except all ${select(own)})) as different`,
    );
    differences[name] = { rows: Number(row['rows']), different: Number(row['different']) };
  }
  await duckdb.close();
  await reader.close();
  return differences;
}

/** The ledger without times: what each month has, and what its last export did. */
export const readLedger = (node: ClickHouseNode, database: string): Promise<string> =>
  node.query(
    `select table_name, month, state, content, rows, rows_new, rows_updated, rows_unchanged, rows_removed
     from ${clickHouseIdentifier(database)}.export_ledger final order by table_name, month format TSV`,
  );
