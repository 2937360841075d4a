import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseSettings } from '@clickhouse/client';
import { WattduckError } from '../../errors/wattduck-error.ts';
import type { ClickHouse } from '../clickhouse/client.ts';
import { clickHouseIdentifier } from '../clickhouse/types.ts';
import { qualifiedName, type Target } from './target-tables.ts';

/** Max seconds of one statement on the server. */
const statementSeconds = 3600;
/** Max seconds to wait for a statement of a run that was killed. */
const leftoverSeconds = 600;

/** Settings with which rows are on every node when a statement ends, and the same rows twice are written twice. */
const writeSettings: ClickHouseSettings = {
  distributed_foreground_insert: 1,
  async_insert: 0,
  insert_deduplicate: 0,
  input_format_null_as_default: 0,
  session_timezone: 'UTC',
  timeout_overflow_mode: 'throw',
};

const readSettings: ClickHouseSettings = {
  final: 1,
  skip_unavailable_shards: 0,
  session_timezone: 'UTC',
  output_format_json_quote_64bit_integers: 1,
  // An error after the first rows must not look like the end of the result.
  wait_end_of_query: 1,
};

/** Value of a column: a number, a text, or an expression. */
type InsertValue = string | number | { sql: string };

/** The server that the export writes to. */
export class TargetServer {
  readonly client: ClickHouse;
  readonly target: Target;
  readonly #signal: AbortSignal;
  /** Prefix of the IDs of all statements that write to the database. */
  readonly #idPrefix: string;

  constructor(client: ClickHouse, target: Target, signal: AbortSignal) {
    this.client = client;
    this.target = target;
    this.#signal = signal;
    this.#idPrefix = `wattduck-export-${createHash('sha256').update(target.database).digest('hex').slice(0, 12)}-`;
  }

  /** Quoted name of a table. */
  name(table: string): string {
    return qualifiedName(this.target, table);
  }

  async rows(query: string, params: Record<string, string> = {}): Promise<unknown[][]> {
    const rows: unknown[][] = [];
    const options = { params, seconds: statementSeconds, signal: this.#signal, settings: readSettings };
    for await (const batch of this.client.rows(query, options)) rows.push(...batch);
    return rows;
  }

  async command(query: string): Promise<void> {
    await this.client.command(query, { seconds: statementSeconds, signal: this.#signal, settings: writeSettings });
  }

  /** Inserts one row; it is written even if the run was interrupted. */
  async insertValues(table: string, row: Record<string, InsertValue>): Promise<void> {
    const entries = Object.entries(row);
    const values = entries.map(([name, value]) => {
      if (typeof value === 'object') return value.sql;
      return `{${name}:${typeof value === 'number' ? 'UInt64' : 'String'}}`;
    });
    const params = Object.fromEntries(
      entries.flatMap(([name, value]) => (typeof value === 'object' ? [] : [[name, String(value)]])),
    );
    await this.client.command(
      `insert into ${this.name(table)} (${entries.map(([name]) => clickHouseIdentifier(name)).join(', ')}) select ${values.join(', ')}`,
      { params, seconds: statementSeconds, settings: writeSettings },
    );
  }

  /**
   * Inserts the rows of a Parquet file.
   * @param step identifies the statement within the database: the same step cannot run twice at the same time
   */
  async insertFile(table: string, columns: readonly string[], path: string, step: string): Promise<void> {
    const query = `insert into ${this.name(table)} (${columns.map(clickHouseIdentifier).join(', ')}) format Parquet`;
    await this.client.insert(query, createReadStream(path), {
      queryId: `${this.#idPrefix}${step}`,
      seconds: statementSeconds,
      signal: this.#signal,
      settings: writeSettings,
    });
  }

  /** Writes the result of a select to a Parquet file. */
  async download(select: string, params: Record<string, string>, path: string): Promise<void> {
    const result = await this.client.stream(`${select} format Parquet`, {
      params,
      seconds: statementSeconds,
      signal: this.#signal,
      settings: readSettings,
    });
    await pipeline(result, createWriteStream(path, { flags: 'wx' }));
  }

  /**
   * Waits for statements of a run that was killed: the server finishes those that it has received completely.
   * @throws WattduckError (clickhouse_statement_running)
   */
  async waitForLeftovers(): Promise<void> {
    const deadline = performance.now() + leftoverSeconds * 1000;
    const { cluster } = this.target;
    const processes =
      cluster === undefined ? 'system.processes' : 'clusterAllReplicas({cluster:String}, system, processes)';
    for (;;) {
      const [row] = await this.rows(
        `select count(), any(query_id) from ${processes} where startsWith(initial_query_id, {prefix:String})`,
        { prefix: this.#idPrefix, ...(cluster !== undefined && { cluster }) },
      );
      const [count, queryId] = row ?? [];
      if (Number(count) === 0) return;
      if (performance.now() >= deadline)
        throw new WattduckError('clickhouse_statement_running', { query_id: String(queryId) });
      await sleep(500, undefined, { signal: this.#signal });
    }
  }
}
