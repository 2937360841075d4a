import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { clickHouseIdentifier } from '../clickhouse/types.ts';
import { identifier, literal, type DuckDb } from '../duckdb.ts';
import { isInMonth, type ExportedTable } from '../parquet-folder/exported-tables.ts';
import type { ExportLease } from './export-lease.ts';
import type { RowCounts } from './export-ledger.ts';
import type { TargetServer } from './target-server.ts';
import {
  exportColumns,
  partitionOf,
  partitionSql,
  writtenColumns,
  writtenName,
  type TargetColumn,
  type TargetTable,
} from './target-tables.ts';

const { hash, ordinal, version, deleted, shard } = exportColumns;

/** Size of the files that are sent, each as one insert. */
const fileSize = '64MB';

/** Time of deleted rows in the partition of unusual years. */
const unusualTime = '1970-01-01';

/** What all months of an export share. */
export interface LoadContext {
  server: TargetServer;
  lease: ExportLease;
  /** The database that is exported. */
  duckdb: DuckDb;
  /** Another DuckDB, because the server that holds a database reads no other files. */
  local: DuckDb;
  /** Value of the sharding key for each shard; none without a cluster. */
  shards: readonly number[];
}

/** A month of a table. */
export interface MonthOfTable {
  table: TargetTable;
  /** The table of the database; undefined without rows. */
  source: ExportedTable | undefined;
  /** Empty for a table without months. */
  month: string;
  rows: number;
}

/** Compares the rows of one month with those of ClickHouse, and writes the differences. */
export class MonthLoader {
  readonly #context: LoadContext;
  readonly #month: MonthOfTable;
  readonly #folder: string;
  /** Name of the table that is written. */
  readonly #target: string;
  readonly #columns: readonly TargetColumn[];
  /** Columns that identify a row, or a copy of it on one shard. */
  readonly #key: readonly string[];
  /** Condition for the rows of the month in ClickHouse. */
  readonly #condition: string;

  constructor(context: LoadContext, month: MonthOfTable) {
    const { table } = month;
    const { target } = context.server;
    this.#context = context;
    this.#month = month;
    this.#folder = mkdtempSync(join(context.duckdb.workDir ?? '', 'month-'));
    this.#target = writtenName(table, target);
    this.#columns = writtenColumns(table, target);
    this.#key = [...table.key, ...(this.#isCopied ? [shard] : [])];
    const partition = partitionSql(table);
    this.#condition = partition === undefined ? '' : ` where ${partition} = ${partitionOf(month.month)}`;
  }

