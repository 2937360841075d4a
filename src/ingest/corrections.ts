import type { Catalog } from '../catalog/catalog.ts';
import type { View } from '../catalog/definitions.ts';
import { bind } from '../warehouse/binder.ts';
import { identifier, literal, type DuckDb } from '../warehouse/duckdb.ts';
import { selectDeclared } from '../warehouse/tables.ts';

const sessionsTable = 'charging_sessions';
/** The view through which rules read sessions. */
const sessionsView = 'filtered_sessions';

/** Sources whose corrections can remove the issue of a session, with the column that names their rows in a session. */
const sessionColumns: Readonly<Record<string, string>> = { [sessionsTable]: 'session_id', tariffs: 'tariff_id' };

/** Remembers the issues of sessions that an import corrects, and resolves those that it removes. */
export class Corrections {
  readonly #duckdb: DuckDb;
  readonly #catalog: Catalog;
  #hasIssues = false;

  constructor(duckdb: DuckDb, catalog: Catalog) {
    this.#duckdb = duckdb;
    this.#catalog = catalog;
  }

  /** Collects the issues of sessions before rows of a source are replaced. @param keys select of the keys of these rows */
  async beforeReplace(source: string, keys: string): Promise<void> {
    const column = sessionColumns[source];
    if (column === undefined) return;
    await this.#judge('issues_before', `${column} in (${keys})`);
    this.#hasIssues = await this.#duckdb.hasRows('from issues_before');
    if (!this.#hasIssues) await this.#duckdb.run('drop table issues_before');
  }

  /** Stores those that are no longer found as resolved. */
  async afterReplace(): Promise<void> {
    if (!this.#hasIssues) return;
    await this.#judge('issues_after', 'session_id in (select session_id from issues_before)');
    await this.#duckdb.run(
      `insert into db.main.resolved_issues
       select *, timezone('UTC', now()) as resolved_at from issues_before where issue_id not in (select issue_id from issues_after)`,
    );
    for (const name of ['issues_before', 'issues_after']) await this.#duckdb.run(`drop table ${name}`);
  }

  /** Fills a temporary table with the issues that rules find in some sessions, by the default limits. */
  async #judge(table: string, condition: string): Promise<void> {
    const duckdb = this.#duckdb;
    // Other rules judge more than one session.
    const rules = (await this.#catalog.rules()).filter(({ views }) => views.every(({ name }) => name === sessionsView));
    const names = new Set(rules.flatMap(({ sql }) => duckdb.tableNamesIn(sql) ?? []));
    const tables = await Promise.all(
      [...names]
        .filter((name) => name !== sessionsView)
        .map(async (name) => `${identifier(name)} as (${await selectTable(duckdb, name)})`),
    );
    const sessions = `${sessionsView} as (select * from (${await selectTable(duckdb, sessionsTable)}) where ${condition})`;
    const ruleCtes = rules.map(({ name, sql }) => `${name} as (${sql}\n)`);
    const issues = rules.map(
      ({ name }) =>
        `select ${literal(name)} as rule, type, severity, station_id, connector_id, session_id, description, created_at from ${name} where session_id is not null`,
    );
    const parameters = parametersIn(rules);
    const { allBindings } = await bind(duckdb, parameters, {}, { now: new Date(), label: (name) => name });
    await duckdb.run(
      `create or replace temp table ${table} as
       with ${[...tables, sessions, ...ruleCtes].join(', ')}
       select issue_id_of(rule, station_id, connector_id, session_id, created_at) as issue_id, * from (${issues.join(' union all ')})`,
      allBindings,
    );
  }
}

const parametersIn = (rules: readonly View[]): View['parameters'] => [
  ...new Map(
    rules.flatMap(({ parameters, sql }) =>
      parameters
        .filter(({ name }) => new RegExp(`\\$${name}\\b`).test(sql))
        .map((parameter) => [parameter.name, parameter] as const),
    ),
  ).values(),
];

/** Select of a table as rules read it, whether or not the file has it. */
async function selectTable(duckdb: DuckDb, table: string): Promise<string> {
  const present = (await duckdb.tableColumns(table, 'db')).map(({ name }) => name);
  return present.length === 0
    ? `select * from memory.main.${identifier(table)}`
    : selectDeclared(table, await duckdb.tableColumns(table), present);
}
