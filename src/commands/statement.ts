import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Command } from 'commander';
import type { RawParameters } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import type { Io } from '../io.ts';
import { createFolder, isFolder } from '../render/output-folder.ts';
import { openOutputFile, type OutputFile } from '../render/output-file.ts';
import { hasKnownExtension } from '../render/output-formats.ts';
import { statementPage, type Statement, type StatementLine, type StatementTexts } from '../render/statement-page.ts';
import { writeStream } from '../render/write-stream.ts';
import { zoneTables } from '../reports/report-zone.ts';
import { runReport, type Answer, type RunContext } from '../reports/run-report.ts';
import { findRole } from '../catalog/period-parameters.ts';
import type { GlobalOptions } from '../settings.ts';
import { pluralize } from '../text/format-number.ts';
import { plainLine } from '../text/plain-text.ts';
import type { Row } from '../warehouse/values.ts';
import { addCommonOptions, withDefinitions, type CommandContext } from './context.ts';
import { createRunContext } from './print-report.ts';

interface StatementOptions extends GlobalOptions {
  user?: string;
  idTag?: string;
  all?: boolean;
  per?: string;
  month: string;
  vat?: string;
  output?: string;
}

export const statementCommand = (io: Io): Command =>
  addCommonOptions(new Command('statement'))
    .option('--user <id>', 'User to bill')
    .option('--id-tag <id>', 'RFID token to bill')
    .option('--all', 'Bill every user, or every token with --per id-tag')
    .option('--per <what>', 'With --all: one statement per user or per id-tag (default: user)')
    .option('--month <month>', 'Month, such as 2025-11, last-month or this-month', 'last-month')
    .option('--vat <percent>', 'VAT rate to add to the recorded amounts (default: none)')
    .option('-o, --output <file>', 'HTML file with all statements, or folder for a file each (default: stdout)')
    .addHelpText(
      'after',
      '\nExamples:\n  wattduck statement --user user_0042 --month 2025-11 --vat 19 -o statement.html\n  wattduck statement --id-tag 04A1B2C3 --month last-month -o tag.html\n  wattduck statement --all --month 2025-11 -o statements',
    )
    .action(async (options: StatementOptions) => {
      const request = parseOptions(options);
      return withDefinitions(io, options, async ({ catalog, query }) => {
        const report = await catalog.report('statement_sessions');
        await query([report], async (context) => {
          await context.openData({ tables: [...report.tables, ...zoneTables] });
          const answer = await runReport(context.duckdb, report, request.params, runContext(context), true);
          await writeStatements(context, answer, request, options);
        });
      });
    });

/** Messages name the options of this command. */
const optionNames: Readonly<Record<string, string>> = { user_id: '--user', rfid: '--id-tag', period: '--month' };

function runContext(context: CommandContext): RunContext {
  const run = createRunContext(context);
  return { ...run, label: (name) => optionNames[name] ?? run.label(name) };
}

/** What to bill. */
interface StatementRequest {
  params: RawParameters;
  kind: Statement['holder']['kind'];
  vatPercent: number | undefined;
  /** Folder for a file per statement. */
  folder: string | undefined;
}

/** @throws WattduckError (usage) for options that are missing, invalid or do not fit each other */
function parseOptions({ user, idTag, all, per, month, vat, output }: StatementOptions): StatementRequest {
  const chosen = [user === undefined ? [] : 'user', idTag === undefined ? [] : 'id-tag', all ? 'all' : []].flat();
  if (chosen.length === 0) throw new WattduckError('statement_without_holder');
  if (chosen.length > 1) throw new WattduckError('options_conflict', { first: chosen[0], second: chosen[1] });
  if (per !== undefined && !all)
    throw new WattduckError('option_requires_option', { option: 'per', required: '--all' });
  if (per !== undefined && per !== 'user' && per !== 'id-tag')
    throw new WattduckError('invalid_choice', {
      value: per,
      parameter: '--per',
      suggestion: 'Accepted: user, id-tag.',
    });
  if (!/^(\d{4}-(0[1-9]|1[0-2])|last-month|this-month)$/.test(month) || month.startsWith('0000'))
    throw new WattduckError('invalid_month', { value: month });
  if (vat !== undefined && !(/^\d{1,3}(\.\d{1,4})?$/.test(vat) && Number(vat) <= 100))
    throw new WattduckError('invalid_vat', { value: vat });
  const isHtml = output !== undefined && /\.html?$/i.test(output) && !isFolder(output);
  if (output !== undefined && !isHtml && hasKnownExtension(output) && !isFolder(output))
    throw new WattduckError('statement_target_not_html', { target: output });
  const perTag = idTag !== undefined || per === 'id-tag';
  return {
    params: {
      per: perTag ? 'rfid' : 'user',
      period: month,
      sort: 'start_time',
      ...(user === undefined ? {} : { user_id: user }),
      ...(idTag === undefined ? {} : { rfid: idTag }),
    },
    kind: perTag ? 'RFID token' : 'User',
    vatPercent: vat === undefined ? undefined : Number(vat),
    folder: output === undefined || isHtml ? undefined : output,
  };
}

