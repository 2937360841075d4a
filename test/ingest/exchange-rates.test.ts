import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { counts, engineDatabase, rejectionReasons } from '../support/engine-database.ts';

const { duckdb, catalog, content, empty, rows } = await engineDatabase();
const header = 'Date,USD,JPY,GBP,CHF,CYP,';
const stored = (): Promise<(string | null)[][]> =>
  rows('select date, currency, base, rate from exchange_rates order by date, currency, base');

beforeEach(() => empty('exchange_rates'));

describe('the table of the European Central Bank', () => {
  test('has a row for each cell; empty cells and N/A are skipped', async () => {
    const result = await content(
      'eurofxref-hist.csv',
      `${header}\n2025-03-04,1.0557,157.16,0.82895,0.9407,N/A,\n2025-03-03,1.0465,,0.82573,0.9475,N/A,\n`,
    );
    expect(result.mapping).toBe('ecb_exchange_rates');
    expect(counts(result)).toMatchObject({ source: 'exchange_rates', read: 10, added: 7, quarantined: 0 });
    expect(result.skipped).toBe(3);
    expect(await stored()).toEqual([
      ['2025-03-03', 'CHF', 'EUR', '0.9475'],
      ['2025-03-03', 'GBP', 'EUR', '0.82573'],
      ['2025-03-03', 'USD', 'EUR', '1.0465'],
      ['2025-03-04', 'CHF', 'EUR', '0.9407'],
      ['2025-03-04', 'GBP', 'EUR', '0.82895'],
      ['2025-03-04', 'JPY', 'EUR', '157.16'],
      ['2025-03-04', 'USD', 'EUR', '1.0557'],
    ]);
  });

  test.each([
    ['of one day, with spaces', 'Date, USD, JPY, GBP, CHF, \n04 March 2025, 1.0557, 157.16, 0.82895, 0.9407, \n'],
    ['without a last comma, with CRLF', 'Date,USD,JPY,GBP,CHF\r\n2025-03-04,1.0557,157.16,0.82895,0.9407\r\n'],
    ['in quotes', '"Date","USD","JPY","GBP","CHF"\n"2025-03-04","1.0557","157.16","0.82895","0.9407"\n'],
    ['with semicolons', 'Date;USD;JPY;GBP;CHF\n2025-03-04;1.0557;157.16;0.82895;0.9407\n'],
    ['below a title', 'Reference rates\n\nDate,USD,JPY,GBP,CHF\n2025-03-04,1.0557,157.16,0.82895,0.9407\n'],
    ['in gzip', gzipSync('Date,USD,JPY,GBP,CHF\n2025-03-04,1.0557,157.16,0.82895,0.9407\n')],
  ])('is read %s', async (_, text) => {
    expect(counts(await content('eurofxref.csv', text))).toMatchObject({ read: 4, added: 4, quarantined: 0 });
    expect((await stored()).map(([date, currency, , rate]) => [date, currency, rate])).toEqual([
      ['2025-03-04', 'CHF', '0.9407'],
      ['2025-03-04', 'GBP', '0.82895'],
      ['2025-03-04', 'JPY', '157.16'],
      ['2025-03-04', 'USD', '1.0557'],
    ]);
  });

  test('has bad cells and rows rejected, one by one', async () => {
    const result = await content(
      'rates.csv',
      `Date,USD,JPY,GBP,CHF,Note,EUR\n2025-03-04,1.0557,many,0,0.9407,hello,1\n2025-03-03,1.0465,157\n2025-03-02,1,2,3,4,,,,9\nsoon,1,,,,,\n`,
    );
    // 6 cells of the first row, 1 of each row with too few or too many fields, 6 of the last.
    expect(counts(result)).toMatchObject({ read: 14, added: 2, quarantined: 7 });
    expect(result.skipped).toBe(5);
    expect(rejectionReasons(result).toSorted()).toEqual([
      '2: rate not a valid number',
      '3: rate is not above 0',
      '6: currency is the base currency',
      '7: currency is missing',
      '9: date not a valid date',
    ]);
    expect((await stored()).map(([date, currency]) => [date, currency])).toEqual([
      ['2025-03-04', 'CHF'],
      ['2025-03-04', 'USD'],
    ]);
  });

  test('replaces a rate when it is imported again', async () => {
    await content('rates.csv', `${header}\n2025-03-04,1.05,157.16,0.8,0.9,,\n`);
    expect(counts(await content('rates.csv', `${header}\n2025-03-04,1.06,157.16,0.8,0.9,,\n`))).toMatchObject({
      added: 0,
      updated: 1,
      unchanged: 3,
    });
  });

  test('with an open quote is an error, and nothing is imported', async () => {
    await expect(content('rates.csv', `${header}\n2025-03-04,"1.05,157.16,0.8,0.9,,\n`)).rejects.toMatchObject({
      code: 'unbalanced_quotes',
    });
    expect(await stored()).toEqual([]);
  });
});

