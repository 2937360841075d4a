import { basename } from 'node:path';
import { WattduckError } from '../errors/wattduck-error.ts';
import { suggest, suggestThree, toKebabCase, toSnakeCase } from '../text/names.ts';
import { clipMessage } from '../text/plain-text.ts';
import { readBuilt, type Definitions } from './built-catalog.ts';
import type { CatalogDatabase } from './catalog-database.ts';
import type { Action, Mapping, PageDefinition, Report, Source, View } from './definitions.ts';
import type { SqlFile } from './front-matter.ts';
import { assertUniqueAddresses } from './page-addresses.ts';
import type { PageLookup } from './page-file.ts';
import { pathShape } from './routes.ts';
import { builtInFiles, displayPath, readText, userFiles, type CatalogFile } from './sql-files.ts';
import { sqlFileError } from './sql-text.ts';
import {
  createdNames,
  readStatement,
  requiredStatements,
  runAll,
  splitStatements,
  stringsIn,
  type Statement,
} from './statements.ts';
import { foundIssues, unionOfRules } from './views.ts';

type FileKind =
  | 'prelude'
  | 'system'
  | 'migrations'
  | 'sources'
  | 'mappings'
  | 'derived'
  | 'views'
  | 'rules'
  | 'actions'
  | 'reports'
  | 'pages';

/** Loaded only to check a file: the definitions of the build need no readers. */
const readers = () => import('./readers.ts');

const notFoundCodes = {
  reports: 'unknown_report',
  mappings: 'unknown_mapping',
  views: 'unknown_view',
  actions: 'unknown_action',
} as const;

/**
 * The SQL files. Built-in files are checked with DuckDB by the build, or otherwise on first use; files of the user are
 * checked when the catalog is opened.
 */
export class Catalog {
  #database: CatalogDatabase | undefined;
  readonly #files: CatalogFile[];
  /** Definitions of the built-in files that the build has checked. */
  #built: Definitions | undefined;
  /** Matches names that files of the user define. */
  #userNames: RegExp | undefined;
  /** SQL that creates the tables and macros of the user's folders. */
  userStatements: readonly string[] = [];
  #sources?: Promise<Source[]>;
  #allMappings?: Promise<Mapping[]>;
  readonly #mappings = new Map<string, Promise<Mapping>>();
  readonly #views = new Map<string, Promise<View>>();

  private constructor(files: CatalogFile[], database?: CatalogDatabase) {
    this.#files = files;
    this.#database = database;
  }

  /** The built-in definitions without a database; undefined unless the build has checked exactly these files. */
  static openBuilt(): Catalog | undefined {
    const catalog = new Catalog(builtInFiles());
    catalog.#built = readBuilt(catalog.#files);
    return catalog.#built && catalog;
  }

