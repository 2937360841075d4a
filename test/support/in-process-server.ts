import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.ts';
import { buildApp } from '../../src/server/app.ts';
import type { Routes, ServerContext } from '../../src/server/context.ts';
import { DatabaseOwner } from '../../src/server/owner/owner.ts';
import type { LogFormat } from '../../src/settings.ts';
import { DuckDb } from '../../src/warehouse/duckdb.ts';
import { scratch, wattduck } from './cli.ts';
import { importFiles } from './import-files.ts';

export interface InProcessServer {
  app: Awaited<ReturnType<typeof buildApp>>['app'];
  context: ServerContext;
  /** Routes, each with its methods. */
  routes: Routes;
  /** The database file, or the Parquet folder. */
  db: string;
  /** A copy of the file from before the server started, for other commands to read; only if files were imported. */
  copy: string;
  /** Output of the server on the terminal. */
  stderrText(): string;
}

export interface ServeOptions {
  /** Files to import first. */
  files?: readonly string[];
  now?: () => Date;
  /** Time zone of the settings; `sites` for none. */
  tz?: string;
  host?: string;
  /** Query timeout in seconds. */
  seconds?: number;
  redact?: boolean;
  /** DuckDB's memory limit. */
  memoryLimit?: string;
  /** Folders of the user's SQL files. */
  sqlDirs?: readonly string[];
  /** Milliseconds a client may take to send a request. */
  requestTimeout?: number;
  /** Allowed web origins. */
  cors?: readonly string[];
  log?: LogFormat;
  /** Whether a Parquet folder made of the files is served instead of the database. */
  isFolder?: boolean;
}

/** A server in this process, without a port: use `app.inject`. Closed after the test file. */
export async function startInProcessServer(options: ServeOptions = {}): Promise<InProcessServer> {
  const folder = scratch();
  const [file, copy] = [join(folder, 'served.duckdb'), join(folder, 'copy.duckdb')];
  if (options.files) {
    await importFiles(options.files, file);
    copyFileSync(file, copy);
  }
  const db = options.isFolder ? join(folder, 'parquet') : file;
  if (options.isFolder) {
    const { status, stderr } = await wattduck(['export', '--parquet', db, '--db', file]);
    if (status !== 0) throw new Error(stderr);
  }
  let stderrText = '';
  const stderr = { write: (text: string) => void (stderrText += text), isTTY: false };
  const duckdb = await DuckDb.open(options.memoryLimit);
  const catalog = await Catalog.open(duckdb, options.sqlDirs ?? []);
  const signal = new AbortController().signal;
  const owner = await DatabaseOwner.open(duckdb, catalog, {
    path: db,
    redact: options.redact ?? false,
    lockWait: { seconds: 0, notify: () => undefined, signal },
  });
  const { app, context, routes } = await buildApp({
    io: { now: options.now ?? (() => new Date('2026-01-01T00:00:00Z')), stderr },
    owner,
    tz: options.tz === 'sites' ? undefined : (options.tz ?? 'UTC'),
    host: options.host ?? '127.0.0.1',
    seconds: options.seconds ?? 30,
    cors: options.cors ?? [],
    log: options.log ?? 'none',
    ...(options.requestTimeout === undefined ? {} : { requestTimeout: options.requestTimeout }),
  });
  afterAll(async () => {
    await app.close();
    await owner.close();
    await duckdb.close();
  });
  return { app, context, routes, db, copy, stderrText: () => stderrText };
}

/** Files of several data sets of the report tests. */
export const dataSets = (...names: string[]): string[] =>
  names.flatMap((name) =>
    readdirSync(join('test/reports/data', name)).map((file) => join('test/reports/data', name, file)),
  );

/** A response without the parts that differ between runs. */
export const withoutElapsed = (text: string): string => text.replace(/"elapsed": ?[\d.e-]+/, '"elapsed": 0');
