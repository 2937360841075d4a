import { existsSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { Catalog } from '../catalog/catalog.ts';
import type { RawParameters, Report } from '../catalog/definitions.ts';
import { findRole, periodInsteadOf } from '../catalog/period-parameters.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { writeDetails, writeError, type Io } from '../io.ts';
import { createFolder, isFolder } from '../render/output-folder.ts';
import { openOutputFile, type OutputFile } from '../render/output-file.ts';
import { dialectOptions, exportFormats, hasKnownExtension, type ExportFormat } from '../render/output-formats.ts';
import type { Sheet } from '../render/print-rows.ts';
import { emptySourceReason } from '../reports/data-notes.ts';
import { zoneTables } from '../reports/report-zone.ts';
import type { GlobalOptions } from '../settings.ts';
import { parsePeriod, suggestPeriod } from '../text/calendar-period.ts';
import { pluralize } from '../text/format-number.ts';
import { suggest, toKebabCase } from '../text/names.ts';
import { clipMessage, plainLine } from '../text/plain-text.ts';
import { addCommonOptions, withDefinitions, type CommandContext, type DefinitionContext } from './context.ts';
import { exportToClickHouse, isClickHouseTarget } from './export-clickhouse.ts';
import { readSheet, writeReport, type ExportedReport, type ExportItem } from './export-report.ts';
import { findPage } from './page.ts';
import { startSpinner } from './spinner.ts';

interface ExportOptions extends GlobalOptions {
  period?: string;
  from?: string;
  to?: string;
  reports?: string;
  page?: string;
  format?: string;
  total?: boolean;
  csvSafe?: boolean;
  csvDialect?: string;
  parquet?: boolean;
  cluster?: string;
  printDdl?: boolean;
  debug?: boolean;
}

export const exportCommand = (io: Io): Command =>
  addCommonOptions(new Command('export'))
    .argument('[target]', 'Folder to write a file per report to, or an .xlsx file with a sheet per report')
    .option('--parquet', 'All sources as Parquet, in a folder that --db can open, instead of reports')
    .option('--period <period>', 'Named period, such as last-month or 2025-02 (default: all data)')
    .option('--from <time>', 'Start of the period')
    .option(
      '--to <time>',
      'End of the period; a bare date includes the whole day. Or clickhouse://user@host:8123/database, to load all sources there',
    )
    .option('--cluster <name>', 'Cluster of ClickHouse whose nodes share the rows')
    .option('--print-ddl', 'Statements that create the tables of ClickHouse, without connecting')
    .option('--reports <names>', 'Reports to write, separated by commas (default: the ten most useful that have data)')
    .option('--page <name>', 'Page whose reports to write: network, or with an ID site/site_03')
    .addOption(
      new Option('-f, --format <format>', `File format: ${exportFormats.join(', ')} (default: csv, for .xlsx xlsx)`),
    )
    .option('--total', 'Add a total to reports that have one')
    .option('--csv-safe', 'Prefix CSV and TSV values that a spreadsheet would run as formulas with a quote')
    .option('--csv-dialect <name>', 'CSV for Excel, such as excel-de')
    .addHelpText(
      'after',
      '\nExamples:\n  wattduck export monthly --period last-month\n  wattduck export february.xlsx --period 2025-02\n  wattduck export out --reports station-analytics,user-usage --format html\n  wattduck export site_03.xlsx --page site/site_03 --period last-month\n  wattduck export --parquet /mnt/share/network && wattduck report revenue-summary --db /mnt/share/network\n  wattduck export --to clickhouse://loader@ch1.example.com:8123/ev',
    )
    .action(async (target: string | undefined, options: ExportOptions) => {
      if (isClickHouseTarget(options.to)) return exportToClickHouse(io, target, options);
      const option = options.cluster === undefined ? options.printDdl && 'print-ddl' : 'cluster';
      if (option) throw new WattduckError('export_needs_to', { option });
      if (target === undefined) throw new WattduckError('export_without_target', {});
      if (options.parquet) return (await import('./export-parquet.ts')).exportParquet(io, target, options);
      const format = selectFormat(target, options);
      return withDefinitions(io, options, (context) => exportReports(context, target, format, options));
    });

const isWorkbookPath = (target: string): boolean => /\.xlsx$/i.test(target) && !isFolder(target);

/** @throws WattduckError (usage) for options that do not fit each other or the target */
function selectFormat(
  target: string,
  { format, reports, page, period, from, to, csvDialect, csvSafe }: ExportOptions,
): ExportFormat {
  if (reports !== undefined && page !== undefined)
    throw new WattduckError('options_conflict', { first: 'reports', second: 'page' });
  const isWorkbook = isWorkbookPath(target);
  if (!isWorkbook && !isFolder(target) && (hasKnownExtension(target) || existsSync(target)))
    throw new WattduckError('export_target_not_folder', { target });
  if (format !== undefined && !(exportFormats as readonly string[]).includes(format))
    throw new WattduckError('invalid_choice', {
      value: format,
      parameter: '--format',
      suggestion: suggest(format, exportFormats, 'Accepted'),
    });
  if (isWorkbook && format !== undefined && format !== 'xlsx')
    throw new WattduckError('export_format_not_xlsx', { target, format });
  const bound = from === undefined ? to && 'to' : 'from';
  if (period !== undefined && bound) throw new WattduckError('options_conflict', { first: 'period', second: bound });
  // The day does not matter: it is only whether the text is a period.
  if (period !== undefined && !parsePeriod(period, '2000-01-01'))
    throw new WattduckError('invalid_period', {
      value: period,
      parameter: '--period',
      suggestion: suggestPeriod(period),
    });
  const selected = (format as ExportFormat | undefined) ?? (isWorkbook ? 'xlsx' : 'csv');
  if (csvDialect !== undefined && selected !== 'csv')
    throw new WattduckError('csv_dialect_without_csv', { format: selected });
  if (csvDialect !== undefined) dialectOptions(csvDialect);
  if (csvSafe && selected !== 'csv' && selected !== 'tsv')
    throw new WattduckError('csv_safe_without_csv', { format: selected });
  return selected;
}

async function exportReports(
  context: DefinitionContext,
  target: string,
  format: ExportFormat,
  options: ExportOptions,
): Promise<void> {
  const items = await selectItems(context, format, options);
  const reports = items.flatMap(({ report, daily }) => [report, daily ?? []].flat());
  await context.query(reports, async (open) => {
    const tables = [...new Set([...reports.flatMap((report) => report.tables), ...zoneTables])];
    const run = new ExportRun(open, items, options.reports === undefined, options.debug ?? false);
    const write = async (workDir?: string): Promise<void> => {
      await open.openData({ tables, workDir });
      await (isWorkbookPath(target) ? run.writeWorkbook(target) : run.writeFolder(target, format, options));
    };
    if (format !== 'parquet') return write();
    return (await import('../render/parquet-file.ts')).withWorkDir(write);
  });
}

/** The reports to export, each with the parameters that it has. */
async function selectItems(
  { catalog }: DefinitionContext,
  format: ExportFormat,
  { reports, page, period, from, to, total }: ExportOptions,
): Promise<ExportItem[]> {
  const selected =
    page === undefined
      ? (await selectReports(catalog, reports)).map((report) => ({ report, fixed: {}, isWhole: false, needs: [] }))
      : await reportsOfPage(catalog, page);
  const items: ExportItem[] = [];
  for (const { report, fixed, isWhole, needs } of selected) {
    assertNeedsNothing(report, fixed, period ?? from);
    const hasRole = (role: 'period' | 'period_start' | 'period_end' | 'total'): boolean =>
      findRole(report, role) !== undefined && !(isWhole && role !== 'total');
    const params: RawParameters = {
      ...fixed,
      ...(period !== undefined && hasRole('period') ? { period } : {}),
      ...(from !== undefined && hasRole('period_start') ? { from } : {}),
      ...(to !== undefined && hasRole('period_end') ? { to } : {}),
      ...(total && hasRole('total') && !['json', 'ndjson', 'parquet'].includes(format) ? { total: 'true' } : {}),
    };
    const wanted = [period, from, to].filter((value) => value !== undefined);
    const ignoresPeriod = wanted.some((value) => !Object.values(params).includes(value));
    const daily = report.forecast?.daily === undefined ? undefined : await catalog.report(report.forecast.daily);
    items.push({ report, params, daily, ignoresPeriod, needs });
  }
  return items;
}

interface SelectedReport {
  report: Report;
  /** Parameters that the page sets. */
  fixed: RawParameters;
  /** Whether the period of the page does not limit it. */
  isWhole: boolean;
  needs: readonly string[];
}

/** The named reports, or the most useful ones. */
async function selectReports(catalog: Catalog, names: string | undefined): Promise<Report[]> {
  if (names === undefined) return (await catalog.reports()).filter(({ listing }) => listing === 'top');
  const unique = new Set(names.split(',').map((name) => name.trim()));
  return Promise.all([...unique].map((name) => catalog.report(name)));
}

/**
 * The reports of a page's tiles, each once, with the parameters that the page and its ID set.
 * @throws WattduckError (page_not_found, export_page_needs_id, export_page_without_id)
 */
async function reportsOfPage(catalog: Catalog, text: string): Promise<SelectedReport[]> {
  const [, name, id] = /^([^/]*)\/?(.*)$/s.exec(text)!;
  const page = await findPage({ catalog }, name!);
  const pageName = toKebabCase(page.name);
  if (page.subject !== undefined && id === '') throw new WattduckError('export_page_needs_id', { page: pageName });
  if (page.subject === undefined && id !== '') throw new WattduckError('export_page_without_id', { page: pageName });
  const tiles = new Map(page.tiles.toReversed().map((tile) => [tile.report, tile]));
  return Promise.all(
    page.tiles
      .filter((tile) => tiles.get(tile.report) === tile)
      .map(async (tile) => {
        const report = await catalog.report(tile.report);
        const subject = page.subject === undefined ? undefined : findRole(report, page.subject);
        return {
          report,
          fixed: { ...tile.params, ...(subject ? { [subject.name]: id } : {}) },
          isWhole: tile.ignore.includes('period'),
          needs: tile.needs,
        };
      }),
  );
}

/** @throws WattduckError (export_needs_parameter) for a report with a required parameter that export cannot set */
function assertNeedsNothing({ name, parameters }: Report, fixed: RawParameters, start: string | undefined): void {
  const missing = parameters.find(
    (each) =>
      each.required &&
      each.default === undefined &&
      fixed[each.name] === undefined &&
      !(start !== undefined && (periodInsteadOf(each, parameters) ?? each.role === 'period_start')),
  );
  if (missing)
    throw new WattduckError('export_needs_parameter', {
      report: toKebabCase(name),
      parameter: `--${toKebabCase(missing.name)}`,
    });
}

/** Max names of reports before a note about them. */
const maxNames = 3;

/** One export: its reports, and what became of each of them. */
class ExportRun {
  readonly #context: CommandContext;
  readonly #items: readonly ExportItem[];
  /** Whether reports without data are left out. */
  readonly #skipsEmpty: boolean;
  readonly #debug: boolean;
  readonly #written: ExportItem[] = [];
  readonly #lines: [name: string, result: string][] = [];
  readonly #leftOut: [name: string, reason: string][] = [];
  readonly #failures: WattduckError[] = [];
  readonly #notes = new Map<string, string[]>();

  constructor(context: CommandContext, items: readonly ExportItem[], skipsEmpty: boolean, debug: boolean) {
    this.#context = context;
    this.#items = items;
    this.#skipsEmpty = skipsEmpty;
    this.#debug = debug;
  }

  /** Writes a file per report. Files are moved into place when all are complete; those of failed reports stay as they are. */
  async writeFolder(folder: string, format: ExportFormat, options: ExportOptions): Promise<void> {
    const isNew = createFolder(folder);
    const staged: OutputFile[] = [];
    try {
      await this.#forEach(async (item, name) => {
        const path = join(folder, `${name}.${format}`);
        const isOld = existsSync(path);
        if (await this.#skip(item, name, isOld)) return;
        let file: OutputFile | undefined;
        try {
          const exported = await writeReport(this.#context, item, format, options, (piece) =>
            (file ??= openOutputFile(path)).write(piece),
          );
          if (this.#isLeftOut(name, exported, isOld)) return file?.discard();
          (file ??= openOutputFile(path)).close();
          staged.push(file);
          this.#add(item, `${name}.${format}`, exported);
        } catch (error) {
          file?.discard();
          throw error;
        }
      });
      while (staged.length > 0) {
        staged[0]!.keep();
        staged.shift();
      }
    } finally {
      for (const file of staged) file.discard();
      if (isNew) removeIfEmpty(folder);
    }
    this.#finish(folder, 'file');
  }

  /** Writes a workbook with a sheet per report. */
  async writeWorkbook(path: string): Promise<void> {
    const sheets: Sheet[] = [];
    await this.#forEach(async (item, name) => {
      if (await this.#skip(item, name, false)) return;
      const { sheet, ...exported } = await readSheet(this.#context, item);
      if (this.#isLeftOut(name, exported, false)) return;
      sheets.push(sheet);
      this.#add(item, name, exported);
    });
    if (sheets.length > 0) {
      const { toWorkbook } = await import('../render/xlsx.ts');
      const { bytes, notes } = await toWorkbook(sheets, [
        ...this.#leftOut.map(([name, reason]) => `${name}: left out: ${reason}`),
        ...this.#failures.map((failure) => `error: ${failure.message}`),
      ]);
      for (const note of notes) this.#notes.set(note, []);
      const file = openOutputFile(path);
      try {
        file.write(bytes);
        file.keep();
      } catch (error) {
        file.discard();
        throw error;
      }
    }
    this.#finish(path, 'sheet');
  }

  /** Runs work for each report; a failure of one does not stop the others. */
  async #forEach(work: (item: ExportItem, name: string) => Promise<void>): Promise<void> {
    for (const [at, item] of this.#items.entries()) {
      const name = toKebabCase(item.report.name);
      // A forecast shows its own progress.
      const spinner = item.report.forecast
        ? undefined
        : await startSpinner(this.#context.io, `${name} (${at + 1} of ${this.#items.length})`);
      try {
        await work(item, name).finally(() => spinner?.stop());
      } catch (error) {
        if (this.#context.duckdb.abortSignal.aborted) throw error;
        this.#fail(name, error);
      }
    }
    const [first] = this.#failures;
    // A mistake in an option fails every report that has it.
    if (first?.kind === 'usage' && !this.#written.some(({ params }) => Object.keys(params).length > 0))
      throw first.cause;
  }

  #fail(name: string, error: unknown): void {
    const reason =
      error instanceof WattduckError
        ? error.fullMessage
        : `unexpected: ${clipMessage(String((error as Error).message))}`;
    const failure = new WattduckError('report_not_exported', { report: name, reason }, error);
    this.#failures.push(error instanceof WattduckError ? failure.withKindOf(error) : failure);
    if (this.#debug) writeDetails(this.#context.io, `${(error as Error).stack}\n`);
  }

  /** Leaves out a report whose tables have no rows. */
  async #skip({ report, needs }: ExportItem, name: string, isOld: boolean): Promise<boolean> {
    if (!this.#skipsEmpty || isOld) return false;
    const reason = await emptySourceReason(this.#context.duckdb, report, needs);
    if (reason !== undefined) this.#leftOut.push([name, reason]);
    return reason !== undefined;
  }

  /** Leaves out a report without rows, unless an older file of it would stay in its place. */
  #isLeftOut(name: string, { rows, emptyReason, notes }: ExportedReport, isOld: boolean): boolean {
    if (!this.#skipsEmpty || isOld || rows > 0) return false;
    this.#leftOut.push([name, emptyReason ?? notes.at(-1) ?? 'no rows']);
    return true;
  }

  #add(item: ExportItem, label: string, { rows, emptyReason, notes }: ExportedReport): void {
    const name = toKebabCase(item.report.name);
    this.#written.push(item);
    this.#lines.push([label, rows === 0 && emptyReason ? `no rows: ${emptyReason}` : pluralize(rows, 'row')]);
    const periodNotes = item.ignoresPeriod ? ['not limited to the period, which the report does not have'] : [];
    for (const note of [...notes, ...periodNotes]) this.#notes.set(note, [...(this.#notes.get(note) ?? []), name]);
  }

  /** Prints what became of each report. @throws WattduckError if one failed */
  #finish(target: string, kind: 'file' | 'sheet'): void {
    const { stderr } = this.#context.io;
    const lines: [string, string][] = [
      ...this.#lines,
      ...this.#leftOut.map(([name, reason]): [string, string] => [name, `left out: ${reason}`]),
    ];
    const width = Math.max(0, ...lines.map(([name]) => name.length));
    for (const [name, result] of lines) stderr.write(`${plainLine(`${name.padEnd(width)}  ${result}`)}\n`);
    for (const [note, names] of this.#notes) {
      const isAboutAll = names.length === 0 || names.length === this.#lines.length;
      const subject = names.length > maxNames ? pluralize(names.length, 'report') : names.join(', ');
      stderr.write(`${plainLine(isAboutAll ? note : `${subject}: ${note}`)}\n`);
    }
    for (const { message } of this.#failures) writeError(this.#context.io, plainLine(message));
    const [leftOut, failed] = [this.#leftOut.length, this.#failures.length];
    const summary = [
      `${pluralize(this.#lines.length, kind)} written`,
      ...(leftOut > 0 ? [`${leftOut} left out`] : []),
      ...(failed > 0 ? [`${failed} failed`] : []),
    ];
    stderr.write(`${plainLine(target)}: ${summary.join(', ')}\n`);
    if (failed > 0) throw new WattduckError('reports_not_exported', { failed, total: this.#items.length });
  }
}

/** Removes a folder that was created for nothing. */
function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It has files.
  }
}
