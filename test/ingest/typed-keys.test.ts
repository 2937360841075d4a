import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { engineDatabase } from '../support/engine-database.ts';
import { runs } from '../support/runs.ts';

const { duckdb, content, empty } = await engineDatabase();

/** Imports files one after the other into an empty table. Returns new, updated and unchanged rows of each, and the sessions. */
async function take(...texts: string[]): Promise<{ counts: string[]; sessions: string[] }> {
  await empty('charging_sessions');
  const counts: string[] = [];
  for (const text of texts) {
    const { added, updated, unchanged, quarantined } = await content('file.csv', text);
    counts.push(`${added} + ${updated} + ${unchanged} + ${quarantined}`);
  }
  const rows = await duckdb.rows(
    'select session_id, end_time::varchar as e, energy_kwh as kwh from charging_sessions order by session_id',
  );
  return {
    counts,
    sessions: rows.map((row) => `${row['session_id']} ${row['e']} ${row['kwh']}`),
  };
}

const perth = (...rows: string[]): string =>
  ['CP ID,Connector,Start Date,Start Time,End Date,End Time,Total kWh,Site,Model', ...rows, ''].join('\n');
const arcgis = (...rows: [station: string, start: string, end: string, kwh: string][]): string =>
  [
    'Station_Name,Start_Date___Time,End_Date___Time,Total_Duration__hh_mm_ss_,Charging_Time__hh_mm_ss_,Energy__kWh_,Port_Type',
    ...rows.map(([station, start, end, kwh]) => `${station},${start},${end},0:00:00,0:00:00,${kwh},Level 2`),
    '',
  ].join('\n');

describe('a session without an end and its later row are one', () => {
  test('of two files', async () => {
    expect(
      await take(perth('51,1,2018-01-30,16:31,,,,M,T'), perth('51,1,2018-01-30,16:31,2018-01-30,17:31,7.5,M,T')),
    ).toEqual({
      counts: ['1 + 0 + 0 + 0', '0 + 1 + 0 + 0'],
      sessions: ['51/1/2018-01-30T16:31:00Z 2018-01-30 17:31:00 7.5'],
    });
  });

  test.each([0, 1])('of one file, the one without an end on line %s', async (at) => {
    const rows = ['51,1,2018-01-30,16:31,2018-01-30,17:31,7.5,M,T'];
    rows.splice(at, 0, '51,1,2018-01-30,16:31,,,3,M,T');
    expect(await take(perth(...rows))).toEqual({
      counts: ['1 + 0 + 1 + 0'],
      sessions: ['51/1/2018-01-30T16:31:00Z 2018-01-30 17:31:00 7.5'],
    });
  });

  test('and the older file imported again changes nothing', async () => {
    const [open, ended] = ['51,1,2018-01-30,16:31,,,3,M,T', '51,1,2018-01-30,16:31,2018-01-30,17:31,7.5,M,T'];
    expect((await take(perth(open), perth(ended), perth(open), perth(ended))).counts).toEqual([
      '1 + 0 + 0 + 0',
      '0 + 1 + 0 + 0',
      '0 + 0 + 1 + 0',
      '0 + 0 + 1 + 0',
    ]);
  });
});

test('the same session in two date styles is one', async () => {
  expect(
    await take(
      perth('51,1,2018-01-30T00:00:00,16:31,2018-01-30T00:00:00,17:31,7.5,M,T'),
      perth('51,1,30/01/2018,16:31,30/01/2018,17:31,7.50,M,T'),
      perth('51,1,30-Jan-2018,16:31:00,30-Jan-2018,17:31:00,7.500,M,T'),
    ),
  ).toEqual({
    counts: ['1 + 0 + 0 + 0', '0 + 0 + 1 + 0', '0 + 0 + 1 + 0'],
    sessions: ['51/1/2018-01-30T16:31:00Z 2018-01-30 17:31:00 7.5'],
  });
});

