import { existsSync, statSync } from 'node:fs';
import { version as duckdbVersion } from '@duckdb/node-api';
import { Command } from 'commander';
import type { Catalog } from '../catalog/catalog.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import type { Io } from '../io.ts';
import { packageRoot, packageVersion } from '../paths.ts';
import { printRows, type OutputOptions } from '../render/print-rows.ts';
import { listSettings, resolveSettings, type GlobalOptions } from '../settings.ts';
import { pluralize } from '../text/format-number.ts';
import { openForReading, schemaVersion } from '../warehouse/database.ts';
import type { DuckDb } from '../warehouse/duckdb.ts';
import { findChangedFiles } from '../warehouse/parquet-folder/exported-tables.ts';
import { readManifest } from '../warehouse/parquet-folder/manifest.ts';
import { isFolderPath } from '../warehouse/parquet-folder/open-folder.ts';
import { databaseTable, tablesInFile } from '../warehouse/tables.ts';
import { rewriteAdvice, tableOrders } from '../warehouse/time-order.ts';
import { validateTimeZone } from '../warehouse/time-zone.ts';
import { addCommonOptions, addOutputOptions, withContext } from './context.ts';

interface Diagnostic {
  what: string;
  value: string;
  origin: string;
}

export const doctorCommand = (io: Io): Command =>
  addCommonOptions(addOutputOptions(new Command('doctor'))).action(async (options: GlobalOptions & OutputOptions) => {
    const diagnostics = settingRows(options, io);
    const problem = await runChecks(io, options, diagnostics);
    if (problem) diagnostics.push({ what: 'problem', value: problem.fullMessage, origin: '' });
    const columns = ['what', 'value', 'origin'].map((name) => ({ name, type: 'VARCHAR' }));
    const rows = diagnostics.map((diagnostic) => ({ ...diagnostic }));
    await printRows(
      io,
      { columns, rows, total: rows.length, moreHint: '', document: () => diagnostics },
      { wide: true, format: 'table', ...options },
    );
    if (problem) throw new WattduckError('doctor_found_problem', {}, problem).withKindOf(problem);
  });

const settingRows = (options: GlobalOptions, io: Io): Diagnostic[] => [
  { what: 'wattduck', value: packageVersion, origin: packageRoot },
  { what: 'Node', value: process.version, origin: `${process.platform} ${process.arch}` },
  { what: 'DuckDB', value: duckdbVersion(), origin: '@duckdb/node-api' },
  ...listSettings(resolveSettings(options, io.env, io.cwd)).map(({ name, value, origin }) => ({
    what: `setting ${name}`,
    value,
    origin,
  })),
];

async function runChecks(
  io: Io,
  options: GlobalOptions,
  diagnostics: Diagnostic[],
): Promise<WattduckError | undefined> {
  try {
    await withContext(io, options, async ({ duckdb, catalog, settings, lockWait }) => {
      await validateTimeZone(duckdb, settings.tz.value, settings.tz.origin);
      const { sources, mappings, views, rules, reports, actions, pages } = await catalog.checkAll();
      diagnostics.push({
        what: 'SQL files',
        value: `${sources} sources, ${mappings} mappings, ${views} views, ${rules} rules, ${reports} reports, ${actions} actions, ${pages} pages: all valid`,
        origin: '',
      });
      const path = settings.db.value;
      if (!existsSync(path)) {
        diagnostics.push({ what: 'database', value: 'not found: `wattduck ingest FILE` creates it', origin: path });
        return;
      }
      const orders = await tableOrders(duckdb, await catalog.sources());
      await openForReading(duckdb, path, catalog, { lockWait });
      diagnostics.push({
        what: 'database',
        value: isFolderPath(path)
          ? await checkFolder(duckdb, catalog, path)
          : `${(statSync(path).size / 1e6).toFixed(1)} MB, schema version ${schemaVersion}`,
        origin: path,
      });
      // DuckDB's estimated sizes include deleted rows until the next checkpoint, so rows are counted.
      const tables = (await tablesInFile(duckdb)).toSorted();
      for (const name of tables) {
        diagnostics.push({
          what: 'table',
          value: `${name}: ${pluralize(await duckdb.countRows(`from ${databaseTable(name)}`), 'row')}`,
          origin: '',
        });
      }
      // A Parquet folder is always in time order.
      if (isFolderPath(path)) return;
      const stored = new Map([...orders].filter(([name]) => tables.includes(name)));
      for (const value of await rewriteAdvice(duckdb, stored))
        diagnostics.push({ what: 'suggestion', value, origin: '' });
    });
    return undefined;
  } catch (error) {
    if (error instanceof WattduckError) return error;
    throw error;
  }
}

/** Compares all rows of a Parquet folder with the hashes of its manifest. @throws WattduckError (folder_damaged) */
async function checkFolder(duckdb: DuckDb, catalog: Catalog, path: string): Promise<string> {
  const manifest = await readManifest(path);
  const [changed] = await findChangedFiles(duckdb, catalog, manifest);
  if (changed !== undefined)
    throw new WattduckError('folder_damaged', { reason: `${changed} has other rows than were exported` });
  const files = Object.values(manifest.tables).flatMap((table) => table.files);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return `Parquet folder of ${manifest.exportedAt.slice(0, 16).replace('T', ' ')} UTC, ${pluralize(files.length, 'file')}, ${(bytes / 1e6).toFixed(1)} MB, schema version ${manifest.schemaVersion}`;
}
