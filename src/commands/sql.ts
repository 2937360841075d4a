import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { Command } from 'commander';
import type { Source } from '../catalog/definitions.ts';
import { stripTrailingSemicolon } from '../catalog/sql-text.ts';
import { toFileError } from '../errors/system-error.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import type { Io } from '../io.ts';
import { isParquet, printRows, resolveOutput, type OutputOptions } from '../render/print-rows.ts';
import { writeFileInPieces } from '../render/write-stream.ts';
import type { GlobalOptions } from '../settings.ts';
import { openForReading } from '../warehouse/database.ts';
import { toUserError } from '../warehouse/duckdb-errors.ts';
import { identifier, type DuckDb } from '../warehouse/duckdb.ts';
import { quarantineTable } from '../warehouse/quarantine-tables.ts';
import { tablesInFile } from '../warehouse/tables.ts';
import { excerptIn } from '../warehouse/user-sql/excerpt.ts';
import { limits } from '../warehouse/user-sql/limits.ts';
import { withMemoryGuard } from '../warehouse/user-sql/memory-guard.ts';
import { validateSelect } from '../warehouse/user-sql/user-select.ts';
import type { Row } from '../warehouse/values.ts';
import { addCommonOptions, addOutputOptions, withContext, type CommandContext } from './context.ts';

export const sqlCommand = (io: Io): Command =>
  addCommonOptions(addOutputOptions(new Command('sql')))
    .argument('[statement]', 'SQL query, quoted for the shell; - for standard input')
    .option('--file <file>', 'File with the query')
    .addHelpText(
      'after',
      '\nExamples:\n  wattduck sql "show tables"\n  wattduck sql "describe charging_sessions"\n  wattduck sql --file query.sql --format csv\n  wattduck sql "select location, count(*) as sessions from charging_sessions group by all order by 2 desc"',
    )
    .action(async (argument: string | undefined, options: GlobalOptions & OutputOptions & { file?: string }) => {
      const statement = await readStatement(io, argument, options.file);
      return withContext(io, options, (context) => runSql(context, statement, options));
    });

/** The statement of the argument, of a file, or of standard input. */
async function readStatement(io: Io, argument: string | undefined, file: string | undefined): Promise<string> {
  if (argument !== undefined && file !== undefined) throw new WattduckError('statement_with_file', { path: file });
  if (argument === undefined && file === undefined) throw new WattduckError('missing_statement');
  if (argument !== undefined && argument !== '-') return argument;
  if (file === undefined || file === '-') return readStart(io.stdin);
  const path = resolve(io.cwd, file);
  try {
    return await readStart(createReadStream(path));
  } catch (error) {
    throw toFileError(error, file);
  }
}

/** The text of a stream without a byte order mark; no more of it than shows that it is too long. */
async function readStart(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk as Buffer));
    bytes += chunks.at(-1)!.length;
    if (bytes > 4 * limits.characters) break;
  }
  return Buffer.concat(chunks)
    .toString()
    .replace(/^\uFEFF/, '')
    .trim();
}

async function runSql(context: CommandContext, statement: string, options: OutputOptions): Promise<void> {
  if (!isParquet(options)) return query(context, statement, options);
  const { withWorkDir } = await import('../render/parquet-file.ts');
  await withWorkDir((workDir) => query(context, statement, options, workDir));
}

/** @param workDir folder that DuckDB may write a Parquet file to */
async function query(
  { io, duckdb, catalog, settings, lockWait }: CommandContext,
  statement: string,
  options: OutputOptions,
  workDir?: string,
): Promise<void> {
  const sources = await catalog.sources();
  const readOptions = { lockWait, redact: settings.redact.value, ...(workDir === undefined ? {} : { workDir }) };
  await openForReading(duckdb, settings.db.value, catalog, readOptions);
  try {
    const { sql } = await validateSelect(duckdb, stripTrailingSemicolon(statement), {
      tables: await readableTables(duckdb, sources),
      sources,
    });
    const { columns } = await duckdb.describeInFile(sql);
    const resolved = resolveOutput(options, columns);
    const guarded = (work: () => Promise<void>): Promise<void> =>
      withMemoryGuard(duckdb, () => duckdb.interrupt(), work);
    if (resolved.format === 'parquet') {
      const { parquetFile } = await import('../render/parquet-file.ts');
      const columnList = resolved.columns.map(({ name }) => identifier(name)).join(', ');
      const copySql = `copy (select ${columnList} from (${sql}\n)) to `;
      await guarded(() =>
        writeFileInPieces(
          options.output!,
          parquetFile(duckdb, (target) => duckdb.run(copySql + target)),
        ),
      );
      return;
    }
    const rows: Row[] = [];
    await guarded(async () => {
      for await (const chunk of duckdb.chunks(sql)) rows.push(...chunk);
    });
    const about = { title: 'Query', context: [], notes: [], zone: undefined };
    await printRows(io, { columns, rows, about, total: rows.length, moreHint: '', document: () => rows }, options);
  } catch (error) {
    if (error instanceof WattduckError) throw error;
    const userError = toUserError(error);
    if (userError instanceof WattduckError && error instanceof Error) Object.assign(userError, excerptIn(error));
    throw userError;
  }
}

/** Tables a command may query: all but the hashes of tokens. */
async function readableTables(duckdb: DuckDb, sources: readonly Source[]): Promise<string[]> {
  const existingTables = (await tablesInFile(duckdb)).filter((table) => table !== 'tokens');
  return [...new Set([...existingTables, ...sources.map(({ name }) => name), ...sources.map(quarantineTable)])];
}
