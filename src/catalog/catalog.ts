import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { fileFault, WattduckError } from '../errors.ts';
import { clipped } from '../text/plain-text.ts';
import { builtInSql, packageRoot } from '../paths.ts';
import type { Action, Format, Mapping, Report, Source, View } from './definitions.ts';
import type { EngineView } from './engine-view.ts';
import { readForecast } from './forecast-head.ts';
import { catalogFault, parseSqlFile, sqlPart, statementFault, type SqlFile } from './frontmatter.ts';
import { readFormat, readMapping } from './mapping-file.ts';
import { dashed, suggest, underscored } from '../text/names.ts';
import { readAction, readReport } from './report-file.ts';
import { shapeOf } from './routes.ts';
import { readSource } from './source-file.ts';
import { foundIssues, readRule, readView, unionOf } from './views.ts';

interface Found {
  name: string;
  /** Path from the SQL folder: `reports/energy`. */
  group: string;
  path: string;
}

type Kind = 'prelude' | 'system' | 'migrations' | 'sources' | 'mappings' | 'views' | 'rules' | 'actions' | 'reports';

/**
 * The SQL files, each checked against the engine before it is used. Opening makes every table and macro, and checks the
 * user's own files whole; a built-in file, checked whole by the tests, is read when it is asked for.
 */
export class Catalog {
  readonly #engine: EngineView;
  readonly #files: Found[];
  /** What makes the tables and macros of the user's own folders. */
  ownStatements: readonly string[] = [];
  #sources?: Promise<Source[]>;
  #formats?: Promise<Format[]>;
  readonly #mappings = new Map<string, Promise<Mapping>>();
  readonly #views = new Map<string, Promise<View>>();

  private constructor(engine: EngineView, files: Found[]) {
    this.#engine = engine;
    this.#files = files;
  }

