import { expect, test } from 'vitest';
import { literal } from '../../src/warehouse/duckdb.ts';
import { openEngine } from '../support/duckdb.ts';

const { duckdb } = await openEngine();

/** UTC instant at which a local date begins, by the macro. */
async function startOf(date: string, zone: string): Promise<unknown> {
  const { start } = await duckdb.row(
    `select seconds_after(timestamp '1970-01-01', epoch_of_local_date(date ${literal(date)}, ${literal(zone)}))::varchar as start`,
  );
  return start;
}

test.each([
  ['UTC', '2024-02-01', '2024-02-01 00:00:00'],
  ['Europe/Berlin', '2024-06-01', '2024-05-31 22:00:00'],
  ['America/St_Johns', '2024-01-01', '2024-01-01 03:30:00'],
  ['Asia/Kathmandu', '2024-01-01', '2023-12-31 18:15:00'],
  ['Pacific/Kiritimati', '2024-01-01', '2023-12-31 10:00:00'],
  // The clock goes back from 01:00 to 00:00: the first of the two midnights.
  ['America/Havana', '2015-11-01', '2015-11-01 04:00:00'],
  ['America/Havana', '2020-11-01', '2020-11-01 04:00:00'],
  // The clock goes forward from 00:00 to 01:00: the day begins at 01:00.
  ['America/Havana', '2001-04-01', '2001-04-01 05:00:00'],
  ['Africa/Cairo', '2024-04-26', '2024-04-25 22:00:00'],
])('a day of %s, %s, begins at %s UTC', async (zone, date, start) => {
  expect(await startOf(date, zone)).toBe(start);
});

test.each(['America/Havana', 'Europe/Berlin', 'Australia/Lord_Howe', 'Pacific/Apia', 'Asia/Beirut'])(
  'a month of %s begins with its first quarter-hour',
  async (zone) => {
    const different = await duckdb.rows(
      `with months as (select cast(date '1995-01-01' + interval (n) month as date) as month from range(0, 432) as numbers(n)),
       quarters as (
         select month, epoch_s(month::timestamp) + quarter * 900 as second from months, range(-96, 97) as numbers(quarter)
       ),
       found as (
         select month, min(second) as start from quarters
         where bucket_of_epoch('month', second, ${literal(zone)}) = month group by month
       )
       select month::varchar as month, start from found where start <> epoch_of_local_date(month, ${literal(zone)})
       union all
       select count(*)::varchar, 0 from found having count(*) <> 432`,
    );
    expect(different).toEqual([]);
  },
);
