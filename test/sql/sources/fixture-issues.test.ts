import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { runReport } from '../../../src/reports/run-report.ts';
import { createColumnViews, tablesInFile } from '../../../src/warehouse/tables.ts';
import { engineDatabase } from '../../support/engine-database.ts';

const { duckdb, catalog, file, rows } = await engineDatabase();
const text = (name: string): string => {
  const bytes = readFileSync(`fixtures/${name}`);
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').replace(/^\uFEFF/, '');
};
/** Rows of a file without quoted line ends or separators. */
const table = (name: string, separator = ','): Record<string, string>[] => {
  const [head, ...lines] = text(name)
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(separator));
  return lines.map((cells) => Object.fromEntries(head!.map((key, at) => [key, cells[at]!])));
};
const readme = text('README.md');
const idsIn = (passage: RegExp): string[] =>
  [...(passage.exec(readme)?.[1] ?? '').matchAll(/ses_\d{6}/g)].map(([id]) => id);

interface Event {
  charge_point_id: string;
  event_type: string;
  event_time: string;
  connector_id?: number;
  status?: string;
  error_code?: string;
  heartbeat_interval_seconds?: number;
}
const events = text('charge_point_events.ndjson.gz')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Event);
const grouped = <T>(all: readonly T[], key: (each: T) => string): [string, T[]][] => {
  const groups = new Map<string, T[]>();
  for (const each of all) groups.set(key(each), [...(groups.get(key(each)) ?? []), each]);
  return [...groups];
};
const end = Date.parse('2026-01-01T00:00:00Z');
const seconds = (from: string, to?: string): number =>
  ((to === undefined ? end : Date.parse(to)) - Date.parse(from)) / 1000;
const plain = (time: string | undefined): string | null =>
  time === undefined ? null : new Date(time).toISOString().slice(0, 19).replace('T', ' ');

type Row = Record<string, unknown>;
const report = async (name: string, given: Record<string, string> = {}): Promise<Row[]> =>
  (
    await runReport(
      duckdb,
      await catalog.report(name),
      { as_of: '2026-01-01', ...given },
      { now: new Date(0), label: (each) => each, defaultTimeZone: 'UTC' },
    )
  ).rows;
const issues = async (foundBy: string, given: Record<string, string> = {}): Promise<Row[]> =>
  (await report('issues', { since: '1970-01-01', limit: '100000', ...given })).filter(
    (row) => row['found_by'] === foundBy,
  );
const of = (all: readonly Row[], ...names: string[]): string[] =>
  all.map((row) => names.map((name) => String(row[name])).join(' ')).toSorted();

beforeAll(async () => {
  for (const name of [
    'sites.csv',
    'charge_points.csv',
    'connectors.csv',
    'tariffs.csv',
    'firmware_releases.csv',
    'charge_point_events.ndjson.gz',
    'issues.csv',
    'sessions-2024.csv',
    'sessions-2025.ndjson.gz',
    'sessions-corrections.csv',
  ])
    await file(`fixtures/${name}`);
  await createColumnViews(duckdb, await tablesInFile(duckdb));
});

