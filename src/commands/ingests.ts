import { Command } from 'commander';
import type { Io } from '../io.ts';
import type { OutputOptions } from '../render/present.ts';
import type { GlobalOptions } from '../settings.ts';
import { runAndPresent } from './run-and-present.ts';
import { commonOptions, outputOptions, withSession } from './session.ts';

type IngestsOptions = GlobalOptions & OutputOptions & { source?: string; file?: string; limit?: string };

export const ingestsCommand = (io: Io): Command =>
  commonOptions(outputOptions(new Command('ingests')))
    .option('--source <name>', 'only files of this source')
    .option('--file <file>', 'only this file')
    .option('--limit <n>', 'most rows answered')
    .action((options: IngestsOptions) =>
      withSession(io, options, async (session) => {
        const { source, file, limit } = options;
        await runAndPresent(session, await session.catalog.report('ingests'), { source, file, limit }, options);
      }),
    );
