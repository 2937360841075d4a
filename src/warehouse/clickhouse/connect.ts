import type { DuckDb } from '../duckdb.ts';
import { ClickHouseConnection, type ClickHouseSource } from './connection.ts';

/** Sends the statements of reports to ClickHouse from now on. @param close runs when the connection is closed */
export const connectClickHouse = (
  duckdb: DuckDb,
  source: ClickHouseSource,
  close: () => Promise<void> = async () => undefined,
): void => duckdb.connectEngine((local) => new ClickHouseConnection(source, local, close));
