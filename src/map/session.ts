import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Catalog } from '../catalog/catalog.ts';
import type { Source } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { detectFormat } from '../ingest/detect-format.ts';
import type { IngestOptions } from '../ingest/ingest-file.ts';
import { openInput, type Input } from '../ingest/input.ts';
import { detectLayout, flattenLists, type Layout } from '../ingest/layout.ts';
import { normalizeHeader, suggest } from '../text/names.ts';
import type { DuckDb } from '../warehouse/duckdb.ts';
import { validateTimeZone } from '../warehouse/time-zone.ts';
import type { TableFacts } from './facts.ts';
import { FieldNameIndex, readFieldNames } from './field-names.ts';
import { previewMapping, type Preview } from './preview.ts';
import type { Answers, Proposal } from './proposal.ts';
import { propose } from './propose.ts';
import { readTableFacts, repeatedLines, type FileFacts } from './read-facts.ts';
import { sourceTargets } from './targets.ts';
import { mappingText } from './write-mapping.ts';

/** How to open a file and what the user says about it. */
export interface MapOptions extends IngestOptions {
  /** False to propose a mapping even if a built-in one fits. */
  builtIn: boolean;
  answers: Answers;
}

/** A file with the proposal of its mapping, which follows the user's answers. */
export class MapSession {
  readonly path: string;
  readonly layout: Layout;
  readonly input: Input;
  /** Title of the mapping that already reads the file. */
  readonly knownMapping: string | undefined;
  readonly sources: readonly Source[];
  readonly #duckdb: DuckDb;
  readonly #catalog: Catalog;
  readonly #scratch: string;
  readonly #names: FieldNameIndex;
  #options: MapOptions;
  #read: FileFacts | undefined;
  #proposal: Proposal | undefined;

  private constructor(
    duckdb: DuckDb,
    catalog: Catalog,
    scratch: string,
    names: FieldNameIndex,
    options: MapOptions,
    file: { path: string; layout: Layout; input: Input; knownMapping: string | undefined; sources: readonly Source[] },
  ) {
    this.path = file.path;
    this.layout = file.layout;
    this.input = file.input;
    this.knownMapping = file.knownMapping;
    this.sources = file.sources;
    this.#duckdb = duckdb;
    this.#catalog = catalog;
    this.#scratch = scratch;
    this.#names = names;
    this.#options = options;
  }

  /** @throws WattduckError if the file cannot be a table, or an answer names something that does not exist */
  static async open(
    duckdb: DuckDb,
    catalog: Catalog,
    path: string,
    scratch: string,
    options: MapOptions,
  ): Promise<MapSession> {
    const opened = await openInput(path, { ...options, signal: duckdb.abortSignal }, duckdb.workDir);
    const input = (await opened.inOtherEncoding?.()) ?? opened;
    const names = readFieldNames();
    const index = new FieldNameIndex(names);
    const [sources, mappings] = [await catalog.sources(), await catalog.mappings()];
    const knownNames = new Set(
      [
        ...Object.values(names).flatMap((languages) => Object.values(languages).flat()),
        ...sources.flatMap(({ columns }) => columns.flatMap(({ name, aliases }) => [name, ...aliases])),
      ].map(normalizeHeader),
    );
    const layout = await detectLayout(duckdb, input, { ...options, knownNames });
    const usable = options.builtIn ? mappings : mappings.filter(({ isBuiltIn }) => !isBuiltIn);
    const file = { path, input, sources, knownMapping: findMapping(sources, usable, layout, path) };
    const session = new MapSession(duckdb, catalog, scratch, index, options, {
      ...file,
      layout: file.knownMapping === undefined ? await rowLayout(duckdb, input, layout, index) : layout,
    });
    if (session.knownMapping === undefined) {
      await session.#readFacts();
      session.#checkAnswers();
    }
    return session;
  }

  get facts(): TableFacts {
    return this.#read!.facts;
  }

