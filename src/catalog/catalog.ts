import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { toFileError } from '../errors/system-error.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { builtInSql, packageRoot } from '../paths.ts';
import { suggest, toKebabCase, toSnakeCase } from '../text/names.ts';
import { clipped } from '../text/plain-text.ts';
import type { CatalogDatabase } from './catalog-database.ts';
import type { Action, Format, Mapping, Report, Source, View } from './definitions.ts';
import { readForecast } from './forecast-front-matter.ts';
import { catalogError, parseSqlFile, statementError, statementText, type SqlFile } from './front-matter.ts';
import { readFormat, readMapping } from './mapping-file.ts';
import { readAction, readReport } from './report-file.ts';
import { pathShape } from './routes.ts';
import { readSource } from './source-file.ts';
import { foundIssues, readRule, readView, unionOfRules } from './views.ts';

interface CatalogFile {
  name: string;
  /** Path from the SQL folder: `reports/energy`. */
  group: string;
  path: string;
}

type FileKind =
  'prelude' | 'system' | 'migrations' | 'sources' | 'mappings' | 'views' | 'rules' | 'actions' | 'reports';

/**
 * The SQL files, each checked against DuckDB before it is used. Opening makes every table and macro, and checks the
 * user's own files whole; a built-in file, checked whole by the tests, is read when it is asked for.
 */
export class Catalog {
  readonly #database: CatalogDatabase;
  readonly #files: CatalogFile[];
  /** What makes the tables and macros of the user's own folders. */
  userStatements: readonly string[] = [];
  #sources?: Promise<Source[]>;
  #formats?: Promise<Format[]>;
  readonly #mappings = new Map<string, Promise<Mapping>>();
  readonly #views = new Map<string, Promise<View>>();

  private constructor(database: CatalogDatabase, files: CatalogFile[]) {
    this.#database = database;
    this.#files = files;
  }

  /** @throws WattduckError with file, line and fix at the first fault. */
  static async open(database: CatalogDatabase, userFolders: readonly string[] = []): Promise<Catalog> {
    const userFiles = (await Promise.all(userFolders.map(sqlFiles))).flat();
    const catalog = new Catalog(database, [...(await sqlFiles(builtInSql)), ...userFiles]);
    for (const kinds of [['sources', 'views', 'rules'], ['mappings'], ['actions'], ['reports']] as const)
      assertUniqueNames(catalog.#filesOf(...kinds));
    const statements = await Promise.all(
      (['prelude', 'system', 'sources'] as const).flatMap((kind) =>
        catalog.#filesOf(kind).map((file) => readStatement(file, kind)),
      ),
    );
    await runAll(database, statements);
    catalog.userStatements = statements
      .filter(({ path }) => userFiles.some((file) => file.path === path))
      .map(({ sql }) => sql);
    for (const file of userFiles) await catalog.#check(file);
    return catalog;
  }

  /** Checks every file there is. */
  async checkAll(): Promise<Record<'sources' | 'mappings' | 'views' | 'rules' | 'reports' | 'actions', number>> {
    const [sources, views, rules, reports] = [
      await this.sources(),
      await this.views(),
      await this.rules(),
      await this.reports(),
    ];
    const mappings = await mapSequentially(this.#filesOf('mappings'), (file) => this.#mapping(file, sources));
    const actions = this.#filesOf('actions');
    for (const { name } of actions) await this.action(name);
    return {
      sources: sources.length,
      mappings: mappings.length,
      views: views.length,
      rules: rules.length,
      reports: reports.length,
      actions: actions.length,
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
    return (this.#formats ??= mapSequentially(this.#filesOf('mappings'), async (file) =>
      readFormat(file.name, await readSqlFile(file)),
    ));
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
    const file = this.#findFile('actions', name, 'action', toKebabCase);
    return readAction(file.name, await readSqlFile(file), this.#database);
  }

  /** The statements that make our own tables: ledger, quarantine, schema version. */
  systemTables(): Promise<string[]> {
    return Promise.all(this.#filesOf('system').map(({ path }) => readText(path)));
  }

  /** The statements that change our own tables from one layout to the next. */
  async migrations(): Promise<{ to: number; sql: string }[]> {
    const migrations = await Promise.all(
      this.#filesOf('migrations').map(async ({ name, path }) => ({ to: Number(name), sql: await readText(path) })),
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

  async #source(file: CatalogFile): Promise<Source> {
    return readSource(file.name, await readSqlFile(file), this.#database);
  }

  async #mapping(file: CatalogFile, sources: readonly Source[]): Promise<Mapping> {
    const fileText = await readText(file.path);
    return readMapping(file.name, parseSqlFile(displayPath(file.path), fileText), fileText, this.#database, sources);
  }

  async #report(file: CatalogFile): Promise<Report> {
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
      this.#database,
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
    for (const name of this.#database.tableNamesIn(sql) ?? [])
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
    const sqlFile = await readSqlFile(rule ?? this.#findFile('views', name, 'view', (each) => each));
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
      this.#database,
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

async function sqlFiles(folder: string): Promise<CatalogFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw toFileError(error, folder);
  });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.sql'))
    .map((entry) => ({
      name: toSnakeCase(basename(entry.name, '.sql')),
      group: relative(folder, entry.parentPath),
      path: join(entry.parentPath, entry.name),
    }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const misplaced = files.find(
    ({ group }) => !/^(prelude|system|migrations|sources|mappings|views|rules|actions|reports)(\/|$)/.test(group),
  );
  if (misplaced) {
    throw new WattduckError(
      'failed',
      clipped`${misplaced.path}: not in a folder the catalog knows`,
      'Put it under sources/, mappings/, views/, rules/, reports/<group>/, actions/ or prelude/.',
    );
  }
  return files;
}

interface Statement {
  path: string;
  sql: string;
  firstLine: number;
}

/** What a file makes: a table, or macros. */
async function readStatement({ path }: CatalogFile, kind: FileKind): Promise<Statement> {
  const fileText = await readText(path);
  if (kind !== 'sources') return { path, sql: fileText, firstLine: 1 };
  const sql = statementText(displayPath(path), fileText);
  return { path, sql, firstLine: fileText.slice(0, fileText.indexOf(sql)).split('\n').length };
}

/** Makes all tables and macros at once; only a fault is looked for one by one. */
async function runAll(database: CatalogDatabase, statements: readonly Statement[]): Promise<void> {
  try {
    await database.run(['begin transaction', ...statements.map(({ sql }) => sql), 'commit'].join('\n;\n'));
  } catch {
    // A misspelt statement fails before any is run.
    await database.run('rollback').catch(() => undefined);
    for (const { path, sql, firstLine } of statements) {
      await database.run(sql).catch((error: unknown) => {
        throw statementError(error, displayPath(path), firstLine);
      });
    }
  }
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
  parseSqlFile(displayPath(file.path), await readText(file.path));

/** Built-in files are named from the package's root, the user's own as they are. */
const displayPath = (path: string): string => (path.startsWith(builtInSql) ? relative(packageRoot, path) : path);

const readText = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    throw toFileError(error, path);
  });