test('a table with a row for each rate is read as it is', async () => {
  const result = await content(
    'rates.csv',
    'rate_date,from_currency,currency,exchange_rate\n2025-03-04,GBP,usd,1.27\n',
  );
  expect(counts(result)).toMatchObject({ source: 'exchange_rates', read: 1, added: 1 });
  expect(await stored()).toEqual([['2025-03-04', 'USD', 'GBP', '1.27']]);
});

test('rates are used up to 7 days, first between the two currencies, then over a common base', async () => {
  await duckdb.run('delete from charging_sessions');
  const days = ['01', '07', '08', '09', '16'];
  await duckdb.run(
    `insert into charging_sessions (session_id, station_id, start_time, amount_paid, currency, "timestamp") values
     ${days.map((day) => `('u${day}', 'A', '2025-03-${day} 23:59:59', 10, 'USD', '2025-03-01')`).join(', ')}`,
  );
  const conversions = async (...rates: string[]): Promise<unknown[]> => {
    await duckdb.run('delete from exchange_rates');
    const values = rates.map((rate) => {
      const [date, currency, base, units] = rate.split(' ');
      return `('${date}', '${currency}', '${base}', ${units}, '1970-01-01')`;
    });
    await duckdb.run(
      `insert into exchange_rates (date, currency, base, rate, last_updated) values ${values.join(', ')}`,
    );
    const { runReport } = await import('../../src/reports/run-report.ts');
    const { rows: answer } = await runReport(
      duckdb,
      await catalog.report('revenue_trends'),
      { base_currency: 'GBP' },
      { now: new Date(0), label: (name) => name },
    );
    return answer.filter(({ period }) => days.includes(String(period).slice(-2))).map(({ revenue }) => revenue);
  };
  // 1 GBP = 1.25 USD: 10 USD are 8 GBP, from the day itself to the seventh after it.
  expect(await conversions('2025-03-01 USD GBP 1.25')).toEqual([8, 8, 8, null, null]);
  expect(await conversions('2025-03-01 GBP USD 0.5')).toEqual([5, 5, 5, null, null]);
  expect(await conversions('2025-03-01 USD EUR 1.25', '2025-03-02 GBP EUR 0.75')).toEqual([null, 6, 6, null, null]);
  expect(await conversions('2025-03-01 USD EUR 1.25', '2025-03-02 GBP CHF 0.75')).toEqual([
    null,
    null,
    null,
    null,
    null,
  ]);
  // A direct rate comes before a cross rate, a later rate before an earlier one, and a rate of before the sessions counts.
  expect(
    await conversions(
      '2025-02-23 USD GBP 1.25',
      '2025-03-01 USD EUR 1.25',
      '2025-03-01 GBP EUR 0.75',
      '2025-03-08 USD GBP 2',
      '2025-03-09 USD GBP 4',
    ),
  ).toEqual([8, 6, 5, 2.5, 2.5]);
});
