import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { toFileError } from '../errors/system-error.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import type { Question } from '../map/proposal.ts';
import type { Io } from '../io.ts';
import { openOutputFile } from '../render/output-file.ts';
import { defaultSqlFolder, resolveSettings, type Settings } from '../settings.ts';
import { pluralize } from '../text/format-number.ts';
import { plainLine } from '../text/plain-text.ts';
import { shellWord } from '../text/shell-word.ts';
import { addCommonOptions, withContext, type CommandContext } from './context.ts';
import { readOptions, type IngestFlags } from './ingest.ts';
import { startSpinner } from './spinner.ts';

interface MapFlags extends IngestFlags {
  yes?: boolean;
  output?: string;
  field?: string[];
  value?: string[];
  energyUnit?: 'kWh' | 'Wh';
  durationUnit?: 'seconds' | 'minutes' | 'hours';
  /** False under --no-built-in. */
  builtIn?: boolean;
}

const collect = (value: string, all: string[] = []): string[] => [...all, value];

export const mapCommand = (io: Io): Command =>
  addCommonOptions(new Command('map'))
    .argument('<file>', 'File to import later: plain, gzip or zstd')
    .option('-y, --yes', 'Write the mapping without asking')
    .option('-o, --output <file>', 'Name or path of the mapping file (default: from the name of FILE)')
    .option('--source <name>', 'Table that the rows belong to (default: detect from the columns)')
    .option(
      '--field <column=header>',
      'Column of the file for a column of the table, repeatable; nothing after = for none',
      collect,
    )
    .option('--value <column=text>', 'Text of a column in every row, repeatable', collect)
    .addOption(
      new Option('--date-order <order>', 'Order of day and month in dates like 01/02/2024').choices(['dmy', 'mdy']),
    )
    .addOption(new Option('--decimal-mark <mark>', 'Decimal separator').choices([',', '.']))
    .addOption(new Option('--energy-unit <unit>', 'Unit of the energy').choices(['kWh', 'Wh']))
    .addOption(new Option('--duration-unit <unit>', 'Unit of durations').choices(['seconds', 'minutes', 'hours']))
    .option('--encoding <name>', 'File encoding, for example latin-1 (default: detect)')
    .option(
      '--delimiter <name>',
      'Field separator: comma, semicolon, tab, pipe, space or a character (default: detect)',
    )
    .option('--skip-lines <n>', 'Number of lines above the header (default: detect)')
    .option('--no-built-in', 'Propose a mapping even if a built-in one fits')
    .option('--force', 'Replace a mapping of the same name')
    .option('--json', 'Output the proposal as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  wattduck map sessions.csv\n  wattduck map sessions.csv --tz Europe/Berlin --yes\n  wattduck map sessions.csv --field user_id=Kunde --field rfid=',
    )
    .action((file: string, options: MapFlags) => {
      // The folder that the mapping is written to may be new.
      const [folder] = resolveSettings(options, io.env, io.cwd).sqlDir.value;
      if (folder !== undefined) createFolder(folder);
      return withContext(io, options, (context) => mapFile(context, file, options));
    });

