import { Command } from 'commander';
import type { Io } from '../io.ts';
import type { OutputOptions } from '../render/print-rows.ts';
import type { GlobalOptions } from '../settings.ts';
import { addCommonOptions, addOutputOptions } from './context.ts';
import { runReportCommand } from './print-report.ts';

type IngestsOptions = GlobalOptions & OutputOptions & { source?: string; file?: string; limit?: string };

export const ingestsCommand = (io: Io): Command =>
  addCommonOptions(addOutputOptions(new Command('ingests')))
    .option('--source <name>', 'Source to filter by')
    .option('--file <file>', 'File to filter by')
    .option('--limit <n>', 'Maximum number of rows')
    .action((options: IngestsOptions) =>
      runReportCommand(io, options, 'ingests', { source: options.source, file: options.file, limit: options.limit }),
    );
