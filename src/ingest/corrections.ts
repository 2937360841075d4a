import type { Catalog } from '../catalog/catalog.ts';
import type { View } from '../catalog/definitions.ts';
import { parametersOf, topologicalOrder, viewCtes } from '../catalog/views.ts';
import { bind } from '../warehouse/binder.ts';
import { identifier, literal, type DuckDb } from '../warehouse/duckdb.ts';
import { selectStored } from '../warehouse/tables.ts';
import type { ReplacedRows } from './upsert.ts';

/** A source whose corrections can remove issues. */
interface CorrectableSource {
  /**
   * Condition of the charge points whose issues a correction can remove, by a select of the keys of the replaced rows; undefined if
   * they are those of the replaced rows.
   */
  stations?: (keys: string) => string;
  /** Table with these charge points; the source itself by default. */
  from?: string;
  /** Whether only rules that name the source in their own SQL are judged, because views read it just to filter by site. */
  direct?: boolean;
}

const correctableSources: Readonly<Record<string, CorrectableSource>> = {
  // A session without an end has no issue yet.
  charging_sessions: { stations: (keys) => `session_id in (${keys}) and end_time is not null` },
  tariffs: { stations: (keys) => `tariff_id in (${keys})`, from: 'charging_sessions' },
  charge_point_events: {},
  charge_points: { stations: (keys) => `station_id in (${keys})`, direct: true },
  firmware_releases: { stations: (keys) => `model in (${keys})`, from: 'charge_points' },
};

/** The type `timestamp` in SQL. The version of a session is a column of that name, which no rule reads. */
const timestampType = /::\s*timestamp\b|\btimestamp\s+(?=')|\bas\s+timestamp\s*\)/gi;

/** Remembers the issues that an import of corrections can remove, and resolves those that it does remove. */
export class Corrections {
  readonly #duckdb: DuckDb;
  readonly #catalog: Catalog;
  /** The rules to judge again; empty if no issue can be lost. */
  #rules: View[] = [];

  constructor(duckdb: DuckDb, catalog: Catalog) {
    this.#duckdb = duckdb;
    this.#catalog = catalog;
  }

  /** Collects the issues of the charge points of rows that are replaced. */
  async beforeReplace(source: string, replacedRows: ReplacedRows): Promise<void> {
    const correctable = correctableSources[source];
    if (correctable === undefined) return;
    const { stations, from = source, direct = false } = correctable;
    const rules = (await this.#catalog.rules()).filter((rule) => this.#tablesOf([rule], !direct).has(source));
    const sql = topologicalOrder(rules)
      .map((view) => view.sql.replaceAll(timestampType, ''))
      .join('\n');
    const columns = (await this.#duckdb.declaredColumns(source)).map(({ name }) => name);
    const changed = columns.filter((name) => new RegExp(`\\b${name}\\b`).test(sql));
    // A search by key reads the whole table.
    if (stations && !(await this.#duckdb.hasRows(replacedRows(changed)))) return;
    const rows = stations
      ? `(${await selectStored(this.#duckdb, from)}) where ${stations(replacedRows(changed))}`
      : `(${replacedRows(changed, ['station_id'])})`;
    await this.#duckdb.run(
      `create or replace temp table corrected_stations as select distinct station_id from ${rows}`,
    );
    if (await this.#duckdb.hasRows('from corrected_stations')) {
      await this.#judge('issues_before', rules);
      if (await this.#duckdb.hasRows('from issues_before')) this.#rules = rules;
      else await this.#duckdb.run('drop table issues_before');
    }
    await this.#duckdb.run('drop table corrected_stations');
  }

  /** Stores those that are no longer found as resolved. */
  async afterReplace(): Promise<void> {
    if (this.#rules.length === 0) return;
    await this.#duckdb.run(
      'create or replace temp table corrected_stations as select distinct station_id from issues_before',
    );
    await this.#judge('issues_after', this.#rules);
    await this.#duckdb.run(
      `insert into db.main.resolved_issues
       select * replace (coalesce(resolved_at, timezone('UTC', now())) as resolved_at)
       from issues_before where issue_id not in (select issue_id from issues_after)`,
    );
    for (const name of ['issues_before', 'issues_after', 'corrected_stations'])
      await this.#duckdb.run(`drop table ${name}`);
    this.#rules = [];
  }

  /** Fills a temporary table with the issues that rules find at the corrected_stations, by the default limits. */
  async #judge(table: string, rules: readonly View[]): Promise<void> {
    if (rules.length === 0) return this.#duckdb.run(`create or replace temp table ${table} as select 1 where false`);
    const tables = await Promise.all(
      [...this.#tablesOf(rules)].map(
        async (name) =>
          `${identifier(name)} as not materialized (${await selectStored(this.#duckdb, name)}${await this.#stationFilter(name)})`,
      ),
    );
    const issues = rules.map(
      ({ name }) =>
        `select ${literal(name)} as rule, type, severity, station_id, connector_id, session_id, description, created_at, resolved_at from ${name}`,
    );
    const { allBindings } = await bind(
      this.#duckdb,
      parametersOf(topologicalOrder(rules)),
      {},
      {
        now: new Date(),
        label: (name) => name,
      },
    );
    await this.#duckdb.run(
      `create or replace temp table ${table} as
       with ${[...tables, ...viewCtes(rules)].join(', ')}
       select issue_id_of(rule, station_id, connector_id, session_id, created_at) as issue_id, * from (${issues.join(' union all ')})`,
      allBindings,
    );
  }

  /** Names of the tables that views read, also through other views unless `transitive` is false. */
  #tablesOf(views: readonly View[], transitive = true): Set<string> {
    const all = transitive ? topologicalOrder(views) : views;
    const viewNames = new Set(topologicalOrder(views).map(({ name }) => name));
    const names = all.flatMap(({ sql }) => this.#duckdb.tableNamesIn(sql) ?? []);
    return new Set(names.filter((name) => !viewNames.has(name)));
  }

  /** Condition for the rows of the corrected_stations, if the table has charge points: rules judge each by its own rows. */
  async #stationFilter(table: string): Promise<string> {
    const columns = await this.#duckdb.tableColumns(table);
    return columns.some(({ name }) => name === 'station_id')
      ? ' where station_id in (select station_id from corrected_stations)'
      : '';
  }
}
