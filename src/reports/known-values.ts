import type { Parameter, ParameterRole } from '../catalog/definitions.ts';
import { clipped } from '../text/plain-text.ts';
import { literal, type DuckDb } from '../warehouse/duckdb.ts';

/** IDs of one kind: how messages call them, and selects of their column `value`, the best first. */
export interface ValueSource {
  label: string;
  selects: readonly string[];
}

/** A part of a table that may be large: its values are only examples. */
const sample = (column: string, table: string): string =>
  `select ${column} as value from (select ${column} from ${table} limit 100000)`;

const sites: ValueSource = {
  label: 'Site IDs',
  selects: [
    'select site_id as value from sites',
    'select site_id as value from charge_points',
    sample('site_id', 'charging_sessions'),
  ],
};
const chargePoints: ValueSource = {
  label: 'Charge point IDs',
  selects: [
    'select station_id as value from charge_points',
    sample('station_id', 'charging_sessions'),
    sample('station_id', 'charge_point_events'),
    sample('station_id', 'heartbeat_days'),
  ],
};
const eventTypes: ValueSource = {
  label: 'Event types',
  selects: [sample('event_type', 'charge_point_events'), sample('event_type', 'heartbeat_days')],
};
const segments: ValueSource = {
  label: 'Segments',
  selects: ['select segment_name as value from customer_segments', sample('customer_segment', 'customer_profiles')],
};
const customers: ValueSource = {
  label: 'Customer IDs',
  selects: [sample('customer_id', 'customer_profiles'), sample('customer_id', 'customer_events')],
};

const currencies: ValueSource = { label: 'Currencies', selects: [sample('currency', 'charging_sessions')] };
const zones: ValueSource = { label: 'Time zones', selects: ['select timezone as value from sites'] };

/** Where the values of a parameter are, by its role. */
const sourcesByRole: Partial<Record<ParameterRole, ValueSource>> = {
  site: sites,
  charge_point: chargePoints,
  customer: customers,
  currency: currencies,
  time_zone: zones,
};

/** Where the values of a parameter are, by its name. */
export const valueSources: Readonly<Record<string, ValueSource>> = {
  site_id: sites,
  project_id: sites,
  charge_point_id: chargePoints,
  station_id: chargePoints,
  segment_name: segments,
  customer_id: customers,
  charge_point_event_type: eventTypes,
};

/** Existing values of a parameter that start with a text, sorted; none if their source is unknown or its tables are missing. */
export async function knownValues(duckdb: DuckDb, parameter: string, max: number, prefix = ''): Promise<string[]> {
  return valuesOf(duckdb, Object.hasOwn(valueSources, parameter) ? valueSources[parameter] : undefined, max, prefix);
}

/** Existing values of a parameter to choose from, sorted: those of its role, else of its name. */
export const choicesOf = (
  duckdb: DuckDb,
  { name, role }: Pick<Parameter, 'name' | 'role'>,
  max: number,
): Promise<string[]> =>
  valuesOf(
    duckdb,
    (role && sourcesByRole[role]) ?? (Object.hasOwn(valueSources, name) ? valueSources[name] : undefined),
    max,
  );

async function valuesOf(duckdb: DuckDb, source: ValueSource | undefined, max: number, prefix = ''): Promise<string[]> {
  for (const select of source?.selects ?? []) {
    const rows = await duckdb
      .rows(
        `select distinct value from (${select}) where starts_with(value, ${literal(prefix)}) order by value limit ${max}`,
      )
      // Hints must not hide the error they belong to: a table may be missing.
      .catch(() => []);
    if (rows.length > 0) return rows.map(({ value }) => String(value));
  }
  return [];
}

const maxExamples = 5;

/** A sentence with some existing values of a parameter, or nothing. */
export async function valuesHint(duckdb: DuckDb, parameter: string): Promise<string | undefined> {
  const values = await knownValues(duckdb, parameter, maxExamples + 1);
  if (values.length === 0) return undefined;
  const shown = values.slice(0, maxExamples).map((value) => clipped`${value}`);
  return `${valueSources[parameter]!.label}: ${shown.join(', ')}${values.length > maxExamples ? ' …' : ''}`;
}
