import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { Report } from '../../src/catalog/definitions.ts';
import { toDocument } from '../../src/reports/document.ts';
import { runReport } from '../../src/reports/run-report.ts';
import { openEngine } from '../support/duckdb.ts';
import { runs } from '../support/runs.ts';

interface Session {
  site: 'here' | 'there' | null;
  station: string;
  connector: string | null;
  /** Minutes since the origin. */
  start: number;
  minutes: number | null;
  recorded: number;
  rfid: string | null;
  name: string | null;
  note: string | null;
  transaction: string | null;
  kwh: number | null;
  cents: number | null;
  optimizedCents: number | null;
  savedCents: number | null;
}

const { duckdb, catalog } = await openEngine();
let report: Report;
const origin = Date.UTC(2025, 11, 1);
const span = 100;
const fields = [
  'occurrence_time',
  'rfid',
  'rfid_name',
  'energy_consumed',
  'duration',
  'cost',
  'optimized_cost',
  'cost_savings',
] as const;

const siteOf: Record<string, string> = { Hall: 'here', Yard: 'there' };
const nameOf: Record<string, string> = { Hall: 'Große Halle' };
const plugOf: Record<string, string> = { 'Hall 1': 'Ätsch_1' };
const tagOf: Record<string, { name: string | null; note: string | null }> = {
  T1: { name: 'Zoë', note: '100%' },
  'T%2': { name: null, note: 'Pool_Å' },
};

beforeAll(async () => {
  report = await catalog.report('charging_events');
  await duckdb.run(
    `insert into sites (site_id, site_name, last_updated) values ('here', 'Café Übersee', timestamp '1970-01-01')`,
  );
  await duckdb.run(`insert into charge_points (station_id, site_id, charge_point_name, last_updated)
    values ('Hall', 'here', 'Große Halle', timestamp '1970-01-01'), ('Yard', 'there', null, timestamp '1970-01-01')`);
  await duckdb.run(
    `insert into connectors (station_id, connector_id, connector_name, last_updated) values ('Hall', '1', 'Ätsch_1', timestamp '1970-01-01')`,
  );
  await duckdb.run(`insert into id_tags (id_tag, valid, name, additional_information, last_updated)
    values ('T1', true, 'Zoë', '100%', timestamp '1970-01-01'), ('T%2', true, null, 'Pool_Å', timestamp '1970-01-01')`);
});

// Few distinct values, so that most sessions tie in every sort order.
const few = fc.option(fc.integer({ min: 0, max: 3 }), { freq: 3 });
const session: fc.Arbitrary<Session> = fc.record({
  site: fc.constantFrom('here', 'here', 'there', null),
  station: fc.constantFrom('Hall', 'Yard', 'Nowhere'),
  connector: fc.constantFrom('1', 'B_2', null),
  start: fc.integer({ min: 0, max: span }),
  minutes: fc.option(fc.integer({ min: 0, max: 3 }), { freq: 8 }),
  recorded: fc.integer({ min: 0, max: 4 }),
  rfid: fc.constantFrom('T1', 'T%2', 't3', null),
  name: fc.constantFrom('zoë', 'Bob', null, null),
  note: fc.constantFrom('50%_off', null, null),
  transaction: fc.constantFrom('7', '0042', 'tx-Ä', null),
  kwh: few,
  cents: few,
  optimizedCents: few,
  savedCents: few,
});

// Existing words in both cases, SQL wildcards, and digits of some IDs.
const searches = fc.constantFrom(
  undefined,
  undefined,
  '',
  'HERE',
  'übersee',
  'ZOË',
  'bob',
  'T%',
  't_',
  '%',
  '_',
  '0%_O',
  'äTSCH',
  'Tx-ä',
  '42',
  's1',
  'S02',
  'hALL',
  'grOSSE',
  'GROßE',
  'å',
  '100%',
  'pool',
  'b_2',
  'nothing has this',
  '\\',
  "'",
);
const pages = fc.record({
  take: fc.integer({ min: 1, max: 12 }),
  field: fc.option(fc.constantFrom(...fields), { nil: undefined }),
  sortOrder: fc.constantFrom('asc', 'desc', undefined),
  search: searches,
});
const bounds = fc
  .tuple(fc.integer({ min: 0, max: span }), fc.integer({ min: 0, max: span }))
  .map(([one, other]) => ({ from: Math.min(one, other), to: Math.max(one, other) }));
// Mostly no filter, or pages would be short.
const period = fc.oneof({ weight: 3, arbitrary: fc.constant({ from: 0, to: span }) }, bounds);

const idOf = (at: number): string => `s${String(at).padStart(3, '0')}`;
const written = (minute: number): string =>
  new Date(origin + minute * 60_000).toISOString().slice(0, 19).replace('T', ' ');

