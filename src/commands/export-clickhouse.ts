import { WattduckError } from '../errors/wattduck-error.ts';
import { isQuiet, type Io } from '../io.ts';
import type { GlobalOptions } from '../settings.ts';
import { formatCount, pluralize } from '../text/format-number.ts';
import { toOptionName } from '../text/names.ts';
import { clipped, plainLine } from '../text/plain-text.ts';
import { parseClickHouseAddress, readPassword, type ClickHouseAddress } from '../warehouse/clickhouse/address.ts';
import type { LoadedTable } from '../warehouse/clickhouse-export/export-tables.ts';
import { withContext, type CommandContext } from './context.ts';
import { startSpinner } from './spinner.ts';

/** Options of other exports, which sources do not have. */
const otherOptions = [
  'parquet',
  'period',
  'from',
  'reports',
  'page',
  'format',
  'total',
  'csvSafe',
  'csvDialect',
] as const;

type ClickHouseOptions = GlobalOptions &
  Partial<Record<(typeof otherOptions)[number], unknown>> & { to?: string; cluster?: string; printDdl?: boolean };

/** Whether --to names a database of ClickHouse rather than the end of a period. */
export const isClickHouseTarget = (to: string | undefined): to is string => /^clickhouses?:/i.test(to ?? '');

/** Loads all sources into a database of ClickHouse: only the months that changed since the last export. */
export async function exportToClickHouse(
  io: Io,
  target: string | undefined,
  options: ClickHouseOptions,
): Promise<void> {
  const address = parseClickHouseAddress(options.to!, '--to');
  if (target !== undefined) throw new WattduckError('export_two_targets', { target });
  const other = otherOptions.find((name) => options[name] !== undefined);
  if (other !== undefined)
    throw new WattduckError('options_conflict', { first: 'to clickhouse://…', second: toOptionName(other) });
  if (options.cluster === '') throw new WattduckError('clickhouse_cluster_not_found', { cluster: options.cluster });
  const work = options.printDdl ? printDdl : loadTables;
  await withContext(io, options, (context) => work(context, address, options.cluster));
}

/** Prints the statements that create the tables, for servers on which someone else runs them. */
async function printDdl(
  { io, duckdb, catalog }: CommandContext,
  { database }: ClickHouseAddress,
  cluster: string | undefined,
): Promise<void> {
  const { listTargetTables } = await import('../warehouse/clickhouse-export/list-tables.ts');
  const { createStatements } = await import('../warehouse/clickhouse-export/table-ddl.ts');
  const statements = createStatements(await listTargetTables(duckdb, catalog), { database, cluster });
  io.stdout.write(statements.map((statement) => `${statement};\n`).join('\n'));
}

async function loadTables(
  { io, duckdb, catalog, settings, lockWait, openDatabase }: CommandContext,
  address: ClickHouseAddress,
  cluster: string | undefined,
): Promise<void> {
  const [{ ClickHouse }, { exportTables }, { withWorkDir }] = await Promise.all([
    import('../warehouse/clickhouse/client.ts'),
    import('../warehouse/clickhouse-export/export-tables.ts'),
    import('../render/parquet-file.ts'),
  ]);
  const spinner = await startSpinner(io, 'export');
  // The database may not exist yet.
  const client = new ClickHouse({ ...address, database: 'default' }, readPassword(io.env));
  try {
    const tables = await withWorkDir(async (workDir) => {
      await openDatabase({ workDir });
      return exportTables(duckdb, catalog, {
        client,
        target: { database: address.database, cluster },
        lockWait,
        redact: settings.redact.value,
        memoryLimit: settings.memoryLimit.value,
        onMonth: (name) => spinner.update(name),
      });
    });
    spinner.stop();
    if (!isQuiet(io)) for (const line of summary(address, tables)) io.stderr.write(`${plainLine(line)}\n`);
  } finally {
    spinner.stop();
    await client.close();
  }
}

/** A line per table with rows, and one for the database. */
function summary({ text }: ClickHouseAddress, tables: readonly LoadedTable[]): string[] {
  const shown = tables.filter(({ rows, loaded }) => rows > 0 || loaded > 0);
  const width = Math.max(0, ...shown.map(({ table }) => table.length));
  const total = (key: 'rows' | 'loaded'): number => tables.reduce((sum, each) => sum + each[key], 0);
  const withoutRows = tables.length - shown.length;
  return [
    ...shown.map((table) => `${table.table.padEnd(width)}  ${tableText(table)}`),
    clipped`${text}: ${pluralize(total('rows'), 'row')} in ${pluralize(shown.length, 'table')}${withoutRows > 0 ? `, ${formatCount(withoutRows)} empty` : ''}`,
  ];
}

function tableText({ hasMonths, rows, loaded, unchanged, counts }: LoadedTable): string {
  const changes = (['new', 'updated', 'removed'] as const).flatMap((kind) =>
    counts[kind] > 0 ? `${formatCount(counts[kind])} ${kind}` : [],
  );
  const state = hasMonths
    ? [
        ...(loaded > 0 ? [`${pluralize(loaded, 'month')} loaded`] : []),
        ...(unchanged > 0 ? [`${formatCount(unchanged)} unchanged`] : []),
      ]
    : [loaded > 0 ? 'loaded' : 'unchanged'];
  return [pluralize(rows, 'row'), ...state, ...(changes.length > 0 ? [`(${changes.join(', ')})`] : [])]
    .join(', ')
    .replace(', (', ' (');
}