  get proposal(): Proposal {
    return (this.#proposal ??= propose(this.facts, this.#names, this.sources, this.#options.answers));
  }

  /**
   * Answers a question; facts that depend on the answer are read again.
   * @throws WattduckError if the answer is not a time zone
   */
  async answer(option: string, column: string | undefined, value: string): Promise<void> {
    const { answers } = this.#options;
    if (option === '--tz') await validateTimeZone(this.#duckdb, value, 'answer');
    const change: Partial<MapOptions> =
      option === '--date-order'
        ? { dateOrder: value as 'dmy' | 'mdy' }
        : option === '--decimal-mark'
          ? { decimalMark: value as ',' | '.' }
          : {
              answers:
                option === '--field'
                  ? { ...answers, fields: { ...answers.fields, [column!]: value } }
                  : option === '--value'
                    ? { ...answers, values: { ...answers.values, [column!]: value } }
                    : { ...answers, ...simpleAnswer(option, value) },
            };
    this.#options = { ...this.#options, ...change };
    this.#proposal = undefined;
    if (change.dateOrder || change.decimalMark) await this.#readFacts();
  }

  /** The mapping file. */
  text(): string {
    const name = basename(this.path);
    return mappingText(this.proposal, this.facts, name, `Layout of ${name}; written by \`wattduck map\`.`);
  }

  /** What an import with the proposal would do; undefined while the mapping is incomplete. */
  async preview(): Promise<Preview | undefined> {
    const { source, questions } = this.proposal;
    if (source === '' || questions.some(({ fallback }) => fallback === undefined)) return undefined;
    const mappingPath = join(this.#scratch, 'mapping.sql');
    writeFileSync(mappingPath, this.text());
    return previewMapping(
      this.#duckdb,
      this.#catalog,
      this.path,
      mappingPath,
      this.#scratch,
      this.#read!.sampleRows,
      this.#options,
    );
  }

  /** Lines of the file whose ID is that of an earlier line, by the texts that make it. */
  repeatedLines(): Promise<number[]> {
    const { fields, keyFrom } = this.proposal;
    const key = this.sources.find(({ name }) => name === this.proposal.source)!.key[0]!;
    const from = fields.filter(({ column }) => (keyFrom.length > 0 ? keyFrom.includes(column) : column === key));
    return repeatedLines(
      this.#duckdb,
      this.layout,
      this.#read!.columns,
      from.flatMap((field) => field.from),
    );
  }

  close(): Promise<void> {
    return this.input.dispose();
  }

  async #readFacts(): Promise<void> {
    this.#read = await readTableFacts(this.#duckdb, this.input, this.layout, this.#options);
  }

  /** @throws WattduckError if an answer names a column that does not exist */
  #checkAnswers(): void {
    const { source, fields, values } = this.#options.answers;
    if (source !== undefined && !(source in sourceTargets)) {
      if (!this.sources.some(({ name }) => name === source))
        throw new WattduckError('unknown_source', {
          source,
          suggestion: suggest(
            source,
            this.sources.map(({ name }) => name),
          ),
        });
      throw new WattduckError('map_unsupported_source', { source });
    }
    const names = this.facts.columns.map(({ name }) => name);
    const exact: Record<string, string> = {};
    for (const [column, value] of Object.entries(fields)) {
      const found =
        value === ''
          ? ''
          : (names.find((name) => name === value) ??
            names.find((name) => normalizeHeader(name) === normalizeHeader(value)));
      const isTime = timeColumns.has(column) && this.facts.times.some(({ name }) => name === value);
      if (found === undefined && !isTime)
        throw new WattduckError('map_unknown_field', {
          value: `${column}=${value}`,
          file: this.path,
          column: value,
          suggestion: suggest(value, names),
        });
      exact[column] = found ?? value;
    }
    this.#options = { ...this.#options, answers: { ...this.#options.answers, fields: exact } };
    this.#proposal = undefined;
    const table = this.sources.find(({ name }) => name === (source ?? this.proposal.source));
    const targets = [...(table?.columns ?? []), ...(table?.inputs ?? [])].map(({ name }) => name);
    for (const [option, answered] of [
      ['--field', fields],
      ['--value', values],
    ] as const)
      for (const [column, value] of Object.entries(answered))
        if (table && !targets.includes(column))
          throw new WattduckError('map_unknown_target', {
            option,
            value: `${column}=${value}`,
            source: table.name,
            column,
            suggestion: suggest(column, targets),
          });
  }
}

/** Columns that a date and a clock column can be joined for. */
const timeColumns = new Set(['start_time', 'end_time']);

const simpleAnswer = (option: string, value: string): Partial<Answers> =>
  ({
    '--source': { source: value },
    '--tz': { zone: value, zoneOrigin: 'as given' },
    '--energy-unit': { energyUnit: value as 'kWh' | 'Wh' },
    '--duration-unit': { durationUnit: value as 'seconds' | 'minutes' | 'hours' },
  })[option] ?? {};

/** Title of the mapping that reads a layout; undefined if none does. */
function findMapping(
  sources: readonly Source[],
  mappings: Parameters<typeof detectFormat>[1],
  layout: Layout,
  path: string,
): string | undefined {
  try {
    const formats = detectFormat(sources, mappings, layout, path).flatMap(({ format }) => (format ? [format] : []));
    return formats.length === 0 ? undefined : formats.map(({ title }) => title).join(', ');
  } catch (error) {
    // Every reason why no mapping fits is a reason to propose one.
    if (error instanceof WattduckError) return undefined;
    throw error;
  }
}

/** The layout of the rows: of the elements of a JSON list if their keys say more than those of the document. */
async function rowLayout(duckdb: DuckDb, input: Input, layout: Layout, names: FieldNameIndex): Promise<Layout> {
  const known = (keys: readonly string[]): number =>
    keys.filter((key) => (names.match(key)[0]?.score ?? 0) > 0.5).length;
  const [list] = [...layout.lists].toSorted(([, a], [, b]) => known(b) - known(a));
  return list && known(list[1]) > known(layout.names)
    ? flattenLists(duckdb, input, layout, [{ key: list[0], withParent: false }])
    : layout;
}