test('sessions that began in the same minute stay separate, in any order of the rows', async () => {
  const [short, long] = [
    '51,1,2018-08-30,16:32,2018-08-30,16:32,0,M,T',
    '51,1,2018-08-30,16:32,2018-08-30,17:26,35.11,M,T',
  ];
  const { counts, sessions } = await take(perth(short, long), perth(long, short), perth(long));
  expect(counts).toEqual(['2 + 0 + 0 + 0', '0 + 0 + 2 + 0', '0 + 0 + 1 + 0']);
  expect(sessions).toEqual([
    '51/1/2018-08-30T15:32:00Z 2018-08-30 15:32:00 0',
    '51/1/2018-08-30T15:32:00Z#2 2018-08-30 16:26:00 35.11',
  ]);
});

test('a corrected energy updates the session', async () => {
  const row = (kwh: string): string => perth(`51,1,2018-01-30,16:31,2018-01-30,17:31,${kwh},M,T`);
  expect(await take(row('7.5'), row('8'))).toEqual({
    counts: ['1 + 0 + 0 + 0', '0 + 1 + 0 + 0'],
    sessions: ['51/1/2018-01-30T16:31:00Z 2018-01-30 17:31:00 8'],
  });
});

test('ports of a station: two sessions at once stay two while one of them ends', async () => {
  const start = '2018/01/12 15:54:00+00';
  const [one, two] = ['2018/01/12 16:54:00+00', '2018/01/12 17:54:00+00'];
  const { counts, sessions } = await take(
    arcgis(['OAK', start, '', '1'], ['OAK', start, two, '9']),
    arcgis(['OAK', start, two, '9'], ['OAK', start, one, '5']),
    arcgis(['OAK', start, one, '5'], ['OAK', start, two, '9']),
  );
  expect(counts).toEqual(['2 + 0 + 0 + 0', '0 + 1 + 1 + 0', '0 + 0 + 2 + 0']);
  expect(
    sessions.map((each) => each.slice('OAK/2018-01-12T15:54:00Z'.length).replace(/^#2/, '').trim()).toSorted(),
  ).toEqual(['2018-01-12 16:54:00 5', '2018-01-12 17:54:00 9']);
});

/** Sessions of one station and start: each is exported without an end, then with one; rows come in any order. */
const exported = fc
  .array(
    fc.record({ end: fc.integer({ min: 1, max: 9 }), kwh: fc.integer({ min: 0, max: 3 }), isOpen: fc.boolean() }),
    {
      minLength: 1,
      maxLength: 5,
    },
  )
  .chain((sessions) =>
    fc.tuple(
      fc.constant(sessions),
      fc.shuffledSubarray(sessions, { minLength: sessions.length }),
      fc.shuffledSubarray(sessions, { minLength: sessions.length }),
    ),
  );

test('every session is in the table once after it has ended, whatever the order of the rows', async () => {
  await fc.assert(
    fc.asyncProperty(exported, async ([sessions, first, second]) => {
      const start = '2018/01/12 15:00:00+00';
      const rows = (of: typeof sessions, ended: boolean): [string, string, string, string][] =>
        of.map(({ end, kwh, isOpen }) => [
          'OAK',
          start,
          isOpen && !ended ? '' : `2018/01/12 15:0${end}:00+00`,
          String(kwh),
        ]);
      const { counts, sessions: found } = await take(arcgis(...rows(first, false)), arcgis(...rows(second, true)));
      expect(counts[0]).toBe(`${sessions.length} + 0 + 0 + 0`);
      expect(counts[1]).toMatch(/^0 \+ /);
      const expected = sessions.map(({ end, kwh }) => `2018-01-12 15:0${end}:00 ${kwh}`).toSorted();
      expect(found.map((each) => each.replace(/^\S+ /, '')).toSorted()).toEqual(expected);
    }),
    { numRuns: runs(40), seed: 20260104 },
  );
});
