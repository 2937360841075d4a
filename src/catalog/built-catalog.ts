import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { builtCatalog, builtInSql, packageRoot } from '../paths.ts';
import type { Action, Mapping, Report, Source, View } from './definitions.ts';
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
}

/** The layout of the file; rises when it changes. */
const layout = 1;

/** Views are stored once; others refer to them by name. */
type StoredView = Omit<View, 'views'> & { views: string[] };
type StoredReport = Omit<Report, 'views' | 'forecast'> & {
  views: string[];
  forecast?: { series: string; daily?: string };
};

interface BuiltCatalog {
  layout: number;
  /** Hash of the SQL files. */
  sql: string;
  /** Hash of the code that read them. */
  code: string;
  definitions: Omit<Definitions, 'views' | 'rules' | 'reports'> & {
    views: StoredView[];
    rules: StoredView[];
    reports: StoredReport[];
  };
}

const isFromSource = import.meta.url.endsWith('.ts');

/**
 * The definitions the build wrote, if it read these very files, and by this code.
 * @param files the built-in SQL files with their contents
 */
export function readBuilt(files: readonly CatalogFile[], path = builtCatalog): Definitions | undefined {
  const sql = hashOf(files);
  if (last?.sql === sql && last.path === path) return last.definitions;
  const built = existsSync(path) ? parsed(readFileSync(path, 'utf8')) : undefined;
  // The built program is of one piece with the file beside it; its code needs no hash.
  const isCurrent = built?.layout === layout && built.sql === sql && (!isFromSource || built.code === codeHash());
  last = { path, sql, definitions: isCurrent ? restored(built.definitions) : undefined };
  return last.definitions;
}

/** What was read last: a process opens many catalogs in tests, and one otherwise. */
let last: { path: string; sql: string; definitions: Definitions | undefined } | undefined;

/** What {@link readBuilt} reads: JSON, the same for the same definitions. */
export function serialize(files: readonly CatalogFile[], { views, rules, reports, ...rest }: Definitions): string {
  const built: BuiltCatalog = {
    layout,
    sql: hashOf(files),
    code: codeHash(),
    definitions: {
      ...rest,
      views: views.map(stored),
      rules: rules.map(stored),
      reports: reports.map(({ forecast, ...report }) => ({
        ...stored(report),
        ...(forecast ? { forecast: { ...forecast, series: forecast.series.name } } : {}),
      })),
    },
  };
  return JSON.stringify(built);
}

/** Whether a text that {@link serialize} made is still true of these files. */
export function isCurrent(text: string, files: readonly CatalogFile[]): boolean {
  const built = parsed(text);
  return built?.layout === layout && built.sql === hashOf(files) && built.code === codeHash();
}

const stored = <T extends { views: View[] }>(definition: T): Omit<T, 'views'> & { views: string[] } => ({
  ...definition,
  views: definition.views.map(({ name }) => name),
});

function restored({ views, rules, reports, ...rest }: BuiltCatalog['definitions']): Definitions {
  const storedViews = new Map([...views, ...rules].map((view) => [view.name, view]));
  const known = new Map<string, View>();
  const viewOf = (name: string): View => {
    const view =
      known.get(name) ?? (name === foundIssues ? unionOfRules(rules.map(named)) : whole(storedViews.get(name)!));
    known.set(name, view);
    return view;
  };
  const named = ({ name }: StoredView): View => viewOf(name);
  const whole = <T extends { views: string[] }>(definition: T): Omit<T, 'views'> & { views: View[] } => ({
    ...definition,
    views: definition.views.map(viewOf),
  });
  return {
    ...rest,
    views: views.map(named),
    rules: rules.map(named),
    reports: reports.map(({ forecast, ...report }) => ({
      ...whole(report),
      ...(forecast ? { forecast: { ...forecast, series: viewOf(forecast.series) } } : {}),
    })),
  };
}

function parsed(text: string): BuiltCatalog | undefined {
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

/** Code that decides what is read from a SQL file, and the versions of the packages it uses. */
const readingCode = [
  'src/catalog',
  'src/text',
  'src/warehouse/duckdb.ts',
  'src/warehouse/connection.ts',
  'package-lock.json',
];

/** Found in a working copy alone: a package has no sources. */
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
