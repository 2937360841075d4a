import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { builtCatalog, builtInSql, packageRoot } from '../paths.ts';
import type { Action, Mapping, PageDefinition, Report, Source, View } from './definitions.ts';
import type { CatalogFile } from './sql-files.ts';
import { foundIssues, unionOfRules } from './views.ts';

/** Every definition of the built-in SQL files. */
export interface Definitions {
  sources: Source[];
  mappings: Mapping[];
  views: View[];
  rules: View[];
  reports: Report[];
  actions: Action[];
  pages: PageDefinition[];
}

/** Version of the file's layout. */
const layout = 3;

/** Views are stored once; others refer to them by name. */
type StoredView = Omit<View, 'views' | 'when'> & { views: string[]; when?: string };
type StoredReport = Omit<Report, 'views' | 'notes' | 'forecast'> & {
  views: string[];
  notes: string[];
  forecast?: { series: string; daily?: string };
};

interface BuiltCatalog {
  layout: number;
  /** Hash of the SQL files. */
  sql: string;
  /** Hash of the code that reads them. */
  code: string;
  definitions: Omit<Definitions, 'views' | 'rules' | 'reports'> & {
    views: StoredView[];
    rules: StoredView[];
    reports: StoredReport[];
  };
}

const isFromSource = import.meta.url.endsWith('.ts');

/**
 * The definitions written by the build; undefined if the SQL files or the code have changed since.
 * @param files the built-in SQL files with their contents
 */
export function readBuilt(files: readonly CatalogFile[], path = builtCatalog): Definitions | undefined {
  const sql = hashOf(files);
  if (last?.sql === sql && last.path === path) return last.definitions;
  const built = existsSync(path) ? parseBuilt(readFileSync(path, 'utf8')) : undefined;
  // The build writes program and file together, so the code of the built program needs no check.
  const isUsable = isOfFiles(built, sql) && (!isFromSource || built.code === codeHash());
  last = { path, sql, definitions: isUsable ? restoreDefinitions(built.definitions) : undefined };
  return last.definitions;
}

/** Result of the last call: tests open many catalogs in one process. */
let last: { path: string; sql: string; definitions: Definitions | undefined } | undefined;

/** JSON for {@link readBuilt}, the same for the same definitions. */
export function serialize(files: readonly CatalogFile[], { views, rules, reports, ...rest }: Definitions): string {
  const built: BuiltCatalog = {
    layout,
    sql: hashOf(files),
    code: codeHash(),
    definitions: {
      ...rest,
      views: views.map(toStoredView),
      rules: rules.map(toStoredView),
      reports: reports.map(({ forecast, notes, ...report }) => ({
        ...toStored(report),
        notes: notes.map(({ name }) => name),
        ...(forecast ? { forecast: { ...forecast, series: forecast.series.name } } : {}),
      })),
    },
  };
  return JSON.stringify(built);
}

/** Whether the output of {@link serialize} is up to date with these files and the code. */
export function isCurrent(text: string, files: readonly CatalogFile[]): boolean {
  const built = parseBuilt(text);
  return isOfFiles(built, hashOf(files)) && built.code === codeHash();
}

/** Whether a build has this layout and was made from the files with this hash. */
const isOfFiles = (built: BuiltCatalog | undefined, sql: string): built is BuiltCatalog =>
  built?.layout === layout && built.sql === sql;

const toStored = <T extends { views: View[] }>(definition: T): Omit<T, 'views'> & { views: string[] } => ({
  ...definition,
  views: definition.views.map(({ name }) => name),
});

const toStoredView = ({ when, ...view }: View): StoredView => ({
  ...toStored(view),
  ...(when ? { when: when.name } : {}),
});

function restoreDefinitions({ views, rules, reports, ...rest }: BuiltCatalog['definitions']): Definitions {
  const storedViews = new Map([...views, ...rules].map((view) => [view.name, view]));
  const restoredViews = new Map<string, View>();
  const viewOf = (name: string): View => {
    const view =
      restoredViews.get(name) ??
      (name === foundIssues ? unionOfRules(rules.map(toView)) : withCondition(storedViews.get(name)!));
    restoredViews.set(name, view);
    return view;
  };
  const withCondition = ({ when, ...view }: StoredView): View => ({
    ...withViewObjects(view),
    ...(when === undefined ? {} : { when: viewOf(when) }),
  });
  const toView = ({ name }: StoredView): View => viewOf(name);
  const withViewObjects = <T extends { views: string[] }>(definition: T): Omit<T, 'views'> & { views: View[] } => ({
    ...definition,
    views: definition.views.map(viewOf),
  });
  return {
    ...rest,
    views: views.map(toView),
    rules: rules.map(toView),
    reports: reports.map(({ forecast, notes, ...report }) => ({
      ...withViewObjects(report),
      notes: notes.map(viewOf),
      ...(forecast ? { forecast: { ...forecast, series: viewOf(forecast.series) } } : {}),
    })),
  };
}

function parseBuilt(text: string): BuiltCatalog | undefined {
  try {
    return JSON.parse(text) as BuiltCatalog;
  } catch {
    return undefined;
  }
}

function hashOf(files: readonly CatalogFile[]): string {
  const hash = createHash('sha256');
  for (const { path, text } of files) hash.update(`${relative(builtInSql, path).replaceAll(sep, '/')}\0${text}\0`);
  return hash.digest('hex');
}

/** Code that affects how SQL files are read, and the versions of its packages. */
const readingCode = [
  'src/catalog',
  'src/text',
  'src/warehouse/duckdb.ts',
  'src/warehouse/connection.ts',
  'package-lock.json',
];

/** Hash of the reading code. Only a working copy has sources; a published package has none. */
function codeHash(): string {
  const hash = createHash('sha256');
  for (const path of readingCode.map((each) => join(packageRoot, each)).filter(existsSync)) {
    const files = path.endsWith('.ts') || path.endsWith('.json') ? [path] : filesIn(path);
    for (const file of files) hash.update(readFileSync(file));
  }
  return hash.digest('hex');
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .toSorted()
    .map((name) => join(folder, name));