  /** Removes the files of this month. */
  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Whether each shard has all rows. */
  get #isCopied(): boolean {
    return this.#context.server.target.cluster !== undefined && this.#month.table.placement === 'everywhere';
  }

  /** Writes the rows of the month to files, and those that differ from ClickHouse; returns how many differ. */
  async compare(): Promise<RowCounts> {
    const { rows } = this.#month;
    await this.#copyRows();
    await this.#assertTimes();
    const [row] = await this.#context.server.rows(`select count() from ${this.#from}`);
    if (Number(row?.[0]) === 0) return { new: rows, updated: 0, unchanged: 0, removed: 0 };
    await this.#downloadStored();
    await this.#writeDifferences();
    return this.#countDifferences();
  }

  /** Sends the differences. The same rows can be sent again. */
  async send(): Promise<void> {
    const { table } = this.#month;
    const columns = this.#columns.map(({ name }) => name);
    await this.#sendFiles(this.#filesIn(this.#hasStored ? 'changed' : 'rows'), columns, 'rows');
    const { partitionBy } = table;
    const removedColumns = [...new Set([...this.#key, ...(partitionBy ? [partitionBy] : []), hash, version, deleted])];
    await this.#sendFiles(this.#filesIn('removed'), removedColumns, 'removed');
  }

  /** @throws WattduckError (clickhouse_month_differs) if ClickHouse has other rows than the database */
  async verify(): Promise<void> {
    const expected = await this.#context.local.row(
      `select count(*)::varchar as n, (coalesce(sum(${hash}), 0) % 18446744073709551616)::varchar as hashes,
         coalesce(bit_xor(${hash}), 0)::varchar as mixed from ${this.#rowsSql}`,
    );
    const [found] = await this.#context.server.rows(
      `select toString(count()), toString(sum(${hash})), toString(groupBitXor(${hash})) from ${this.#from}`,
    );
    const values = [expected['n'], expected['hashes'], expected['mixed']];
    if (values.every((value, at) => String(value) === found?.[at])) return;
    throw new WattduckError('clickhouse_month_differs', {
      table: [this.#month.table.name, this.#month.month].join(' ').trim(),
      expected: String(expected['n']),
      found: String(found?.[0]),
    });
  }

  get #from(): string {
    return `${this.#context.server.name(this.#target)} final${this.#condition}`;
  }

  get #hasStored(): boolean {
    return existsSync(this.#path('stored.parquet'));
  }

  /** SQL of the local DuckDB for the rows of the database. */
  get #rowsSql(): string {
    if (this.#filesIn('rows').length > 0) return `read_parquet(${literal(this.#path('rows/*.parquet'))})`;
    const columns = this.#columns.map(
      ({ name, duckdbType }) => `null::${duckdbType ?? 'ubigint'} as ${identifier(name)}`,
    );
    return `(select ${columns.join(', ')} where false)`;
  }

  /** SQL for the keys that ClickHouse has. */
  get #storedSql(): string {
    const columns = this.#key.map((name) => `${identifier(name)}::${this.#duckdbType(name)} as ${identifier(name)}`);
    return `(select ${columns.join(', ')}, stored_hash, stored_version from read_parquet(${literal(this.#path('stored.parquet'))}))`;
  }

  #duckdbType(column: string): string {
    if (column === shard || column === ordinal) return 'uinteger';
    return this.#columns.find(({ name }) => name === column)?.duckdbType ?? 'ubigint';
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  #filesIn(name: string): string[] {
    const folder = this.#path(name);
    try {
      return readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(folder, entry.name))
        .toSorted();
    } catch {
      return [];
    }
  }

  /** Copies the rows of the database, with the columns that the export adds. */
  async #copyRows(): Promise<void> {
    const { source, month, rows, table } = this.#month;
    if (!source || rows === 0) return;
    const { duckdb, lease, shards } = this.#context;
    const hashed = source.columns.map(({ name }) => identifier(name)).join(', ');
    const condition = source.partitionBy === undefined ? '' : ` where ${isInMonth(source.partitionBy, month)}`;
    const values = source.columns.map(({ name, type }) =>
      type === 'JSON' ? `${identifier(name)}::varchar as ${identifier(name)}` : identifier(name),
    );
    const added = [
      hash,
      ...(table.isKeyless ? [`row_number() over (partition by ${hash})::uinteger as ${ordinal}`] : []),
      `${lease.exportNumber * 2 + 1}::ubigint as ${version}`,
      `0::utinyint as ${deleted}`,
    ];
    const copies = this.#isCopied ? ` cross join (select unnest([${shards.join(', ')}])::uinteger as ${shard})` : '';
    const list = [...values, ...added].join(', ');
    const rowsSql = `select ${list} from (select *, hash(${hashed})::ubigint as ${hash} from (${source.rows})${condition})`;
    const copied = await this.#copy(duckdb, copies ? `select * from (${rowsSql})${copies}` : rowsSql, 'rows');
    const expected = rows * (this.#isCopied ? shards.length : 1);
    if (copied !== expected) throw new Error(`${table.name} ${month} has ${copied} rows instead of ${expected}`);
  }

  /** Writes the rows of a select to files of limited size. Returns their number. */
  async #copy(duckdb: DuckDb, select: string, name: string): Promise<number> {
    mkdirSync(this.#path(name));
    return duckdb.execute(
      `copy (${select}) to ${literal(this.#path(name))} (format parquet, compression zstd, file_size_bytes ${literal(fileSize)}, overwrite_or_ignore)`,
    );
  }

  /** @throws WattduckError (clickhouse_time_out_of_range) for a time that ClickHouse would change */
  async #assertTimes(): Promise<void> {
    const columns = this.#columns.filter(({ duckdbType }) => /^(TIMESTAMP|DATE)$/.test(duckdbType ?? ''));
    if (columns.length === 0 || this.#filesIn('rows').length === 0) return;
    const list = columns.map(({ name }) => {
      const column = identifier(name);
      return `any_value(${column}::varchar) filter (${column} < timestamp '1900-01-01' or ${column} >= timestamp '2299-12-31') as ${column}`;
    });
    const row = await this.#context.local.row(`select ${list.join(', ')} from ${this.#rowsSql}`);
    for (const { name } of columns)
      if (row[name] !== null)
        throw new WattduckError('clickhouse_time_out_of_range', {
          table: this.#month.table.name,
          column: name,
          value: String(row[name]),
        });
  }

  /** Downloads key, hash and version of the rows that ClickHouse has. */
  async #downloadStored(): Promise<void> {
    const columns = [
      ...this.#key.map(clickHouseIdentifier),
      `${clickHouseIdentifier(hash)} as stored_hash`,
      `${clickHouseIdentifier(version)} as stored_version`,
    ];
    await this.#context.server.download(
      `select ${columns.join(', ')} from ${this.#from}`,
      {},
      this.#path('stored.parquet'),
    );
  }

  async #writeDifferences(): Promise<void> {
    const { local } = this.#context;
    await this.#copy(
      local,
      `select rows.* from ${this.#rowsSql} as rows left join ${this.#storedSql} as stored using (${this.#keyList})
       where stored.stored_hash is distinct from rows.${hash}`,
      'changed',
    );
    const { partitionBy, key } = this.#month.table;
    const time = partitionOf(this.#month.month) === 0 ? unusualTime : `${this.#month.month}-01`;
    const columns = [
      ...this.#key.map((name) => (name === hash ? undefined : identifier(name))).filter((name) => name !== undefined),
      ...(partitionBy !== undefined && !key.includes(partitionBy)
        ? [`${literal(time)}::${this.#duckdbType(partitionBy)} as ${identifier(partitionBy)}`]
        : []),
      `${this.#key.includes(hash) ? hash : '0::ubigint'} as ${hash}`,
      `(stored_version + 1)::ubigint as ${version}`,
      `1::utinyint as ${deleted}`,
    ];
    await this.#copy(
      local,
      `select ${columns.join(', ')} from ${this.#storedSql} as stored anti join ${this.#rowsSql} as rows using (${this.#keyList})`,
      'removed',
    );
  }

  get #keyList(): string {
    return this.#key.map(identifier).join(', ');
  }

  async #countDifferences(): Promise<RowCounts> {
    const key = this.#month.table.key.map(identifier).join(', ');
    // Of several copies of a row, one on another shard may be missing.
    const byRow = this.#isCopied ? `select min(kind) as kind from joined group by ${key}` : 'select kind from joined';
    const removed = this.#isCopied ? `(select distinct ${key} from removed)` : 'removed';
    const counts = await this.#context.local.row(
      `with joined as (
         select ${key}, case when stored_hash is null then 1 when stored_hash <> ${hash} then 2 else 3 end as kind
         from ${this.#rowsSql} as rows left join ${this.#storedSql} as stored using (${this.#keyList})
       ),
       removed as (select * from ${this.#storedSql} as stored anti join ${this.#rowsSql} as rows using (${this.#keyList}))
       select count(*) filter (kind = 1) as new, count(*) filter (kind = 2) as updated, count(*) filter (kind = 3) as unchanged,
         (select count(*) from ${removed}) as removed from (${byRow})`,
    );
    return {
      new: Number(counts['new']),
      updated: Number(counts['updated']),
      unchanged: Number(counts['unchanged']),
      removed: Number(counts['removed']),
    };
  }

  async #sendFiles(paths: readonly string[], columns: readonly string[], step: string): Promise<void> {
    const { lease, server } = this.#context;
    const { table, month } = this.#month;
    for (const [at, path] of paths.entries()) {
      lease.assertHeld();
      await server.insertFile(this.#target, columns, path, [table.name, month || 'all', step, at].join('-'));
    }
  }
}
