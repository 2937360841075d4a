import { Command } from 'commander';
import type { Io } from '../io.ts';
import { printRows, type OutputOptions } from '../render/print-rows.ts';
import { configName, listSettings, resolveSettings, type GlobalOptions } from '../settings.ts';
import { addCommonOptions, addOutputOptions } from './context.ts';

export const configCommand = (io: Io): Command =>
  addCommonOptions(addOutputOptions(new Command('config')))
    .addHelpText(
      'after',
      `\nA setting comes from its option, else its WATTDUCK_* variable, else ${configName} in this or the nearest parent folder.\n\nExamples:\n  wattduck config\n  WATTDUCK_TZ=Europe/Berlin wattduck config --json`,
    )
    .action(async (options: GlobalOptions & OutputOptions) => {
      const settings = listSettings(resolveSettings(options, io.env, io.cwd));
      const rows = settings.map(({ name, value, origin }) => ({ setting: name, value, origin }));
      const columns = ['setting', 'value', 'origin'].map((name) => ({ name, type: 'VARCHAR' }));
      await printRows(io, { columns, rows, total: rows.length, moreHint: '', document: () => rows }, options);
    });
