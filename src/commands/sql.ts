import { Command } from 'commander';
import type { Source } from '../catalog/definitions.ts';
import { stripTrailingSemicolon } from '../catalog/sql-text.ts';
import type { Io } from '../io.ts';
import { isParquet, printRows, resolveOutput, type OutputOptions } from '../render/print-rows.ts';
import { writeFileInPieces } from '../render/write-stream.ts';
import type { GlobalOptions } from '../settings.ts';
import { openForReading } from '../warehouse/database.ts';
import { toUserError } from '../warehouse/duckdb-errors.ts';
import { identifier, type DuckDb } from '../warehouse/duckdb.ts';
import { quarantineTable } from '../warehouse/quarantine-tables.ts';
import { tablesInFile } from '../warehouse/tables.ts';
import { withMemoryGuard } from '../warehouse/user-sql/memory-guard.ts';
import { validateSelect } from '../warehouse/user-sql/user-select.ts';
import type { Row } from '../warehouse/values.ts';
import { addCommonOptions, addOutputOptions, withContext, type CommandContext } from './context.ts';

export const sqlCommand = (io: Io): Command =>
  addCommonOptions(addOutputOptions(new Command('sql')))
    .argument('<statement>', 'SQL query, quoted for the shell')
    .addHelpText(
      'after',
      '\nExample:\n  wattduck sql "select location, count(*) as sessions from charging_sessions group by all order by 2 desc"',
    )
    .action((statement: string, options: GlobalOptions & OutputOptions) =>
      withContext(io, options, (context) => runSql(context, statement, options)),
    );

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
    throw toUserError(error);
  }
}

/** Tables a command may query: all but the hashes of tokens. */
async function readableTables(duckdb: DuckDb, sources: readonly Source[]): Promise<string[]> {
  const existingTables = (await tablesInFile(duckdb)).filter((table) => table !== 'tokens');
  return [...new Set([...existingTables, ...sources.map(({ name }) => name), ...sources.map(quarantineTable)])];
}
