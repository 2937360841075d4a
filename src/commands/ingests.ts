import { Command } from 'commander';
import type { Io } from '../io.ts';
import type { OutputOptions } from '../render/print-rows.ts';
import type { GlobalOptions } from '../settings.ts';
import { addCommonOptions, addOutputOptions, withContext } from './context.ts';
import { runAndPrint } from './print-report.ts';

type IngestsOptions = GlobalOptions & OutputOptions & { source?: string; file?: string; limit?: string };

export const ingestsCommand = (io: Io): Command =>
  addCommonOptions(addOutputOptions(new Command('ingests')))
    .option('--source <name>', 'Source to filter by')
    .option('--file <file>', 'File to filter by')
    .option('--limit <n>', 'Maximum number of rows')
    .action((options: IngestsOptions) =>
      withContext(io, options, async (context) => {
        const { source, file, limit } = options;
        await runAndPrint(context, await context.catalog.report('ingests'), { source, file, limit }, options);
      }),
    );