  /**
   * Creates every table and macro in DuckDB, and checks the files of the user.
   * @param database the built-in files are read while it opens
   * @throws WattduckError with file and line of the first problem
   */
  static async open(
    database: CatalogDatabase | Promise<CatalogDatabase>,
    userFolders: readonly string[] = [],
  ): Promise<Catalog> {
    const catalog = new Catalog(builtInFiles());
    catalog.#built = readBuilt(catalog.#files);
    catalog.#assertUnique();
    catalog.#database = await database;
    await runAll(catalog.#database, await catalog.#statements());
    return userFolders.length === 0 ? catalog : catalog.add(userFolders);
  }

  /** This catalog with files of the user, whose tables and macros are created in the same database. */
  async add(userFolders: readonly string[]): Promise<Catalog> {
    const files = (await Promise.all(userFolders.map(userFiles))).flat();
    // A page of the user replaces the one of the same name.
    const pages = new Set(files.filter(({ group }) => isPageGroup(group)).map(({ name }) => name));
    const others = this.#files.filter(({ group, name }) => !(isPageGroup(group) && pages.has(name)));
    const catalog = new Catalog([...others, ...files], this.#checker);
    catalog.#assertUnique();
    const isUserStatement = ({ path }: Statement): boolean => files.some((file) => file.path === path);
    const statements = await catalog.#statements();
    const userStatements = statements.filter(isUserStatement);
    await runAll(this.#checker, userStatements);
    catalog.userStatements = userStatements.map(({ sql }) => sql);
    catalog.#useBuilt(
      this.#built,
      statements.filter((statement) => !isUserStatement(statement)).map(({ sql }) => sql),
    );
    for (const file of files) await catalog.#check(file);
    if (pages.size > 0) await catalog.pages();
    return catalog;
  }

  /** @throws WattduckError if two files of a kind have the same name */
  #assertUnique(): void {
    for (const kinds of [['sources', 'views', 'rules'], ['mappings'], ['actions'], ['reports'], ['pages']] as const)
      assertUniqueNames(this.#filesOf(...kinds));
  }

  /**
   * Prepares a database to run SQL of a catalog that was opened without one.
   * @param sqlTexts the SQL; only the tables and macros it names are created
   */
  async prepare(database: CatalogDatabase, sqlTexts: readonly string[]): Promise<void> {
    this.#database = database;
    await runAll(database, requiredStatements(sqlTexts, (await this.#statements()).flatMap(splitStatements)));
  }

  /**
   * Uses the definitions of the build as far as files of the user do not affect them: a definition that contains a name
   * the user defines is checked again, and so are all definitions if a built-in statement contains one.
   */
  #useBuilt(built: Definitions | undefined, builtInStatements: readonly string[]): void {
    const created = createdNames(this.userStatements);
    const userViews = this.#filesOf('views', 'rules').filter(({ text }) => text === undefined);
    if (created === undefined) return;
    const names = [...created, ...userViews.map(({ name }) => name)];
    if (userViews.some(({ group }) => group.startsWith('rules'))) names.push(foundIssues);
    this.#userNames = names.length === 0 ? undefined : wordsOf(names);
    if (!builtInStatements.some((sql) => this.#userNames?.test(sql))) this.#built = built;
  }

  /** The definition of the build, if it can be used. */
  #builtOf<K extends keyof Definitions>(kind: K, { name, text }: CatalogFile): Definitions[K][number] | undefined {
    const definition = text === undefined ? undefined : this.#built?.[kind].find((each) => each.name === name);
    const isAffected =
      this.#userNames !== undefined && stringsIn(definition).some((each) => this.#userNames!.test(each));
    return isAffected ? undefined : definition;
  }

  /** Checks every file with DuckDB, without the definitions of the build, and returns their numbers by kind. */
  async checkAll(): Promise<Record<keyof Definitions, number>> {
    const { sources, mappings, views, rules, reports, actions, pages } = await this.checkedDefinitions();
    return {
      sources: sources.length,
      mappings: mappings.length,
      views: views.length,
      rules: rules.length,
      reports: reports.length,
      actions: actions.length,
      pages: pages.length,
    };
  }

  /** Every definition, checked with DuckDB now. */
  async checkedDefinitions(): Promise<Definitions> {
    return new Catalog(this.#files, this.#database).definitions();
  }

  async definitions(): Promise<Definitions> {
    const sources = await this.sources();
    return {
      sources,
      views: await this.views(),
      rules: await this.rules(),
      reports: await this.reports(),
      mappings: await this.mappings(),
      actions: await mapSequentially(this.#filesOf('actions'), (file) => this.#action(file)),
      pages: await this.pages(),
    };
  }

  sources(): Promise<Source[]> {
    return (this.#sources ??= mapSequentially(this.#filesOf('sources'), (file) => this.#source(file)));
  }

  async source(name: string): Promise<Source> {
    return this.#source(this.#findFile('sources', name));
  }

  mappings(): Promise<Mapping[]> {
    return (this.#allMappings ??= this.sources().then((sources) =>
      mapSequentially(this.#filesOf('mappings'), (file) => this.#mapping(file, sources)),
    ));
  }

  /** @param nameOrPath name of a mapping, or path of its SQL file */
  async mapping(nameOrPath: string): Promise<Mapping> {
    const known = this.#mappings.get(nameOrPath);
    if (known) return known;
    const file = nameOrPath.endsWith('.sql')
      ? { name: toSnakeCase(basename(nameOrPath, '.sql')), group: 'mappings', path: nameOrPath }
      : this.#findFile('mappings', toSnakeCase(nameOrPath));
    const mapping = this.#mapping(file, await this.sources());
    this.#mappings.set(nameOrPath, mapping);
    return mapping;
  }

  async views(): Promise<View[]> {
    return mapSequentially(this.#filesOf('views'), (file) => this.#view(file.name));
  }

  /** Rules that find operational issues. */
  async rules(ancestors: readonly string[] = []): Promise<View[]> {
    return mapSequentially(this.#filesOf('rules'), (file) => this.#view(file.name, ancestors));
  }

  /** @throws WattduckError if two reports have the same HTTP path */
  async reports(): Promise<Report[]> {
    const reports = await mapSequentially(this.#filesOf('reports'), (file) => this.#report(file));
    const paths = new Map<string, Report>();
    for (const [index, report] of reports.entries()) {
      for (const [pathIndex, path] of report.http.entries()) {
        const other = paths.get(pathShape(path));
        if (other)
          throw sqlFileError(
            report.path,
            (await readSqlFile(this.#filesOf('reports')[index]!)).lineOf(['http', pathIndex]),
            'sql_file_duplicate_path',
            { http_path: path, other: other.path },
          );
        paths.set(pathShape(path), report);
      }
    }
    return reports;
  }

  /** @throws WattduckError for an invalid page, and if two pages, or a page and a report, have the same address */
  async pages(): Promise<PageDefinition[]> {
    const files = this.#filesOf('pages');
    if (files.length === 0) return [];
    const reports = await this.reports();
    const sources = (await this.sources()).map(({ name }) => name);
    const pages = await mapSequentially(files, (file) => this.#page(file, { reports, sources }));
    assertUniqueAddresses(pages, reports);
    return pages;
  }

  /** Names of the reports, without reading their files. */
  reportNames(): string[] {
    return this.#filesOf('reports').map(({ name }) => name);
  }

  async report(name: string): Promise<Report> {
    return this.#report(this.#findFile('reports', toSnakeCase(name), toKebabCase));
  }

  async action(name: string): Promise<Action> {
    return this.#action(this.#findFile('actions', name, toKebabCase));
  }

  /** Statements that create the system tables: ingests, quarantine, schema version. */
  systemTables(): Promise<string[]> {
    return Promise.all(this.#filesOf('system').map(readText));
  }

  /** Statements that migrate the system tables, by the schema version they lead to. */
  async migrations(): Promise<{ to: number; sql: string }[]> {
    const migrations = await Promise.all(
      this.#filesOf('migrations').map(async (file) => ({ to: Number(file.name), sql: await readText(file) })),
    );
    return migrations.toSorted((a, b) => a.to - b.to);
  }

  /** The statements that derive rows from imported rows, in their order. @param name of a file in derived/ */
  async derivation(name: string): Promise<string[]> {
    const file = this.#filesOf('derived').find((each) => each.name === name);
    if (!file) throw new Error(`no file ${name} in derived/`);
    return (await readText(file)).split(/;$/m).filter((sql) => sql.replaceAll(/^--.*$/gm, '').trim() !== '');
  }

  #filesOf(...kinds: readonly FileKind[]): CatalogFile[] {
    return this.#files.filter(({ group }) => kinds.some((kind) => group === kind || group.startsWith(`${kind}/`)));
  }

  #findFile(
    kind: keyof typeof notFoundCodes | 'sources',
    name: string,
    formatName: (name: string) => string = (each) => each,
  ): CatalogFile {
    const files = this.#filesOf(kind);
    const file = files.find((each) => each.name === name);
    if (file) return file;
    const suggestion = (kind === 'reports' ? suggestThree : suggest)(
      formatName(name),
      files.map((each) => formatName(each.name)),
    );
    throw kind === 'sources'
      ? new WattduckError('unknown_source', { source: name, suggestion })
      : new WattduckError(notFoundCodes[kind], { name: formatName(name), suggestion });
  }

  async #check(file: CatalogFile): Promise<void> {
    if (file.group.startsWith('sources')) await this.#source(file);
    if (file.group.startsWith('mappings')) await this.#mapping(file, await this.sources());
    if (/^(views|rules)/.test(file.group)) await this.#view(file.name);
    if (file.group.startsWith('reports')) await this.#report(file);
    if (file.group.startsWith('actions')) await this.#action(file);
  }

  /** Statements that create the tables and macros. */
  #statements(): Promise<Statement[]> {
    return Promise.all(
      (['prelude', 'system', 'sources'] as const).flatMap((kind) => this.#filesOf(kind).map(readStatement)),
    );
  }

  /** The database that files are checked with. */
  get #checker(): CatalogDatabase {
    if (!this.#database) throw new Error('a catalog without a database cannot check files');
    return this.#database;
  }

  async #source(file: CatalogFile): Promise<Source> {
    return (
      this.#builtOf('sources', file) ?? (await readers()).readSource(file.name, await readSqlFile(file), this.#checker)
    );
  }

  async #mapping(file: CatalogFile, sources: readonly Source[]): Promise<Mapping> {
    const built = this.#builtOf('mappings', file);
    if (built) return built;
    const { parseSqlFile, readMapping } = await readers();
    const fileText = await readText(file);
    return readMapping(
      file.name,
      {
        file: parseSqlFile(displayPath(file.path), fileText),
        text: fileText,
        isBuiltIn: file.text !== undefined,
      },
      this.#checker,
      sources,
    );
  }

  async #action(file: CatalogFile): Promise<Action> {
    return (
      this.#builtOf('actions', file) ?? (await readers()).readAction(file.name, await readSqlFile(file), this.#checker)
    );
  }

  async #page(file: CatalogFile, lookup: PageLookup): Promise<PageDefinition> {
    const built = this.#builtOf('pages', file);
    if (built) return built;
    const { parseYamlFile, readPage } = await readers();
    return readPage(file.name, parseYamlFile(displayPath(file.path), await readText(file)), lookup);
  }

  async #report(file: CatalogFile): Promise<Report> {
    const built = this.#builtOf('reports', file);
    if (built) return built;
    const { readForecast, readNotes, readReport } = await readers();
    const sqlFile = await readSqlFile(file);
    const names = this.#filesOf('reports').map(({ name }) => name);
    const lookup = {
      views: this.#filesOf('views').map(({ name }) => name),
      reports: names,
      view: (name: string) => this.#view(name),
      file: (name: string) => readSqlFile(this.#findFile('reports', name, toKebabCase)),
    };
    const forecast = await readForecast(sqlFile, lookup);
    const report = await readReport(
      file.name,
      file.group.split('/')[1] ?? 'custom',
      sqlFile,
      { views: await this.#viewsIn(sqlFile.sql), notes: await readNotes(sqlFile, lookup), forecast },
      this.#checker,
    );
    if (report.explain !== undefined && !names.includes(report.explain)) {
      throw sqlFileError(sqlFile.path, sqlFile.lineOf(['explain']), 'sql_file_unknown_report', {
        report: report.explain,
        suggestion: suggest(report.explain, names),
      });
    }
    return report;
  }

  /**
   * The views and rules that a select reads.
   * @param ancestors views that contain the select, outermost first
   */
  async #viewsIn(sql: string, ancestors: readonly string[] = []): Promise<View[]> {
    const known = this.#filesOf('views', 'rules')
      .map(({ name }) => name)
      .concat(foundIssues);
    const views: View[] = [];
    for (const name of this.#checker.tableNamesIn(sql) ?? [])
      if (known.includes(name)) views.push(await this.#view(name, ancestors));
    return views;
  }

  #view(name: string, ancestors: readonly string[] = []): Promise<View> {
    const known = this.#views.get(name);
    if (known && !ancestors.includes(name)) return known;
    const view =
      name === foundIssues ? this.rules([...ancestors, name]).then(unionOfRules) : this.#readView(name, ancestors);
    this.#views.set(name, view);
    return view;
  }

  async #readView(name: string, ancestors: readonly string[]): Promise<View> {
    const rule = this.#filesOf('rules').find((file) => file.name === name);
    const file = rule ?? this.#findFile('views', name);
    const built = this.#builtOf(rule ? 'rules' : 'views', file);
    if (built) return built;
    const { readRule, readView } = await readers();
    const sqlFile = await readSqlFile(file);
    if (ancestors.includes(name))
      throw sqlFileError(sqlFile.path, sqlFile.sqlLine, 'sql_file_circular_view', {
        cycle: clipMessage([...ancestors, name].join(' reads ')),
      });
    const views = await this.#viewsIn(sqlFile.sql, [...ancestors, name]);
    if (rule) return readRule(name, sqlFile, views, this.#checker);
    return readView(name, sqlFile, views, this.#checker, {
      views: this.#filesOf('views').map((each) => each.name),
      view: (each) => this.#view(each, [...ancestors, name]),
    });
  }
}

const isPageGroup = (group: string): boolean => /^pages(\/|$)/.test(group);

/** Maps files one after another, as DuckDB has one connection. */
async function mapSequentially<T>(
  files: readonly CatalogFile[],
  mapFile: (file: CatalogFile) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  for (const file of files) results.push(await mapFile(file));
  return results;
}

function assertUniqueNames(files: readonly CatalogFile[]): void {
  for (const [index, file] of files.entries()) {
    const other = files.slice(0, index).find(({ name }) => name === file.name);
    if (other)
      throw sqlFileError(displayPath(file.path), 1, 'sql_file_duplicate_name', {
        name: file.name,
        other: displayPath(other.path),
      });
  }
}

const readSqlFile = async (file: CatalogFile): Promise<SqlFile> =>
  (await readers()).parseSqlFile(displayPath(file.path), await readText(file));

/** Matches any of the names as a whole word. */
const wordsOf = (names: readonly string[]): RegExp =>
  new RegExp(`(?<!\\w)(?:${names.map((name) => name.replaceAll(/[^\w]/g, String.raw`\$&`)).join('|')})(?!\\w)`, 'i');
