import { basename } from 'node:path';
import { WattduckError } from '../errors/wattduck-error.ts';
import { suggest, toKebabCase, toSnakeCase } from '../text/names.ts';
import { clipped } from '../text/plain-text.ts';
import { readBuilt, type Definitions } from './built-catalog.ts';
import type { CatalogDatabase } from './catalog-database.ts';
import type { Action, Format, Mapping, Report, Source, View } from './definitions.ts';
import type { SqlFile } from './front-matter.ts';
import { pathShape } from './routes.ts';
import { builtInFiles, displayPath, readText, userFiles, type CatalogFile } from './sql-files.ts';
import { catalogError } from './sql-text.ts';
import { namesMade, neededBy, readStatement, runAll, singly, textsIn, type Statement } from './statements.ts';
import { foundIssues, unionOfRules } from './views.ts';

type FileKind =
  'prelude' | 'system' | 'migrations' | 'sources' | 'mappings' | 'views' | 'rules' | 'actions' | 'reports';

/** Loaded only where a file is checked: what the build checked is not read again. */
const readers = () => import('./readers.ts');

/**
 * The SQL files. Built-in ones are checked against DuckDB by the build, or when they are asked for where it has not; the
 * user's own are checked when the catalog is opened.
 */
export class Catalog {
  #database: CatalogDatabase | undefined;
  readonly #files: CatalogFile[];
  /** What the build checked of the built-in files, and names that the user's files make. */
  #built: Definitions | undefined;
  #userNames: RegExp | undefined;
  /** What makes the tables and macros of the user's own folders. */
  userStatements: readonly string[] = [];
  #sources?: Promise<Source[]>;
  #formats?: Promise<Format[]>;
  readonly #mappings = new Map<string, Promise<Mapping>>();
  readonly #views = new Map<string, Promise<View>>();

  private constructor(files: CatalogFile[], database?: CatalogDatabase) {
    this.#files = files;
    this.#database = database;
  }

  /** The built-in definitions without a database; undefined where the build has not checked these very files. */
  static openBuilt(): Catalog | undefined {
    const catalog = new Catalog(builtInFiles());
    catalog.#built = readBuilt(catalog.#files);
    return catalog.#built && catalog;
  }

