import { describe, expect, test } from 'vitest';
import { catalogError, writeFiles } from '../catalog/report-file.ts';
import { scratch, wattduck } from '../support/cli.ts';

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
