import { randomUUID } from 'node:crypto';
import type { ClickHouseSettings } from '@clickhouse/client';
import type { StatementInfo } from '../../catalog/catalog-database.ts';
import type { Bindings, Connection, LocalConnection } from '../connection.ts';
import { identifier } from '../duckdb.ts';
import type { Row } from '../values.ts';
import type { ClickHouse } from './client.ts';
import type { Macros } from './macros.ts';
import { computeConstants } from './constants.ts';
import { parameterSql, rewriteExpression, rewriteStatement, type Cte, type RewrittenStatement } from './rewrite.ts';
import { tableSelect, type StoredTable } from './tables.ts';
import { clickHouseIdentifier } from './types.ts';
import { parameterText, rowConverter } from './values.ts';

/** Settings with which ClickHouse computes the same as DuckDB, never answers in part, and never writes. */
const settings: ClickHouseSettings = {
  readonly: '2',
  cancel_http_readonly_queries_on_client_close: 1,
  join_use_nulls: 1,
  group_by_use_nulls: 1,
  cast_keep_nullable: 1,
  union_default_mode: 'DISTINCT',
  prefer_column_name_to_alias: 1,
  session_timezone: 'UTC',
  final: 1,
  enable_extended_results_for_datetime_functions: 1,
  distributed_product_mode: 'global',
  skip_unavailable_shards: 0,
  // A limit that is reached is an error.
  timeout_overflow_mode: 'throw',
  read_overflow_mode: 'throw',
  read_overflow_mode_leaf: 'throw',
  result_overflow_mode: 'throw',
  group_by_overflow_mode: 'throw',
  sort_overflow_mode: 'throw',
  distinct_overflow_mode: 'throw',
  join_overflow_mode: 'throw',
  set_overflow_mode: 'throw',
  transfer_overflow_mode: 'throw',
  limit: '0',
  offset: '0',
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_decimals: 1,
  output_format_json_quote_denormals: 1,
  output_format_decimal_trailing_zeros: 1,
  date_time_output_format: 'simple',
};

/** Seconds that the server keeps the temporary tables of a statement that broke off. */
const sessionSeconds = 60;

/** What the connections of a process share. */
export interface ClickHouseSource {
  client: ClickHouse;
  macros: Macros;
  tables: ReadonlyMap<string, StoredTable>;
  /** Maximum seconds of a query. */
  seconds: number;
  /** Tables that a server keeps in its database file: statements that read one run there. */
  localTables?: readonly string[];
}

/**
 * Runs the statements of reports on ClickHouse. Each view is a temporary table of one HTTP session, unless it only selects rows:
 * ClickHouse would compute a CTE wherever it is read.
 */
export class ClickHouseConnection implements Connection {
  readonly #source: ClickHouseSource;
  readonly #macros: Macros;
  /** Checks statements, has their types, and keeps rows that are copied to a file. */
  readonly #local: LocalConnection;
  #abort = new AbortController();

  readonly #close: () => Promise<void>;

  constructor(source: ClickHouseSource, local: LocalConnection, close: () => Promise<void>) {
    this.#close = close;
    this.#source = source;
    this.#macros = source.macros.copy();
    this.#local = local;
  }

