import { describe, expect, test, vi } from 'vitest';
import { catalogError, writeFiles } from '../catalog/report-file.ts';
import { scratch, wattduck } from '../support/cli.ts';
import { createReportRunner, type ReportRunner } from '../warehouse/report-runner.ts';

const report = (notes: string): string => `/*---
title: Stations
description: Stations of a place.
params: { place: { description: Place } }
columns: { station_id: { description: Station } }
key: [station_id]
sort: { default: station_id, allow: [] }
page: { kind: limit, default: 10, max: 100 }
answer: { shape: tinybird }
${notes}
---*/
select station_id from charging_sessions where $place::varchar is null or location = $place::varchar group by station_id
`;
const view = (sql: string, more: string[] = []): string =>
  ['/*---', 'title: V', 'description: D.', ...more, '---*/', sql, ''].join('\n');
const place = 'params: { place: { description: Place } }';

describe('notes of a comparison', () => {
  const compared = { period: '2025-02', compare: 'previous', base_currency: 'EUR', tz: 'UTC' };
  /** Sessions by start, amount and currency. */
  const insert = (runner: ReportRunner, ...rows: [start: string, amount: number, currency: string | null][]) =>
    runner.insertSessions(
      rows.map(([start, amount, currency]) => ({
        start_time: `${start} 10:00:00`,
        end_time: `${start} 11:00:00`,
        energy_kwh: 1,
        amount_paid: amount,
        currency,
      })),
    );

  test('cover both periods, each by itself', async () => {
    const runner = await createReportRunner({});
    await insert(
      runner,
      ['2025-02-03', 5, 'USD'],
      ['2025-02-04', 5, 'EUR'],
      ['2025-01-03', 5, 'USD'],
      ['2025-01-03', 5, 'USD'],
      ['2025-01-04', 5, null],
      // In neither period.
      ['2024-12-31', 5, 'USD'],
    );
    const hint = "no exchange rate. Import rates with 'wattduck ingest eurofxref-hist.csv'.";
    const expected = [
      'Period: 2025-02-01 to 2025-02-28 (UTC)',
      'Compared with 2025-01-01 to 2025-01-31 (previous)',
      `1 amount in USD (1 day) is left out: ${hint}`,
      'In the earlier period, 1 amount without a currency counts as EUR.',
      `In the earlier period, 2 amounts in USD (1 day) are left out: ${hint}`,
    ];
    for (const name of ['revenue_by_charge_point', 'revenue_trends', 'monthly_statement', 'user_usage'])
      expect((await runner.run(name, compared)).notes, name).toEqual(expected);
    // Only the current period without a comparison.
    const { compare: _, ...period } = compared;
    expect((await runner.run('revenue_trends', period)).notes).toEqual([expected[0], expected[2]]);
  });

  test('cost no query with one currency', async () => {
    const runner = await createReportRunner({});
    await insert(runner, ['2025-02-03', 5, 'EUR'], ['2025-01-03', 5, 'EUR']);
    const rows = vi.spyOn(runner.duckdb, 'rows');
    await runner.run('revenue_trends', compared);
    expect(rows.mock.calls.filter(([sql]) => sql.includes('select note from'))).toEqual([]);
    await insert(runner, ['2025-02-03', 5, 'EUR'], ['2025-01-03', 5, 'USD']);
    await runner.run('revenue_trends', compared);
    expect(rows.mock.calls.filter(([sql]) => sql.includes('select note from')).length).toBe(2);
  });

  test('of what does not depend on the period are shown once', async () => {
    const runner = await createReportRunner({});
    await insert(runner, ['2025-02-03', 5, 'EUR'], ['2025-01-03', 5, 'EUR']);
    await runner.duckdb.run(
      "insert into tariffs (tariff_id, currency, last_updated) values ('t', 'EUR', timestamp '2025-01-01')",
    );
    const { notes } = await runner.run('monthly_statement', { ...compared, tariff_id: 't' });
    expect(notes.slice(2)).toEqual(['Tariff t has no price per kWh: amounts are empty.']);
  });
});

describe('views of notes', () => {
  test('are shown with the answer of a report of the user, and get its parameters', async () => {
    const folder = writeFiles(scratch(), {
      'reports/mine/stations.sql': report('notes: [active_notes, place_notes]'),
      'views/active_notes.sql': view("select count(*) || ' active' as note from active_sessions having count(*) > 0", [
        'when: active_sessions',
      ]),
      'views/active_sessions.sql': view('select session_id from charging_sessions where end_time is null'),
      'views/place_notes.sql': view(
        "select count(*) || ' at ' || $place::varchar as note from charging_sessions where location = $place::varchar having count(*) > 0",
        [place],
      ),
    });
    const db = `${folder}/notes.duckdb`;
    const file = (...rows: string[]): string =>
      ['session_id,station_id,location,start_time,end_time', ...rows, ''].join('\n');
    const run = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
      wattduck(['report', 'stations', '--sql-dir', folder, '--db', db, '--format', 'csv', ...args]);
    writeFiles(folder, { 'data/ended.csv': file('a,A,Pier,2025-01-01 10:00,2025-01-01 11:00') });
    writeFiles(folder, { 'data/active.csv': file('b,B,Yard,2025-01-02 10:00,') });
    await wattduck(['ingest', `${folder}/data/ended.csv`, '--db', db]);
    expect(await run()).toMatchObject({ stdout: 'station_id\nA\n', stderr: '' });
    expect(await run('--place', 'Pier')).toMatchObject({ stderr: '1 at Pier\n' });
    await wattduck(['ingest', `${folder}/data/active.csv`, '--db', db]);
    expect(await run('--place', 'Pier')).toMatchObject({ stderr: '1 active\n1 at Pier\n' });
  });

  test.each([
    ['an unknown view', { 'reports/mine/r.sql': report('notes: [amount_note]') }, /view "amount_note" not found/],
    [
      'a view without notes',
      { 'reports/mine/r.sql': report('notes: [session_extent]') },
      /view session_extent has no text column "note"/,
    ],
    [
      'an unknown condition',
      { 'views/v.sql': view("select 'x' as note", ['when: amounts']) },
      /views\/v\.sql:4: view "amounts" not found/,
    ],
  ])('are rejected with %s', async (_, files: Record<string, string>, line) => {
    expect(await catalogError(files)).toMatch(line);
  });
});