async function store(all: readonly Session[]): Promise<void> {
  await duckdb.run('delete from charging_sessions');
  if (all.length === 0) return;
  const text = (value: string | null): string => (value === null ? 'null' : `'${value}'`);
  const money = (cents: number | null): string => (cents === null ? 'null' : String(cents / 100));
  const rows = all.map(
    (each, at) =>
      `('${idOf(at)}', '${each.station}', ${text(each.site)}, ${text(each.connector)}, ${text(each.transaction)}, timestamp '${written(each.start)}',
      ${each.minutes === null ? 'null' : `timestamp '${written(each.start + each.minutes)}'`}, ${text(each.rfid)}, ${text(each.name)}, ${text(each.note)},
      ${each.kwh}, ${money(each.cents)}, ${money(each.optimizedCents)}, ${money(each.savedCents)}, 'EUR', timestamp '${written(each.recorded)}', '{"at": ${at}}')`,
  );
  // Stored in an order that no request sorts by.
  await duckdb.run(`insert into charging_sessions (session_id, station_id, site_id, connector_id, transaction_id, start_time, end_time, rfid, rfid_name,
    rfid_additional_information, energy_kwh, amount_paid, optimized_cost, cost_savings, currency, "timestamp", transaction_data) values ${rows.toReversed().join(', ')}`);
}

interface Model {
  id: string;
  at: number;
  texts: (string | null | undefined)[];
  sorts: Record<(typeof fields)[number], number | string | null>;
}

function modelOf(each: Session, at: number): Model {
  const tag = tagOf[each.rfid ?? ''];
  const name = each.name ?? tag?.name ?? null;
  const saved = each.cents === null || each.optimizedCents === null ? null : each.cents - each.optimizedCents;
  return {
    id: idOf(at),
    at,
    texts: [
      idOf(at),
      each.transaction,
      'here',
      'Café Übersee',
      each.station,
      nameOf[each.station],
      each.connector,
      plugOf[`${each.station} ${each.connector}`],
      each.rfid,
      name,
      each.note ?? tag?.note,
    ],
    sorts: {
      occurrence_time: each.recorded,
      rfid: each.rfid,
      rfid_name: name,
      energy_consumed: each.kwh,
      duration: each.minutes,
      cost: each.cents,
      optimized_cost: each.optimizedCents,
      cost_savings: each.savedCents ?? saved,
    },
  };
}

/** No letters beyond 16 bits, which JavaScript and DuckDB sort differently. */
function compare(one: number | string | null, other: number | string | null, sign: number): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  return one === other ? 0 : one < other ? -sign : sign;
}

test('all pages together are the whole answer, as filter, search and sort by hand give it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(session, { maxLength: 40 }),
      period,
      pages,
      fc.array(searches, { maxLength: 6 }),
      async (all, { from, to }, { take, field, sortOrder, search }, others) => {
        await store(all);
        const isOfSite = (each: Session): boolean =>
          each.minutes !== null && (each.site ?? siteOf[each.station]) === 'here';
        const isOptimised = all.some(
          (each) => isOfSite(each) && (each.optimizedCents !== null || each.savedCents !== null),
        );
        const expected = (text: string | undefined): number[] =>
          all
            .map((each, at) => ({ ...modelOf(each, at), each }))
            .filter(({ each }) => isOfSite(each) && each.start >= from && each.start <= to)
            .filter(
              ({ texts }) =>
                text === undefined || texts.some((other) => other?.toLowerCase().includes(text.toLowerCase())),
            )
            .toSorted((one, other) => {
              const by = field ?? 'occurrence_time';
              return (
                compare(one.sorts[by], other.sorts[by], sortOrder === 'asc' ? 1 : -1) || (one.id < other.id ? -1 : 1)
              );
            })
            .map(({ at }) => at);
        const ask = async (
          text: string | undefined,
          more: Record<string, string> = {},
        ): Promise<{ found: number[]; rest: unknown }> => {
          const given = {
            site_id: 'here',
            from: written(from),
            to: written(to),
            search_text: text,
            sort_field: field,
            sort_order: sortOrder,
            ...more,
          };
          const { charging_events: events, ...rest } = toDocument(
            await runReport(duckdb, report, given, { now: new Date(0), label: (name) => name, defaultTimeZone: 'UTC' }),
          );
          return {
            found: (events as { transaction_data: { at: number } }[]).map(({ transaction_data: { at } }) => at),
            rest,
          };
        };

        const whole = expected(search);
        const found: number[] = [];
        // One page beyond the last: it is empty.
        for (let skip = 0; skip < whole.length + take + 1; skip += take) {
          const page = await ask(search, { take: String(take), skip: String(skip) });
          found.push(...page.found);
          expect(page.rest).toEqual({
            count: whole.length,
            truncated: skip + take < whole.length,
            dto_presence: isOptimised,
            tz: 'UTC',
          });
        }
        expect(found).toEqual(whole);
        for (const text of [search, ...others]) {
          expect(await ask(text)).toEqual({
            found: expected(text),
            rest: { count: expected(text).length, truncated: false, dto_presence: isOptimised, tz: 'UTC' },
          });
        }
      },
    ),
    { numRuns: runs(60), seed: 20260107 },
  );
});
