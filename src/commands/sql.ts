import { Command } from 'commander';
import { WattduckError } from '../errors.ts';
import type { Io } from '../io.ts';
import { present, type OutputOptions } from '../render/present.ts';
import type { GlobalOptions } from '../settings.ts';
import { openForReading } from '../warehouse/database.ts';
import { firstLine, isStatementFault } from '../warehouse/faults.ts';
import { commonOptions, outputOptions, withSession, type Session } from './session.ts';

export const sqlCommand = (io: Io): Command =>
  commonOptions(outputOptions(new Command('sql')))
    .argument('<statement>', 'SQL, quoted for the shell')
    .addHelpText('after', '\nExample:\n  wattduck sql "select location, count(*) as sessions from charging_sessions group by all order by 2 desc"')
    .action((statement: string, options: GlobalOptions & OutputOptions) =>
      withSession(io, options, (session) => runSql(session, statement, options)));

async function runSql({ io, engine, catalog, settings, patience }: Session, statement: string, options: OutputOptions): Promise<void> {
  if (settings.redact.value && engine.namesDatabases(statement)) {
    throw new WattduckError('usage', 'a table named with its database before it would not be redacted', 'Name tables by their names alone.');
  }
  await openForReading(engine, settings.db.value, catalog, { patience, tables: engine.tablesNamed(statement), redact: settings.redact.value });
  const count = await engine.countStatements(statement).catch(() => 1);
  if (count !== 1) throw new WattduckError('usage', `${count} statements`, 'Give one select, without a semicolon inside.');
  try {
    const { columns, isSelect } = await engine.describeThere(statement);
    // DuckDB lets even a closed connection copy into its own log and temporary folder.
    if (!isSelect) throw new WattduckError('usage', 'not a select', 'wattduck sql only reads the database.');
    const rows = await engine.rows(statement);
    await present(io, { columns, rows, total: rows.length, more: '', document: () => rows }, options);
  } catch (error) {
    if (isStatementFault(error)) throw new WattduckError('usage', firstLine(error), hint(error.message), error);
    throw error;
  }
}

function hint(message: string): string | undefined {
  const near = /Did you mean "([^"]+)"/.exec(message)?.[1];
  if (near) return `Did you mean ${near}?`;
  return /read-only|Permission/.test(message) ? 'wattduck sql only reads the database.' : undefined;
}
