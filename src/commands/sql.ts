import { Command } from 'commander';
import { WattduckError } from '../errors.ts';
import { clipped } from '../plain-text.ts';
import type { Io } from '../io.ts';
import { present, type OutputOptions } from '../render/present.ts';
import type { GlobalOptions } from '../settings.ts';
import { openForReading } from '../warehouse/database.ts';
import type { Source } from '../catalog/definitions.ts';
import type { Engine } from '../warehouse/engine.ts';
import { firstLine, isStatementFault, nearName } from '../warehouse/faults.ts';
import { ownSelect, pureFunctions } from '../warehouse/own-select.ts';
import { quarantineOf, showQuarantines } from '../warehouse/quarantine-tables.ts';
import { tablesInFile } from '../warehouse/tables.ts';
import { commonOptions, outputOptions, withSession, type Session } from './session.ts';

export const sqlCommand = (io: Io): Command =>
  commonOptions(outputOptions(new Command('sql')))
    .argument('<statement>', 'SQL, quoted for the shell')
    .addHelpText('after', '\nExample:\n  wattduck sql "select location, count(*) as sessions from charging_sessions group by all order by 2 desc"')
    .action((statement: string, options: GlobalOptions & OutputOptions) =>
      withSession(io, options, (session) => runSql(session, statement, options)));

async function runSql({ io, engine, catalog, settings, patience }: Session, statement: string, options: OutputOptions): Promise<void> {
  const sources = await catalog.sources();
  const named = engine.tablesNamed(statement);
  const redact = settings.redact.value;
  // Names are written in any case; what is hidden, is so in every table.
  const tables = redact ? undefined : named?.map((name) => name.toLowerCase());
  await openForReading(engine, settings.db.value, catalog, { patience, tables, redact });
  try {
    if (redact) await keepToViews(engine, statement, sources);
    const count = await engine.countStatements(statement).catch(() => 1);
    if (count !== 1) throw new WattduckError('usage', clipped`${count} statements`, 'Give one select, without a semicolon inside.');
    await showQuarantines(engine, sources, named ?? []);
    const { columns, isSelect } = await engine.describeThere(statement);
    // DuckDB lets even a closed connection copy into its own log and temporary folder.
    if (!isSelect) throw new WattduckError('usage', 'not a select', 'wattduck sql only reads the database.');
    const rows = await engine.rows(statement);
    await present(io, { columns, rows, total: rows.length, more: '', document: () => rows }, options);
  } catch (error) {
    if (isStatementFault(error)) throw new WattduckError('usage', firstLine(error), hint(error), error);
    throw error;
  }
}

/** What is hidden, is hidden by views: nothing but tables by their names may be read, where functions would read the file itself. */
async function keepToViews(engine: Engine, statement: string, sources: readonly Source[]): Promise<void> {
  const tables = [...new Set([...(await tablesInFile(engine)), ...sources.map(({ name }) => name), ...sources.map(quarantineOf)])];
  await ownSelect(engine, statement, { tables, functions: await pureFunctions(engine) });
}

const hint = (error: Error): string | undefined => nearName(error) ?? (/read-only|Permission/.test(error.message) ? 'wattduck sql only reads the database.' : undefined);
