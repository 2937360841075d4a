import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { mappingTemplate } from '../ingest/mapping-template.ts';
import type { Io } from '../io.ts';
import { printRows, type OutputOptions } from '../render/print-rows.ts';
import type { GlobalOptions } from '../settings.ts';
import type { Row } from '../warehouse/values.ts';
import {
  addCommonOptions,
  addOutputOptions,
  withContext,
  withDefinitions,
  type CommandContext,
  type DefinitionContext,
} from './context.ts';

type SourcesOptions = GlobalOptions & OutputOptions & { template?: boolean };

export function sourcesCommand(io: Io): Command {
  const command = new Command('sources');
  addCommonOptions(
    addOutputOptions(command.command('list', { isDefault: true }).description('List sources and their row counts')),
  ).action((options: SourcesOptions) => withContext(io, options, (context) => list(context, options)));
  addCommonOptions(
    addOutputOptions(command.command('describe').description('List the columns of a source and the accepted names')),
  )
    .argument('<name>', 'Source name')
    .option('--template', 'Print a mapping to start from, for files in another format')
    .action((name: string, options: SourcesOptions) =>
      withDefinitions(io, options, async (context) => {
        if (options.template) io.stdout.write(mappingTemplate(await context.catalog.source(name)));
        else await describe(context, name, options);
      }),
    );
  addCommonOptions(
    addOutputOptions(
      command.command('mappings').description('List the known formats and the fields that identify them'),
    ),
  ).action((options: SourcesOptions) => withDefinitions(io, options, (context) => mappings(context, options)));
  return command;
}

async function list(
  { io, duckdb, catalog, settings, lockWait }: CommandContext,
  options: OutputOptions,
): Promise<void> {
  if (existsSync(settings.db.value)) {
    const { openForReading } = await import('../warehouse/database.ts');
    await openForReading(duckdb, settings.db.value, catalog, { lockWait });
  }
  const { countStored } = await import('../warehouse/tables.ts');
  const rows: Row[] = [];
  for (const source of await catalog.sources()) {
    rows.push({
      source: source.name,
      row_count: await countStored(duckdb, source.name),
      key: source.key.join(', '),
      version: source.version,
      what: source.title,
    });
  }
  const columns = [
    { name: 'source', type: 'VARCHAR' },
    { name: 'row_count', type: 'BIGINT', unit: 'count' },
    { name: 'key', type: 'VARCHAR' },
    { name: 'version', type: 'VARCHAR' },
    { name: 'what', type: 'VARCHAR' },
  ];
  await printRows(io, { columns, rows, total: rows.length, moreHint: '', document: () => rows }, options);
}

async function describe({ io, catalog }: DefinitionContext, name: string, options: OutputOptions): Promise<void> {
  const source = await catalog.source(name);
  const rows = source.columns.map((column): Row => ({
    column: column.name,
    type: column.type,
    required: column.required ? 'yes' : '',
    names_accepted: column.aliases.join(', '),
    what:
      column.description + (column.unit ? ` (${column.unit})` : '') + (column.personal ? '; hidden by --redact' : ''),
  }));
  const columns = ['column', 'type', 'required', 'names_accepted', 'what'].map((each) => ({
    name: each,
    type: 'VARCHAR',
  }));
  await printRows(io, { columns, rows, total: rows.length, moreHint: '', document: () => source }, options);
}

async function mappings({ io, catalog }: DefinitionContext, options: OutputOptions): Promise<void> {
  const rows = (await catalog.mappings()).map(({ name, source, title, detectBy }): Row => ({
    mapping: name,
    source,
    what: title,
    recognised_by: detectBy.join(', '),
  }));
  const columns = ['mapping', 'source', 'what', 'recognised_by'].map((each) => ({ name: each, type: 'VARCHAR' }));
  await printRows(io, { columns, rows, total: rows.length, moreHint: '', document: () => rows }, options);
}