  /** @throws WattduckError with file, line and fix at the first fault. */
  static async open(engine: EngineView, userFolders: readonly string[] = []): Promise<Catalog> {
    const own = (await Promise.all(userFolders.map(sqlFiles))).flat();
    const catalog = new Catalog(engine, [...(await sqlFiles(builtInSql)), ...own]);
    for (const kinds of [['sources', 'views', 'rules'], ['mappings'], ['actions'], ['reports']] as const)
      unique(catalog.#of(...kinds));
    const made = await Promise.all(
      (['prelude', 'system', 'sources'] as const).flatMap((kind) =>
        catalog.#of(kind).map((file) => statementOf(file, kind)),
      ),
    );
    await makeAll(engine, made);
    catalog.ownStatements = made.filter(({ path }) => own.some((file) => file.path === path)).map(({ sql }) => sql);
    for (const file of own) await catalog.#check(file);
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
    const mappings = await inTurn(this.#of('mappings'), (file) => this.#mapping(file, sources));
    const actions = this.#of('actions');
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
    return (this.#sources ??= inTurn(this.#of('sources'), (file) => this.#source(file)));
  }

  async source(name: string): Promise<Source> {
    return this.#source(this.#named('sources', name, 'source', (each) => each));
  }

  /** The foreign formats there are, by what they say of their files. */
  formats(): Promise<Format[]> {
    return (this.#formats ??= inTurn(this.#of('mappings'), async (file) => readFormat(file.name, await parsed(file))));
  }

  /** @param wanted a mapping's name, or the path of a SQL file that is one */
  async mapping(wanted: string): Promise<Mapping> {
    const known = this.#mappings.get(wanted);
    if (known) return known;
    const file = wanted.endsWith('.sql')
      ? { name: underscored(basename(wanted, '.sql')), group: 'mappings', path: wanted }
      : this.#named('mappings', underscored(wanted), 'mapping', (each) => each);
    const mapping = this.#mapping(file, await this.sources());
    this.#mappings.set(wanted, mapping);
    return mapping;
  }

  async views(): Promise<View[]> {
    return inTurn(this.#of('views'), (file) => this.#view(file.name));
  }

  /** What finds operational issues, one rule a file. */
  async rules(within: readonly string[] = []): Promise<View[]> {
    return inTurn(this.#of('rules'), (file) => this.#view(file.name, within));
  }

  /** @throws WattduckError where two answer at one path */
  async reports(): Promise<Report[]> {
    const reports = await inTurn(this.#of('reports'), (file) => this.#report(file));
    const paths = new Map<string, Report>();
    for (const [index, report] of reports.entries()) {
      for (const [at, path] of report.http.entries()) {
        const other = paths.get(shapeOf(path));
        if (other)
          throw catalogFault(
            report.path,
            (await parsed(this.#of('reports')[index]!)).lineOf(['http', at]),
            `http: "${path}" is taken by ${other.path}`,
            'Choose another path.',
          );
        paths.set(shapeOf(path), report);
      }
    }
    return reports;
  }

  async report(name: string): Promise<Report> {
    return this.#report(this.#named('reports', underscored(name), 'report', dashed));
  }

  async action(name: string): Promise<Action> {
    const file = this.#named('actions', name, 'action', dashed);
    return readAction(file.name, await parsed(file), this.#engine);
  }

  /** The statements that make our own tables: ledger, quarantine, schema version. */
  systemTables(): Promise<string[]> {
    return Promise.all(this.#of('system').map(({ path }) => text(path)));
  }

  /** The statements that change our own tables from one layout to the next. */
  async migrations(): Promise<{ to: number; sql: string }[]> {
    const migrations = await Promise.all(
      this.#of('migrations').map(async ({ name, path }) => ({ to: Number(name), sql: await text(path) })),
    );
    return migrations.toSorted((a, b) => a.to - b.to);
  }

  #of(...kinds: readonly Kind[]): Found[] {
    return this.#files.filter(({ group }) => kinds.some((kind) => group === kind || group.startsWith(`${kind}/`)));
  }

  #named(kind: Kind, name: string, what: string, written: (name: string) => string): Found {
    const files = this.#of(kind);
    const file = files.find((each) => each.name === name);
    if (file) return file;
    throw new WattduckError(
      'usage',
      clipped`no ${what} "${written(name)}"`,
      suggest(
        written(name),
        files.map((each) => written(each.name)),
      ),
    );
  }

  async #check(file: Found): Promise<void> {
    if (file.group.startsWith('sources')) await this.#source(file);
    if (file.group.startsWith('mappings')) await this.#mapping(file, await this.sources());
    if (/^(views|rules)/.test(file.group)) await this.#view(file.name);
    if (file.group.startsWith('reports')) await this.#report(file);
    if (file.group.startsWith('actions')) await this.action(file.name);
  }

  async #source(file: Found): Promise<Source> {
    return readSource(file.name, await parsed(file), this.#engine);
  }

  async #mapping(file: Found, sources: readonly Source[]): Promise<Mapping> {
    const whole = await text(file.path);
    return readMapping(file.name, parseSqlFile(shown(file.path), whole), whole, this.#engine, sources);
  }

  async #report(file: Found): Promise<Report> {
    const read = await parsed(file);
    const names = this.#of('reports').map(({ name }) => name);
    const named = {
      views: this.#of('views').map(({ name }) => name),
      reports: names,
      view: (name: string) => this.#view(name),
      file: (name: string) => parsed(this.#named('reports', name, 'report', dashed)),
    };
    const forecast = await readForecast(read, named);
    const report = await readReport(
      file.name,
      file.group.split('/')[1] ?? 'custom',
      read,
      { views: await this.#viewsIn(read.sql), forecast },
      this.#engine,
    );
    if (report.explain !== undefined && !names.includes(report.explain)) {
      throw catalogFault(
        read.path,
        read.lineOf(['explain']),
        `no report "${report.explain}"`,
        suggest(report.explain, names),
      );
    }
    return report;
  }

  /**
   * The views and rules a select names.
   * @param within views the select stands in, outermost first
   */
  async #viewsIn(sql: string, within: readonly string[] = []): Promise<View[]> {
    const known = this.#of('views', 'rules')
      .map(({ name }) => name)
      .concat(foundIssues);
    const views: View[] = [];
    for (const name of this.#engine.tablesNamed(sql) ?? [])
      if (known.includes(name)) views.push(await this.#view(name, within));
    return views;
  }

  #view(name: string, within: readonly string[] = []): Promise<View> {
    const known = this.#views.get(name);
    if (known && !within.includes(name)) return known;
    const view = name === foundIssues ? this.rules([...within, name]).then(unionOf) : this.#readView(name, within);
    this.#views.set(name, view);
    return view;
  }

  async #readView(name: string, within: readonly string[]): Promise<View> {
    const rule = this.#of('rules').find((file) => file.name === name);
    const read = await parsed(rule ?? this.#named('views', name, 'view', (each) => each));
    if (within.includes(name))
      throw catalogFault(
        read.path,
        read.sqlLine,
        `${[...within, name].join(' reads ')}`,
        'A view cannot be made of itself.',
      );
    return (rule ? readRule : readView)(name, read, await this.#viewsIn(read.sql, [...within, name]), this.#engine);
  }
}

/** One after the other: the engine has one connection. */
async function inTurn<T>(files: readonly Found[], read: (file: Found) => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  for (const file of files) all.push(await read(file));
  return all;
}

async function sqlFiles(folder: string): Promise<Found[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw fileFault(error, folder);
  });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.sql'))
    .map((entry) => ({
      name: underscored(basename(entry.name, '.sql')),
      group: relative(folder, entry.parentPath),
      path: join(entry.parentPath, entry.name),
    }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const stray = files.find(
    ({ group }) => !/^(prelude|system|migrations|sources|mappings|views|rules|actions|reports)(\/|$)/.test(group),
  );
  if (stray) {
    throw new WattduckError(
      'failed',
      clipped`${stray.path}: not in a folder the catalog knows`,
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
async function statementOf({ path }: Found, kind: Kind): Promise<Statement> {
  const whole = await text(path);
  if (kind !== 'sources') return { path, sql: whole, firstLine: 1 };
  const sql = sqlPart(shown(path), whole);
  return { path, sql, firstLine: whole.slice(0, whole.indexOf(sql)).split('\n').length };
}

/** Makes all tables and macros at once; only a fault is looked for one by one. */
async function makeAll(engine: EngineView, statements: readonly Statement[]): Promise<void> {
  try {
    await engine.run(['begin transaction', ...statements.map(({ sql }) => sql), 'commit'].join('\n;\n'));
  } catch {
    // A misspelt statement fails before any is run.
    await engine.run('rollback').catch(() => undefined);
    for (const { path, sql, firstLine } of statements) {
      await engine.run(sql).catch((error: unknown) => {
        throw statementFault(error, shown(path), firstLine);
      });
    }
  }
}

function unique(files: readonly Found[]): void {
  for (const [at, file] of files.entries()) {
    const other = files.slice(0, at).find(({ name }) => name === file.name);
    if (other)
      throw catalogFault(
        shown(file.path),
        1,
        `"${file.name}" is taken by ${shown(other.path)}`,
        'Give the file another name.',
      );
  }
}

const parsed = async (file: Found): Promise<SqlFile> => parseSqlFile(shown(file.path), await text(file.path));

/** Built-in files are named from the package's root, the user's own as they are. */
const shown = (path: string): string => (path.startsWith(builtInSql) ? relative(packageRoot, path) : path);

const text = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    throw fileFault(error, path);
  });