  /** Creates macros, and copies the rows of a select into a local table. @throws Error for any other statement */
  async run(sql: string, bindings?: Bindings): Promise<number> {
    if (sql.startsWith('create or replace temp macro ')) {
      this.#macros.add(sql);
      return this.#local.run(sql);
    }
    const [, table, select] = /^create or replace temp table temp\.(\w+) as (.*)$/s.exec(sql) ?? [];
    if (table !== undefined) return this.#copyRows(table, select!, bindings);
    if (this.#isLocal(sql)) return this.#local.run(sql, bindings);
    throw new Error(`not a statement for ClickHouse: ${sql.slice(0, 100)}`);
  }

  async rows(sql: string, bindings?: Bindings): Promise<Row[]> {
    if (this.#isLocal(sql)) return this.#local.rows(sql, bindings);
    const rows: Row[][] = [];
    for await (const chunk of this.chunks(sql, bindings)) rows.push(chunk);
    return rows.flat();
  }

  async *chunks(sql: string, bindings: Bindings = { values: {}, types: {} }): AsyncGenerator<Row[]> {
    if (this.#isLocal(sql)) return yield* this.#local.chunks(sql, bindings);
    const { client, seconds } = this.#source;
    const columns = await this.#local.describeColumns(sql);
    const constants = [...(await computeConstants(sql, bindings, this.#local))];
    const texts = Object.fromEntries([
      ...Object.entries(bindings.values).map(([name, value]) => [name, parameterText(value)]),
      ...constants.map(([, { value }], at) => [`constant_${at}`, value]),
    ]) as Record<string, string | undefined>;
    const isNull = (name: string): boolean => texts[name] === undefined;
    const known = new Map(
      constants.map(([call, { type }], at) => [call, parameterSql(`constant_${at}`, type, isNull)]),
    );
    const statement = this.#withTables(
      rewriteStatement(sql, { macros: this.#macros, isNull, tables: [...this.#source.tables.keys()], known }),
      isNull,
    );
    const deadline = performance.now() + seconds * 1000;
    const session = statement.ctes.some(({ inline }) => !inline) ? randomUUID() : undefined;
    const options = (query: string, others: ClickHouseSettings = {}): Parameters<ClickHouse['command']>[1] => ({
      params: usedParameters(query, texts),
      session,
      signal: this.#abort.signal,
      seconds: Math.max(1, Math.ceil((deadline - performance.now()) / 1000)),
      settings: { ...settings, ...(session && { session_timeout: String(sessionSeconds) }), ...others },
    });
    for (const [at, { name, inline, sql: body }] of statement.ctes.entries()) {
      if (inline) continue;
      const select = withInlined(statement.ctes.slice(0, at), body);
      const query = `create or replace temporary table ${clickHouseIdentifier(name)} as ${select}`;
      await client.command(query, options(query));
    }
    const query = withInlined(statement.ctes, statement.sql);
    const toRow = rowConverter(columns);
    // Errors at the end of a result come before its first row.
    for await (const batch of client.rows(query, options(query, { wait_end_of_query: 1 }))) yield batch.map(toRow);
  }

  /** Whether a statement is about the local copy of an answer, or about tables that are here. */
  #isLocal(sql: string): boolean {
    const tables = ['temp\\.answer', ...(this.#source.localTables ?? [])].join('|');
    return new RegExp(`\\b(?:from|join|table|exists|copy)\\s+(?:${tables})\\b`, 'i').test(sql);
  }

  /** Adds the tables that the statement reads and that are more than a table of the server. */
  #withTables(statement: RewrittenStatement, isNull: (name: string) => boolean): RewrittenStatement {
    const context = { macros: this.#macros, isNull, tables: [] };
    const rewrite = (sql: string): string => rewriteExpression(sql, context);
    const text = [statement.sql, ...statement.ctes.map(({ sql }) => sql)].join(' ');
    const selects: Cte[] = [];
    const add = (name: string): void => {
      const table = this.#source.tables.get(name);
      const sql = table && tableSelect(table, this.#source.client.address.database, rewrite);
      if (sql === undefined || selects.some((each) => each.name === name)) return;
      for (const other of this.#source.tables.keys()) if (other !== name && mentions(sql, other)) add(other);
      selects.push({ name, inline: true, sql });
    };
    for (const name of this.#source.tables.keys()) if (mentions(text, name)) add(name);
    return { ctes: readCtes([...selects, ...statement.ctes], statement.sql), sql: statement.sql };
  }

  async #copyRows(table: string, select: string, bindings?: Bindings): Promise<number> {
    const columns = await this.#local.describeColumns(select);
    const list = columns.map(({ name, type }) => `${identifier(name)} ${type}`).join(', ');
    await this.#local.run(`create or replace temp table temp.${identifier(table)} (${list})`);
    let count = 0;
    const structure = JSON.stringify([Object.fromEntries(columns.map(({ name, type }) => [name, type]))]);
    for await (const rows of this.chunks(select, bindings)) {
      count += rows.length;
      await insertRows(this.#local, table, structure, rows);
    }
    return count;
  }

  describe(sql: string): Promise<StatementInfo> {
    return this.#local.describe(sql);
  }

  interrupt(): void {
    this.#abort.abort();
    this.#local.interrupt();
    this.#abort = new AbortController();
  }

  async progress(): Promise<number> {
    return -1;
  }

  withWriteLock<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  async estimateRows(tables: readonly string[]): Promise<number> {
    const { client, seconds } = this.#source;
    const query = `select sum(coalesce(total_rows, 0)) from system.tables
      where database = {database:String} and name in ({tables:Array(String)})`;
    const params = { database: client.address.database, tables: [...tables] };
    let count = 0;
    for await (const rows of client.rows(query, { params, seconds, signal: this.#abort.signal }))
      count = Number(rows[0]?.[0] ?? 0);
    return count;
  }

  close(): Promise<void> {
    return this.#close();
  }
}

const mentions = (sql: string, name: string): boolean => new RegExp(`(?<![\\w.'])${name}(?!\\w)`).test(sql);

/** The CTEs that a statement reads, directly or through others. */
function readCtes(ctes: readonly Cte[], sql: string): Cte[] {
  const used: Cte[] = [];
  for (const cte of ctes.toReversed())
    if ([sql, ...used.map((other) => other.sql)].some((text) => mentions(text, cte.name))) used.unshift(cte);
  return used;
}

/** A statement with the inlined CTEs that it reads. @param ctes those before it */
function withInlined(ctes: readonly Cte[], sql: string): string {
  const used = readCtes(
    ctes.filter(({ inline }) => inline),
    sql,
  );
  if (used.length === 0) return sql;
  const list = used.map((cte) => `${clickHouseIdentifier(cte.name)} as (${cte.sql})`).join(', ');
  return /^with\b/i.test(sql) ? `with ${list}, ${sql.replace(/^with\b/i, '')}` : `with ${list} ${sql}`;
}

const usedParameters = (query: string, texts: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(texts).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && query.includes(`{${entry[0]}:`),
    ),
  );

async function insertRows(
  local: LocalConnection,
  table: string,
  structure: string,
  rows: readonly Row[],
): Promise<void> {
  const { VARCHAR } = await import('@duckdb/node-api');
  await local.run(
    `insert into temp.${identifier(table)} select unnest(answer_row) from (select unnest(from_json($rows::json, '${structure.replaceAll("'", "''")}')) as answer_row)`,
    { values: { rows: JSON.stringify(rows) }, types: { rows: VARCHAR } },
  );
}