  /**
   * Makes every table and macro in DuckDB, and checks the user's own files.
   * @throws WattduckError with file, line and fix at the first fault
   */
  static async open(database: CatalogDatabase, userFolders: readonly string[] = []): Promise<Catalog> {
    const catalog = new Catalog(builtInFiles(), database);
    catalog.#built = readBuilt(catalog.#files);
    catalog.#assertUnique();
    await runAll(database, await catalog.#statements());
    return userFolders.length === 0 ? catalog : catalog.add(userFolders);
  }

  /** This catalog and the user's files, whose tables and macros are made in the same duckdb. */
  async add(userFolders: readonly string[]): Promise<Catalog> {
    const own = (await Promise.all(userFolders.map(userFiles))).flat();
    const catalog = new Catalog([...this.#files, ...own], this.#checker);
    catalog.#assertUnique();
    const isOwn = ({ path }: Statement): boolean => own.some((file) => file.path === path);
    const statements = await catalog.#statements();
    const made = statements.filter(isOwn);
    await runAll(this.#checker, made);
    catalog.userStatements = made.map(({ sql }) => sql);
    catalog.#useBuilt(
      this.#built,
      statements.filter((statement) => !isOwn(statement)).map(({ sql }) => sql),
    );
    for (const file of own) await catalog.#check(file);
    return catalog;
  }

  /** @throws WattduckError where two files of a kind have one name */
  #assertUnique(): void {
    for (const kinds of [['sources', 'views', 'rules'], ['mappings'], ['actions'], ['reports']] as const)
      assertUniqueNames(this.#filesOf(...kinds));
  }

  /**
   * Lets this duckdb run SQL of a catalog that was opened without one.
   * @param texts the SQL: the tables and macros it names are made, and no others
   */
  async prepare(database: CatalogDatabase, texts: readonly string[]): Promise<void> {
    this.#database = database;
    await runAll(database, neededBy(texts, (await this.#statements()).flatMap(singly)));
  }

  /**
   * Takes what the build checked, as far as it holds beside the user's files: a definition that has a name which those make is
   * checked again, and so are all if a built-in statement has one.
   */
  #useBuilt(built: Definitions | undefined, builtInStatements: readonly string[]): void {
    const made = namesMade(this.userStatements);
    const own = this.#filesOf('views', 'rules').filter(({ text }) => text === undefined);
    if (made === undefined) return;
    const names = [...made, ...own.map(({ name }) => name)];
    if (own.some(({ group }) => group.startsWith('rules'))) names.push(foundIssues);
    this.#userNames = names.length === 0 ? undefined : wordsOf(names);
    if (!builtInStatements.some((sql) => this.#userNames?.test(sql))) this.#built = built;
  }

  /** What the build found in a file. */
  #builtOf<K extends keyof Definitions>(kind: K, { name, text }: CatalogFile): Definitions[K][number] | undefined {
    const definition = text === undefined ? undefined : this.#built?.[kind].find((each) => each.name === name);
    const isTouched = this.#userNames !== undefined && textsIn(definition).some((each) => this.#userNames!.test(each));
    return isTouched ? undefined : definition;
  }

  /** Checks every file there is against DuckDB, whatever the build found. */
  async checkAll(): Promise<Record<keyof Definitions, number>> {
    const { sources, mappings, views, rules, reports, actions } = await this.checkedDefinitions();
    return {
      sources: sources.length,
      mappings: mappings.length,
      views: views.length,
      rules: rules.length,
      reports: reports.length,
      actions: actions.length,
    };
  }

  /** Every definition, checked against DuckDB. */
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
      mappings: await mapSequentially(this.#filesOf('mappings'), (file) => this.#mapping(file, sources)),
      actions: await mapSequentially(this.#filesOf('actions'), (file) => this.#action(file)),
    };
  }

  sources(): Promise<Source[]> {
    return (this.#sources ??= mapSequentially(this.#filesOf('sources'), (file) => this.#source(file)));
  }

  async source(name: string): Promise<Source> {
    return this.#source(this.#findFile('sources', name, 'source', (each) => each));
  }

  /** The foreign formats there are, by what they say of their files. */
  formats(): Promise<Format[]> {
    return (this.#formats ??= mapSequentially(this.#filesOf('mappings'), (file) => this.#format(file)));
  }

  /** @param nameOrPath a mapping's name, or the path of a SQL file that is one */
  async mapping(nameOrPath: string): Promise<Mapping> {
    const known = this.#mappings.get(nameOrPath);
    if (known) return known;
    const file = nameOrPath.endsWith('.sql')
      ? { name: toSnakeCase(basename(nameOrPath, '.sql')), group: 'mappings', path: nameOrPath }
      : this.#findFile('mappings', toSnakeCase(nameOrPath), 'mapping', (each) => each);
    const mapping = this.#mapping(file, await this.sources());
    this.#mappings.set(nameOrPath, mapping);
    return mapping;
  }

  async views(): Promise<View[]> {
    return mapSequentially(this.#filesOf('views'), (file) => this.#view(file.name));
  }

  /** What finds operational issues, one rule a file. */
  async rules(ancestors: readonly string[] = []): Promise<View[]> {
    return mapSequentially(this.#filesOf('rules'), (file) => this.#view(file.name, ancestors));
  }

  /** @throws WattduckError where two answer at one path */
  async reports(): Promise<Report[]> {
    const reports = await mapSequentially(this.#filesOf('reports'), (file) => this.#report(file));
    const paths = new Map<string, Report>();
    for (const [index, report] of reports.entries()) {
      for (const [pathIndex, path] of report.http.entries()) {
        const other = paths.get(pathShape(path));
        if (other)
          throw catalogError(
            report.path,
            (await readSqlFile(this.#filesOf('reports')[index]!)).lineOf(['http', pathIndex]),
            `http: "${path}" is taken by ${other.path}`,
            'Choose another path.',
          );
        paths.set(pathShape(path), report);
      }
    }
    return reports;
  }

  async report(name: string): Promise<Report> {
    return this.#report(this.#findFile('reports', toSnakeCase(name), 'report', toKebabCase));
  }

  async action(name: string): Promise<Action> {
    return this.#action(this.#findFile('actions', name, 'action', toKebabCase));
  }

  /** The statements that make our own tables: ledger, quarantine, schema version. */
  systemTables(): Promise<string[]> {
    return Promise.all(this.#filesOf('system').map(readText));
  }

  /** The statements that change our own tables from one layout to the next. */
  async migrations(): Promise<{ to: number; sql: string }[]> {
    const migrations = await Promise.all(
      this.#filesOf('migrations').map(async (file) => ({ to: Number(file.name), sql: await readText(file) })),
    );
    return migrations.toSorted((a, b) => a.to - b.to);
  }

  #filesOf(...kinds: readonly FileKind[]): CatalogFile[] {
    return this.#files.filter(({ group }) => kinds.some((kind) => group === kind || group.startsWith(`${kind}/`)));
  }

  #findFile(kind: FileKind, name: string, what: string, formatName: (name: string) => string): CatalogFile {
    const files = this.#filesOf(kind);
    const file = files.find((each) => each.name === name);
    if (file) return file;
    throw new WattduckError(
      'usage',
      clipped`no ${what} "${formatName(name)}"`,
      suggest(
        formatName(name),
        files.map((each) => formatName(each.name)),
      ),
    );
  }

  async #check(file: CatalogFile): Promise<void> {
    if (file.group.startsWith('sources')) await this.#source(file);
    if (file.group.startsWith('mappings')) await this.#mapping(file, await this.sources());
    if (/^(views|rules)/.test(file.group)) await this.#view(file.name);
    if (file.group.startsWith('reports')) await this.#report(file);
    if (file.group.startsWith('actions')) await this.action(file.name);
  }

  /** What makes the tables and macros. */
  #statements(): Promise<Statement[]> {
    return Promise.all(
      (['prelude', 'system', 'sources'] as const).flatMap((kind) => this.#filesOf(kind).map(readStatement)),
    );
  }

  /** The duckdb files are checked against. */
  get #checker(): CatalogDatabase {
    if (!this.#database) throw new Error('a catalog without a database has built definitions alone');
    return this.#database;
  }

  async #source(file: CatalogFile): Promise<Source> {
    return (
      this.#builtOf('sources', file) ?? (await readers()).readSource(file.name, await readSqlFile(file), this.#checker)
    );
  }

  async #format(file: CatalogFile): Promise<Format> {
    const mapping = this.#builtOf('mappings', file);
    if (!mapping) return (await readers()).readFormat(file.name, await readSqlFile(file));
    const {
      inputFields: _reads,
      targetColumns: _fills,
      sourceFields: _madeOf,
      sql: _sql,
      text: _text,
      ...format
    } = mapping;
    return format;
  }

  async #mapping(file: CatalogFile, sources: readonly Source[]): Promise<Mapping> {
    const built = this.#builtOf('mappings', file);
    if (built) return built;
    const { parseSqlFile, readMapping } = await readers();
    const fileText = await readText(file);
    return readMapping(file.name, parseSqlFile(displayPath(file.path), fileText), fileText, this.#checker, sources);
  }

  async #action(file: CatalogFile): Promise<Action> {
    return (
      this.#builtOf('actions', file) ?? (await readers()).readAction(file.name, await readSqlFile(file), this.#checker)
    );
  }

  async #report(file: CatalogFile): Promise<Report> {
    const built = this.#builtOf('reports', file);
    if (built) return built;
    const { readForecast, readReport } = await readers();
    const sqlFile = await readSqlFile(file);
    const names = this.#filesOf('reports').map(({ name }) => name);
    const lookup = {
      views: this.#filesOf('views').map(({ name }) => name),
      reports: names,
      view: (name: string) => this.#view(name),
      file: (name: string) => readSqlFile(this.#findFile('reports', name, 'report', toKebabCase)),
    };
    const forecast = await readForecast(sqlFile, lookup);
    const report = await readReport(
      file.name,
      file.group.split('/')[1] ?? 'custom',
      sqlFile,
      { views: await this.#viewsIn(sqlFile.sql), forecast },
      this.#checker,
    );
    if (report.explain !== undefined && !names.includes(report.explain)) {
      throw catalogError(
        sqlFile.path,
        sqlFile.lineOf(['explain']),
        `no report "${report.explain}"`,
        suggest(report.explain, names),
      );
    }
    return report;
  }

  /**
   * The views and rules a select names.
   * @param ancestors views the select stands in, outermost first
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
    const file = rule ?? this.#findFile('views', name, 'view', (each) => each);
    const built = this.#builtOf(rule ? 'rules' : 'views', file);
    if (built) return built;
    const { readRule, readView } = await readers();
    const sqlFile = await readSqlFile(file);
    if (ancestors.includes(name))
      throw catalogError(
        sqlFile.path,
        sqlFile.sqlLine,
        `${[...ancestors, name].join(' reads ')}`,
        'A view cannot be made of itself.',
      );
    return (rule ? readRule : readView)(
      name,
      sqlFile,
      await this.#viewsIn(sqlFile.sql, [...ancestors, name]),
      this.#checker,
    );
  }
}

/** One after the other: DuckDB has one connection. */
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
      throw catalogError(
        displayPath(file.path),
        1,
        `"${file.name}" is taken by ${displayPath(other.path)}`,
        'Give the file another name.',
      );
  }
}

const readSqlFile = async (file: CatalogFile): Promise<SqlFile> =>
  (await readers()).parseSqlFile(displayPath(file.path), await readText(file));

/** Finds any of the names as a whole word. */
const wordsOf = (names: readonly string[]): RegExp =>
  new RegExp(`(?<!\\w)(?:${names.map((name) => name.replaceAll(/[^\w]/g, String.raw`\$&`)).join('|')})(?!\\w)`, 'i');