describe('in the fixtures, as of 2026-01-01', () => {
  test('contradictory meter readings are those the README lists', async () => {
    const [backwards, off] = [
      idsIn(/`meter_stop` before `meter_start`:([^.]*)\./),
      idsIn(/Meter readings that contradict the energy:([^.]*)\./),
    ];
    expect([backwards.length, off.length]).toEqual([5, 10]);
    const found = await issues('meter_contradiction');
    expect(of(found, 'session_id')).toEqual([...backwards, ...off].toSorted());
    expect(
      of(
        found.filter((row) => /ran backwards/.test(String(row['description']))),
        'session_id',
      ),
    ).toEqual(backwards.toSorted());
    expect(new Set(of(found, 'type', 'status'))).toEqual(new Set(['billing open']));
  });

  test('contradictory amounts are those the README lists, without corrected ones and those set to 0', async () => {
    const wrong = idsIn(/16 amounts that contradict the tariff:([^.]*)\./);
    const corrected = table('sessions-corrections.csv', ';');
    const right = wrong.filter((id) => corrected.some((row) => row['Session ID'] === id));
    const goodwill = corrected.filter((row) => row['Amount'] === '0.00').map((row) => row['Session ID']!);
    expect([wrong.length, right.length, goodwill.length]).toEqual([16, 8, 7]);
    const found = await issues('tariff_contradiction');
    expect(of(found, 'session_id')).toEqual([...wrong.filter((id) => !right.includes(id)), ...goodwill].toSorted());
    // By the prices of tariffs.csv, to the cent: the difference of each amount decides its severity.
    const tariffs = new Map(table('tariffs.csv').map((row) => [row['tariff_id'], row]));
    for (const [id, tariff, kwh, took, amount] of await rows(
      `select session_id, tariff_id, energy_kwh, epoch(end_time) - epoch(start_time), amount_paid::double from charging_sessions where session_id in (${found.map((row) => `'${String(row['session_id'])}'`).join(', ')})`,
    )) {
      const prices = tariffs.get(tariff!)!;
      const owed =
        Number(prices['price_per_kwh']) * Number(kwh) +
        (Number(prices['price_per_minute']) * Number(took)) / 60 +
        Number(prices['price_flat']);
      const off = Math.abs(owed - Number(amount));
      expect([id, found.find((row) => row['session_id'] === id)?.['severity']]).toEqual([
        id,
        off >= 10 ? 'high' : off >= 1 ? 'medium' : 'low',
      ]);
    }
  });

  // Computed event by event: offline at a disconnect, or two intervals after the last event of a charge point that sends heartbeats.
  const offline = grouped(events, ({ charge_point_id: id }) => id).flatMap(([id, all]) => {
    const spans: { id: string; from: string; to?: string }[] = [];
    let [gone, beat, interval, sign]: [string | undefined, number, number, number] = [
      undefined,
      -Infinity,
      300,
      -Infinity,
    ];
    const fallSilent = (until: number): void => {
      if (gone === undefined && sign + 2 * interval * 1000 < until && sign - beat <= 2 * interval * 1000)
        gone = new Date(sign + 2 * interval * 1000).toISOString();
    };
    for (const each of all) {
      fallSilent(Date.parse(each.event_time));
      if (each.event_type === 'disconnect') {
        gone ??= each.event_time;
        continue;
      }
      if (gone !== undefined) spans.push({ id, from: gone, to: each.event_time });
      gone = undefined;
      sign = Date.parse(each.event_time);
      interval = each.heartbeat_interval_seconds ?? interval;
      if (each.event_type === 'heartbeat') beat = sign;
    }
    fallSilent(end);
    return gone === undefined ? spans : [...spans, { id, from: gone }];
  });

  test('cp_005 and cp_047 are offline; cp_021 has not been silent long enough', async () => {
    expect(of(await issues('offline', { status: 'open' }), 'charge_point_id', 'severity')).toEqual([
      'cp_005 high',
      'cp_047 critical',
    ]);
    // 19:56:40 to midnight.
    expect(await issues('offline', { status: 'open', charge_point_id: 'cp_005' })).toMatchObject([
      { created_at: '2025-12-31 19:56:40', description: 'Charge point has been offline for 4 hours 3 minutes' },
    ]);
    expect(of(await issues('offline', { status: 'open', offline_after_minutes: '5' }), 'charge_point_id')).toEqual([
      'cp_005',
      'cp_021',
      'cp_047',
    ]);
  });

  test('every offline period of the two years is found, to the second', async () => {
    const long = offline.filter(({ from, to }) => seconds(from, to) >= 1800);
    expect(long.length).toBeGreaterThan(100);
    expect(of(await issues('offline'), 'charge_point_id', 'created_at', 'resolved_at')).toEqual(
      long.map(({ id, from, to }) => `${id} ${plain(from)} ${plain(to)}`).toSorted(),
    );
    // The README's example: 558 minutes.
    expect(await issues('offline', { charge_point_id: 'cp_001', from: '2024-06-14', to: '2024-06-15' })).toMatchObject([
      {
        created_at: '2024-06-14 20:12:00',
        resolved_at: '2024-06-15 05:30:00',
        description: 'Charge point was offline for 9 hours 18 minutes',
        severity: 'high',
        status: 'resolved',
      },
    ]);
  });

  test('every fault is found; those of cp_013 and cp_037 last', async () => {
    const faults = grouped(
      events.filter(({ status }) => status !== undefined),
      (each) => `${each.charge_point_id} ${each.connector_id ?? 0}`,
    ).flatMap(([at, all]) =>
      all.flatMap((each, n) => {
        if (each.status !== 'Faulted' || all[n - 1]?.status === 'Faulted') return [];
        const over = all.slice(n).find(({ status }) => status !== 'Faulted')?.event_time;
        return seconds(each.event_time, over) >= 300 ? [`${at} ${plain(each.event_time)} ${plain(over)}`] : [];
      }),
    );
    expect(faults.length).toBeGreaterThan(30);
    expect(of(await issues('faulted'), 'charge_point_id', 'connector_id', 'created_at', 'resolved_at')).toEqual(
      faults.toSorted(),
    );
    expect(
      of(await issues('faulted', { status: 'open' }), 'charge_point_id', 'connector_id', 'severity', 'description'),
    ).toEqual([
      'cp_013 1 high Connector 1 has been faulted for 17 hours 19 minutes: GroundFailure',
      'cp_037 1 critical Connector 1 has been faulted for 1 day 6 hours: ConnectorLockFailure',
    ]);
  });

  test('firmware is outdated two weeks after a newer approved release', async () => {
    const releases = table('firmware_releases.csv');
    // Names of charge points have commas, so columns are counted from the end.
    const behind = text('charge_points.csv')
      .trim()
      .split('\n')
      .slice(1)
      .flatMap((line) => {
        const [model, , firmware] = line.split(',').slice(-6);
        const own = releases.filter((each) => each['model'] === model);
        const running = own.find((each) => each['version'] === firmware)!;
        const newer = own.filter(
          (each) => each['approved'] === 'true' && each['released_at']! > running['released_at']!,
        );
        const due = newer.some(
          (each) => Date.parse(`${each['released_at']!.replace(' ', 'T')}Z`) + 14 * 86_400_000 <= end,
        );
        return due ? [`${line.split(',')[0]} ${newer.length > 1 ? 'medium' : 'low'}`] : [];
      });
    expect(behind.length).toBeGreaterThan(5);
    expect(of(await issues('firmware_behind', { status: 'open' }), 'charge_point_id', 'severity')).toEqual(
      behind.toSorted(),
    );
    // It runs a release that was never approved, newer than every approved one.
    expect(behind.some((each) => each.startsWith('cp_041'))).toBe(false);
  });

  test('three failed sessions in a row are found at every connector, two are not', async () => {
    const ended = await rows(
      'select station_id, connector_id, end_time, start_time, status from charging_sessions where end_time is not null order by end_time, start_time',
    );
    const expected = grouped(ended, ([station, connector]) => `${station} ${connector}`).flatMap(([at, all]) => {
      const runs: string[] = [];
      let failed: string[] = [];
      for (const [, , over, , status] of all) {
        if (status !== 'completed' && status !== null) failed.push(over!);
        else {
          if (failed.length >= 3) runs.push(`${at} ${failed[0]} ${over}`);
          failed = [];
        }
      }
      return failed.length >= 3 ? [...runs, `${at} ${failed[0]} null`] : runs;
    });
    expect(
      of(await issues('repeated_failures'), 'charge_point_id', 'connector_id', 'created_at', 'resolved_at'),
    ).toEqual(expected.toSorted());
  });

  test('imported issues are listed next to detected ones, with their own states', async () => {
    const all = await report('issues', { since: '1970-01-01', limit: '100000' });
    const own = all.filter((row) => row['found_by'] === null);
    expect(of(own, 'status')).toEqual([
      ...Array<string>(3).fill('acknowledged'),
      ...Array<string>(5).fill('open'),
      ...Array<string>(4).fill('resolved'),
    ]);
    expect(new Set(all.map((row) => row['issue_id'])).size).toBe(all.length);
    expect(await report('issue', { issue_id: 'iss_0011' })).toMatchObject([
      {
        description: 'Update to 5.4 failed twice, "checksum mismatch"',
        status: 'open',
        created_at: '2025-12-03 13:25:00',
      },
    ]);
  });

  test('the summary counts the listed open and acknowledged issues', async () => {
    const all = await report('issues', { limit: '100000' });
    const unresolved = all.filter((row) => row['status'] !== 'resolved');
    const many = (name: string, value: string): number => unresolved.filter((row) => row[name] === value).length;
    expect(await report('issues_summary')).toEqual([
      {
        open_count: many('status', 'open'),
        acknowledged_count: 3,
        ...Object.fromEntries(
          ['connectivity', 'faulted', 'billing', 'firmware'].map((type) => [type, many('type', type)]),
        ),
        ...Object.fromEntries(
          ['critical', 'high', 'medium', 'low'].map((severity) => [severity, many('severity', severity)]),
        ),
      },
    ]);
  });

  test('importing again changes nothing', async () => {
    const before = await report('issues', { since: '1970-01-01', limit: '100000' });
    for (const name of ['sessions-2024.csv', 'charge_point_events.ndjson.gz', 'issues.csv', 'customer_profiles.csv'])
      await file(`fixtures/${name}`);
    expect(await report('issues', { since: '1970-01-01', limit: '100000' })).toEqual(before);
  });
});