async function writeStatements(
  { io }: Pick<CommandContext, 'io'>,
  answer: Answer,
  { kind, vatPercent, folder }: StatementRequest,
  { output, user, idTag }: StatementOptions,
): Promise<void> {
  const { report, rawValues, zone, emptyReason } = answer;
  const day = (role: 'period_start' | 'period_end'): string => rawValues[findRole(report, role)!.name]!;
  const texts: StatementTexts = {
    from: day('period_start'),
    to: day('period_end'),
    zone: zone?.name ?? 'UTC',
    vatPercent,
    notes: [],
  };
  const month = texts.from.slice(0, 7);
  const { statements, nobody } = groupSessions(answer.rows, kind);
  if (statements.length === 0)
    throw new WattduckError('no_statement', {
      whose: user !== undefined ? ` of user ${user}` : idTag !== undefined ? ` of RFID token ${idTag}` : '',
      month,
      reason: emptyReason === undefined ? '' : `${emptyReason[0]!.toUpperCase()}${emptyReason.slice(1)}`,
    });
  const note = (text: string): unknown => io.stderr.write(`${plainLine(text)}\n`);
  if (folder === undefined) await writeStream(io, page(statements, texts), output);
  else writeFiles(folder, month, statements, texts);
  if (nobody > 0)
    note(
      `${pluralize(nobody, 'session')} without ${kind === 'User' ? 'a user' : 'an RFID token'} left out of the statements`,
    );
  if (output !== undefined)
    note(`${output}: ${pluralize(statements.length, 'statement')} for ${month} (${texts.zone})`);
}

async function* page(statements: readonly Statement[], texts: StatementTexts): AsyncGenerator<string> {
  yield statementPage(statements, texts);
}

/**
 * Groups sessions by user or token and by currency, sorted by ID; counts those of nobody. Sessions without amount and currency
 * belong to the first statement of their user.
 */
export function groupSessions(
  rows: readonly Row[],
  kind: Statement['holder']['kind'],
): { statements: Statement[]; nobody: number } {
  const holders = new Map<string, Row[]>();
  for (const row of rows) {
    if (typeof row['id'] !== 'string') continue;
    const sessions = holders.get(row['id']) ?? [];
    sessions.push(row);
    holders.set(row['id'], sessions);
  }
  const statements = [...holders]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([id, sessions]) => {
      const name = sessions.map((session) => session['name']).find((each) => typeof each === 'string') ?? null;
      const currencies = [
        ...new Set(sessions.flatMap(({ currency }) => (typeof currency === 'string' ? currency : []))),
      ];
      const [first, ...others] = currencies.toSorted();
      return [first, ...others].map((currency): Statement => ({
        holder: { kind, id, name: name as string | null },
        currency,
        lines: sessions.filter((session) => (session['currency'] ?? first) === currency).map(toLine),
      }));
    });
  return { statements, nobody: rows.filter(({ id }) => typeof id !== 'string').length };
}

const toLine = (row: Row): StatementLine => ({
  sessionId: String(row['session_id']),
  start: String(row['start_time']),
  station: String(row['station_id']),
  location: row['location'] === null ? null : String(row['location']),
  state: row['state'] as StatementLine['state'],
  energyKwh: row['energy_kwh'] as number | null,
  minutes: row['minutes'] as number | null,
  pricePerKwh: row['price_per_kwh'] as number | null,
  amount: row['amount'] as number | null,
});

/** Writes a file per statement; they are moved into place when all are complete. */
function writeFiles(folder: string, month: string, statements: readonly Statement[], texts: StatementTexts): void {
  createFolder(folder);
  const names = fileNames(month, statements);
  const staged: OutputFile[] = [];
  try {
    for (const [at, statement] of statements.entries()) {
      const file = openOutputFile(join(folder, names[at]!));
      staged.push(file);
      file.write(statementPage([statement], texts));
      file.close();
    }
    while (staged.length > 0) {
      staged[0]!.keep();
      staged.shift();
    }
  } finally {
    for (const file of staged) file.discard();
  }
}

/** Names of files, the same in every run: month, ID, and the currency if a user has several. */
function fileNames(month: string, statements: readonly Statement[]): string[] {
  const currencies = new Map<string, number>();
  for (const { holder } of statements) currencies.set(holder.id, (currencies.get(holder.id) ?? 0) + 1);
  return statements.map(({ holder, currency }) => {
    const safe = holder.id.replaceAll(/[^\w.@-]+/g, '_').slice(0, 80);
    // IDs that differ in other characters, or in case alone, need names of their own.
    const isPlain = safe === holder.id && safe === safe.toLowerCase();
    const hash = isPlain ? '' : `-${createHash('sha256').update(holder.id).digest('hex').slice(0, 8)}`;
    const suffix = currencies.get(holder.id)! > 1 ? `-${currency ?? 'none'}` : '';
    return `statement-${month}-${safe}${hash}${suffix}.html`;
  });
}
