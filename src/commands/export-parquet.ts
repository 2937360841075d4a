import { WattduckError } from '../errors/wattduck-error.ts';
import { isQuiet, type Io } from '../io.ts';
import { assertNoUrl, type GlobalOptions } from '../settings.ts';
import { formatCount, pluralize } from '../text/format-number.ts';
import { toOptionName } from '../text/names.ts';
import { clipped, plainLine } from '../text/plain-text.ts';
import type { FolderResult, TableResult } from '../warehouse/parquet-folder/export-folder.ts';
import { withContext, type CommandContext } from './context.ts';
import { startSpinner } from './spinner.ts';

/** Options of reports, which a folder of sources does not have. */
const reportOptions = ['period', 'from', 'to', 'reports', 'page', 'format', 'total', 'csvSafe', 'csvDialect'] as const;

type ParquetOptions = GlobalOptions & Partial<Record<(typeof reportOptions)[number], unknown>>;

/** Writes all sources to a Parquet folder: only the months that changed since the last export. */
export async function exportParquet(io: Io, target: string, options: ParquetOptions): Promise<void> {
  const other = reportOptions.find((name) => options[name] !== undefined);
  if (other !== undefined)
    throw new WattduckError('options_conflict', { first: 'parquet', second: toOptionName(other) });
  assertNoUrl(target, 'export --parquet');
  await withContext(io, options, (context) => writeFolder(context, target));
}

async function writeFolder(context: CommandContext, target: string): Promise<void> {
  const { io, duckdb, catalog, settings, lockWait, openDatabase } = context;
  const { assertReadable } = await import('../warehouse/database.ts');
  const { exportFolder, withLockedFolder } = await import('../warehouse/parquet-folder/export-folder.ts');
  // A missing database must not leave a folder behind.
  assertReadable(settings.db.value, target);
  const spinner = await startSpinner(io, 'export');
  try {
    const result = await withLockedFolder(target, catalog, lockWait, async (folder) => {
      await openDatabase({ workDir: folder.staging });
      return exportFolder(duckdb, catalog, folder, {
        database: settings.db.value,
        now: io.now(),
        redact: settings.redact.value,
        onFile: (name) => spinner.update(name),
      });
    });
    spinner.stop();
    if (!isQuiet(io)) for (const line of summary(target, result)) io.stderr.write(`${plainLine(line)}\n`);
  } finally {
    spinner.stop();
  }
}

/** A line per table that has rows or had some, and one for the folder. */
function summary(target: string, { tables, bytes }: FolderResult): string[] {
  const shown = tables.filter(({ rows, removed }) => rows + removed > 0);
  const width = Math.max(0, ...shown.map(({ table }) => table.length));
  const total = (key: 'written' | 'unchanged' | 'removed'): number => tables.reduce((sum, each) => sum + each[key], 0);
  return [
    ...shown.map((result) => `${result.table.padEnd(width)}  ${tableText(result)}`),
    clipped`${target}: ${pluralize(total('written'), 'file')} written, ${formatCount(total('unchanged'))} unchanged, ${formatCount(total('removed'))} removed (${(bytes / 1e6).toFixed(1)} MB)`,
  ];
}

const tableText = ({ rows, written, unchanged, removed }: TableResult): string =>
  [
    pluralize(rows, 'row'),
    ...(written > 0 ? [`${formatCount(written)} written`] : []),
    ...(unchanged > 0 ? [`${formatCount(unchanged)} unchanged`] : []),
    ...(removed > 0 ? [`${formatCount(removed)} removed`] : []),
  ].join(', ');
