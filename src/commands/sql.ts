import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { Command } from 'commander';
import type { Source } from '../catalog/definitions.ts';
import { stripTrailingSemicolon } from '../catalog/sql-text.ts';
import { toFileError } from '../errors/system-error.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import type { Io } from '../io.ts';
import { pivotRows } from '../render/pivot.ts';
import { isParquet, printRows, resolveOutput, type OutputOptions } from '../render/print-rows.ts';
import { writeFileInPieces } from '../render/write-stream.ts';
import type { GlobalOptions } from '../settings.ts';
import { toUserError } from '../warehouse/duckdb-errors.ts';
import { identifier, type DuckDb } from '../warehouse/duckdb.ts';
import { quarantineTable } from '../warehouse/quarantine-tables.ts';
import { tablesInFile } from '../warehouse/tables.ts';
import { excerptIn } from '../warehouse/user-sql/excerpt.ts';
import { limits } from '../warehouse/user-sql/limits.ts';
import { withMemoryGuard } from '../warehouse/user-sql/memory-guard.ts';
import { validateSelect } from '../warehouse/user-sql/user-select.ts';
import type { Row } from '../warehouse/values.ts';
import { addCommonOptions, addOutputOptions, engineError, withContext, type CommandContext } from './context.ts';

export const sqlCommand = (io: Io): Command =>
  addCommonOptions(addOutputOptions(new Command('sql')))
    .argument('[statement]', 'SQL query, quoted for the shell; - for standard input; omit it for a prompt')
    .option('--file <file>', 'File with the query')
    .option('--pivot <column>', 'Column whose values become columns, filled with the last other column')
    .addHelpText(
      'after',
      '\nExamples:\n  wattduck sql "show tables"\n  wattduck sql "describe charging_sessions"\n  wattduck sql --file query.sql --format csv\n  wattduck sql "select location, count(*) as sessions from charging_sessions group by all order by 2 desc"\n  wattduck sql "select location, status, count(*) as n from charging_sessions group by all order by all" --pivot status\n  wattduck sql',
    )
    .action(async (argument: string | undefined, options: SqlOptions) => {
      if (argument === undefined && options.file === undefined && isInteractive(io)) {
        const { promptForQueries } = await import('./sql-prompt.ts');
        // Each query opens the database anew, so that others can write to it meanwhile.
        const run = (query: string): Promise<void> =>
          withContext(io, options, (context) => runSql(context, query, options));
        return promptForQueries(io, run, options.debug ?? false);
      }
      const statement = await readStatement(io, argument, options.file);
      return withContext(io, options, (context) => runSql(context, statement, options));
    });

type SqlOptions = GlobalOptions & OutputOptions & { file?: string; pivot?: string; debug?: boolean };

/** Whether a user can type queries: input and output are a terminal. */
const isInteractive = ({ stdin, stdout }: Io): boolean =>
  stdin === process.stdin && process.stdin.isTTY && stdout.isTTY;

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

async function runSql(context: CommandContext, statement: string, options: SqlOptions): Promise<void> {
  if (options.pivot !== undefined && isParquet(options))
    throw new WattduckError('options_conflict', { first: 'pivot', second: 'format parquet' });
  if (!isParquet(options)) return query(context, statement, options);
  const { withWorkDir } = await import('../render/parquet-file.ts');
  await withWorkDir((workDir) => query(context, statement, options, workDir));
}

/** @param workDir folder that DuckDB may write a Parquet file to */
async function query(
  { io, duckdb, catalog, settings, openData }: CommandContext,
  statement: string,
  options: SqlOptions,
  workDir?: string,
): Promise<void> {
  if (settings.engine.value !== undefined) throw engineError('wattduck sql');
  const sources = await catalog.sources();
  await openData({ workDir });
  try {
    const { sql } = await validateSelect(duckdb, stripTrailingSemicolon(statement), {
      tables: await readableTables(duckdb, sources),
      sources,
    });
    const { columns } = await duckdb.describeInFile(sql);
    // Columns of a pivot are known after the query.
    const { columns: _, ...allColumns } = options;
    const resolved = resolveOutput(options.pivot === undefined ? options : allColumns, columns);
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
    const shown = options.pivot === undefined ? { columns, rows } : pivotRows(columns, rows, options.pivot);
    await printRows(
      io,
      { ...shown, about, total: shown.rows.length, moreHint: '', document: () => shown.rows },
      options,
    );
  } catch (error) {
    if (error instanceof WattduckError && error.code === 'not_a_select' && /\bpivot\b/i.test(statement))
      throw new WattduckError('pivot_needs_values', {}, error);
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
