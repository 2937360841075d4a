import { tablesInFile } from '../../src/warehouse/tables.ts';
import { identifier, type DuckDb } from '../../src/warehouse/duckdb.ts';
import { clickHouseIdentifier, clickHouseType, nullableType } from '../../src/warehouse/clickhouse/types.ts';
import { clusterName, type ClickHouseCluster } from './cluster.ts';

/** Tables whose rows are spread over the shards, and the column that decides where; every node has all rows of the others. */
const shardKeys: Readonly<Record<string, string>> = {
  charging_sessions: 'session_id',
  charge_point_events: 'event_id',
  heartbeat_days: 'station_id',
  customer_events: 'event_id',
};

/** Copies every table of the attached database file into a new database of each node, with plain inserts. */
export async function loadDatabase(duckdb: DuckDb, { nodes }: ClickHouseCluster, database: string): Promise<void> {
  for (const node of nodes) await node.query(`create database ${clickHouseIdentifier(database)}`);
  for (const table of await tablesInFile(duckdb)) {
    const present = (await duckdb.tableColumns(table, 'db')).map(({ name }) => name);
    const declared = await duckdb.declaredColumns(table);
    const columns = declared.filter(({ name }) => present.includes(name) || name === 'arrival_order');
    if (columns.length === 0) continue;
    const list = columns.map(
      ({ name, type, required }) =>
        `${clickHouseIdentifier(name)} ${required ? clickHouseType(type) : nullableType(type)}`,
    );
    const names = columns.map(({ name, type }) =>
      name === 'arrival_order' && !present.includes(name)
        ? 'rowid::varchar as arrival_order'
        : `${identifier(name)}${/\[\]$|^BOOLEAN$/.test(type) ? '' : '::varchar'} as ${identifier(name)}`,
    );
    const rows = await duckdb.rows(`select ${names.join(', ')} from db.main.${identifier(table)}`);
    const lines = rows.map((row) => JSON.stringify(row)).join('\n');
    const name = `${clickHouseIdentifier(database)}.${clickHouseIdentifier(table)}`;
    const shardKey = nodes.length > 1 ? shardKeys[table] : undefined;
    const local =
      shardKey === undefined ? name : `${clickHouseIdentifier(database)}.${clickHouseIdentifier(`${table}_local`)}`;
    for (const node of nodes) {
      await node.query(`create table ${local} (${list.join(', ')}) engine = MergeTree order by tuple()`);
      if (shardKey !== undefined)
        await node.query(
          `create table ${name} as ${local} engine = Distributed(${clusterName}, ${database}, ${table}_local, cityHash64(${shardKey}))`,
        );
    }
    if (rows.length === 0) continue;
    for (const node of shardKey === undefined ? nodes : nodes.slice(0, 1)) await node.insert(name, lines);
  }
}