async function mapFile(context: CommandContext, file: string, options: MapFlags): Promise<void> {
  const { io, settings } = context;
  if (file === '-') throw new WattduckError('map_standard_input');
  const { MapSession } = await import('../map/session.ts');
  const isInteractive =
    !options.yes && !options.json && io.stdin === process.stdin && process.stdin.isTTY && io.stdout.isTTY;
  const scratch = mkdtempSync(join(tmpdir(), 'wattduck-'));
  const spinner = await startSpinner(io, `reading ${file}`);
  const session = await MapSession.open(context.duckdb, context.catalog, file, scratch, {
    ...(await readOptions(context, options)),
    builtIn: options.builtIn ?? true,
    answers: {
      ...(options.source === undefined ? {} : { source: options.source }),
      ...(settings.tz.origin === 'default' ? {} : { zone: settings.tz.value, zoneOrigin: settings.tz.origin }),
      fields: parsePairs('--field', options.field),
      values: parsePairs('--value', options.value),
      ...(options.energyUnit ? { energyUnit: options.energyUnit } : {}),
      ...(options.durationUnit ? { durationUnit: options.durationUnit } : {}),
    },
  }).finally(() => spinner.stop());
  try {
    const known = session.knownMapping;
    if (known !== undefined) {
      io.stdout.write(`${plainLine(file)}: known layout (${known}). Run \`wattduck ingest ${plainLine(file)}\`\n`);
      return;
    }
    const path = await targetPath(context, file, options);
    if (existsSync(path) && !options.force) throw new WattduckError('map_target_exists', { path });
    const { askQuestions, confirmMapping } = isInteractive ? await import('./map-prompts.ts') : {};
    if (askQuestions) await askQuestions(io, session);
    const proposal = session.proposal;
    const { printProposal, proposalDocument } = await import('./print-proposal.ts');
    const checking = await startSpinner(io, `checking every row of ${file}`);
    const found = await session.preview().finally(() => checking.stop());
    const preview = found && settings.redact.value ? { ...found, samples: [] } : found;
    const lines = preview && preview.collisions + preview.separated > 0 ? await session.repeatedLines() : [];
    if (options.json) io.stdout.write(`${JSON.stringify(proposalDocument(session, preview))}\n`);
    else printProposal(io, session, preview, lines);
    const open = proposal.questions.filter(({ fallback }) => fallback === undefined || !options.yes);
    if (open.length > 0 && !(isInteractive && open.every(({ fallback }) => fallback !== undefined)))
      throw openQuestionsError(file, open);
    const isConfirmed = options.yes === true || (confirmMapping !== undefined && (await confirmMapping(path)));
    if (!isConfirmed) throw new WattduckError('map_not_confirmed', { file, path: displayPath(io, path) });
    save(context, path, session.text());
    io.stderr.write(`wrote ${plainLine(displayPath(io, path))}\n`);
    io.stderr.write(`next: wattduck ingest ${plainLine(shellWord(file))}${ingestOptions(context, path, options)}\n`);
  } finally {
    await session.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A path as the user would type it. */
const displayPath = ({ cwd }: Io, path: string): string => {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
};

/** Options that `ingest` needs to find the mapping and to read the file. */
function ingestOptions({ io, settings }: CommandContext, path: string, options: MapFlags): string {
  const isFound = path.startsWith(`${join(sqlFolder(io, settings), 'mappings')}/`);
  return [
    ...(isFound ? [] : [`--mapping ${shellWord(path)}`]),
    ...(isFound && options.sqlDir ? options.sqlDir.map((folder) => `--sql-dir ${shellWord(folder)}`) : []),
    ...(options.encoding === undefined ? [] : [`--encoding ${shellWord(options.encoding)}`]),
    ...(options.delimiter === undefined ? [] : [`--delimiter ${shellWord(options.delimiter)}`]),
    ...(options.skipLines === undefined ? [] : [`--skip-lines ${options.skipLines}`]),
  ]
    .map((option) => ` ${option}`)
    .join('');
}

function parsePairs(option: string, values: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    values.map((value) => {
      const at = value.indexOf('=');
      if (at < 1)
        throw new WattduckError('map_field_format', {
          option,
          value,
          example: option === '--field' ? '--field user_id=Customer' : '--value currency=EUR',
        });
      return [value.slice(0, at).trim(), value.slice(at + 1).trim()];
    }),
  );
}

/** The folder of the user's own SQL files that mappings are written to. */
const sqlFolder = ({ cwd }: Io, { sqlDir }: Settings): string => sqlDir.value[0] ?? resolve(cwd, defaultSqlFolder);

/** Path of the mapping file: in the first folder of the user's SQL files, unless the user names a path. */
async function targetPath(
  { io, settings, catalog }: CommandContext,
  file: string,
  { output }: MapFlags,
): Promise<string> {
  if (output !== undefined && /[/\\]/.test(output)) return output.endsWith('.sql') ? output : `${output}.sql`;
  const folder = sqlFolder(io, settings);
  const stem = (
    output ?? basename(file).replace(/\.(gz|zst|csv|tsv|txt|json|ndjson|jsonl|parquet)(\.(gz|zst))?$/i, '')
  ).replace(/\.sql$/, '');
  const name = stem
    .normalize('NFD')
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .replaceAll(/[^A-Za-z0-9_]/g, '')
    .replaceAll(/^_+|_+$/g, '')
    .toLowerCase();
  const builtIn = (await catalog.mappings()).filter(({ isBuiltIn }) => isBuiltIn).map((mapping) => mapping.name);
  const free = name === '' ? 'mapping' : builtIn.includes(name) ? `my_${name}` : name;
  return join(folder, 'mappings', `${free}.sql`);
}

function save({ io, settings }: CommandContext, path: string, text: string): void {
  const folder = join(sqlFolder(io, settings), 'mappings');
  if (path.startsWith(folder)) createFolder(folder);
  const file = openOutputFile(path);
  file.write(text);
  file.keep();
}

function createFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw toFileError(error, path);
  }
}

/** The error that names the options that answer the open questions. */
function openQuestionsError(file: string, questions: readonly Question[]): WattduckError {
  const options = questions.map(({ option, column, choices }) => {
    const [first] = choices;
    if (column !== undefined) return `${option} ${column}=${shellWord(first?.value ?? 'TEXT')}`;
    return `${option} ${option === '--tz' ? 'ZONE' : choices.map(({ value }) => value).join('|')}`;
  });
  const hasFallbacks = questions.every(({ fallback }) => fallback !== undefined);
  return new WattduckError('map_open_questions', {
    file,
    questions: pluralize(questions.length, 'question'),
    options: `${options.join(', ')}${hasFallbacks ? ', or run again with --yes' : ''}`,
  });
}
