import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { hoursAfterSkips } from '../../src/ingest/clock-changes.ts';
import type { IngestOptions } from '../../src/ingest/ingest-file.ts';
import { describeIssue } from '../../src/ingest/row-issues.ts';
import { runs } from '../support/runs.ts';
import { engineDatabase } from '../support/engine-database.ts';

const { content, rows, empty } = await engineDatabase();

beforeEach(async () => {
  for (const source of ['charging_sessions', 'customer_events', 'tariffs', 'charge_points']) await empty(source);
});

/** Imports lines as a file and returns the result, its warnings and its rejections as sentences. */
async function importLines(lines: readonly string[], options: Partial<IngestOptions> = {}) {
  const result = await content('file.csv', `${lines.join('\n')}\n`, options);
  const sentences = (issues: typeof result.doubtful): string[] =>
    issues.map((issue) => `${issue.rows}: ${describeIssue(issue)} (${issue.first})`);
  return { ...result, warnings: sentences(result.doubtful), rejections: sentences(result.rejected) };
}

const head = 'session_id;station_id;start_time;energy_kwh;amount_paid';
const energies = (): Promise<unknown> =>
  rows('select energy_kwh, amount_paid::double from charging_sessions order by session_id');

describe('decimal marks', () => {
  test('a decimal comma is detected if it is the only reading', async () => {
    const { forms, toldByNumbers } = await importLines([head, 'a;C;2024-03-05;12,5;4,20', 'b;C;2024-03-05;1,234;7']);
    expect({ forms, toldByNumbers }).toMatchObject({ forms: { decimalMark: ',' }, toldByNumbers: true });
    expect(await energies()).toEqual([
      ['12.5', '4.2'],
      ['1.234', '7'],
    ]);
  });

  test('thousands after a point show that the comma is the decimal mark', async () => {
    await importLines([head, 'a;C;2024-03-05;1.234,5;1', 'b;C;2024-03-05;1.234;7']);
    expect(await energies()).toEqual([
      ['1234.5', '1'],
      ['1234', '7'],
    ]);
  });

  test('a comma for thousands is detected from numbers with a point', async () => {
    const { forms } = await importLines([head, 'a;C;2024-03-05;12.5;1,234', 'b;C;2024-03-05;7;1,234.50']);
    expect(forms).toMatchObject({ decimalMark: '.' });
    expect(await energies()).toEqual([
      ['12.5', '1234'],
      ['7', '1234.5'],
    ]);
  });

  test.each([
    ['contradicts itself', ['a;C;2024-03-05;1.234;2.345', 'b;C;2024-03-05;12,5;2.345'], 'mixed_decimal_marks'],
    ['has both marks', ['a;C;2024-03-05;12.5;1', 'b;C;2024-03-05;12,5;1'], 'mixed_decimal_marks'],
    ['has only ambiguous numbers', ['a;C;2024-03-05;1,234;1'], 'ambiguous_number'],
    [
      'has a comma in a row with another fault',
      ['a;C;2024-03-05;1.234;1', 'b;;2024-03-05;12,5;1'],
      'mixed_decimal_marks',
    ],
    ['also has ambiguous dates', ['a;C;05/03/2024;1.234;1', 'b;C;25/03/2024;12,5;1'], 'mixed_decimal_marks'],
  ])('a file that %s is rejected', async (_, lines, code) => {
    await expect(importLines([head, ...lines])).rejects.toMatchObject({ code });
    expect(await energies()).toEqual([]);
  });

  test('dates and numbers are both inferred', async () => {
    const { forms } = await importLines([head, 'a;C;25/03/2024;1;4,20', 'b;C;05/03/2024;12,5;1']);
    expect(forms).toMatchObject({ dateOrder: 'dmy', decimalMark: ',' });
  });

  test('independent rows are rejected, not inferred from each other', async () => {
    const records = ['12,5', '1.234', '7'].map((energy, at) =>
      JSON.stringify({ session_id: `s${at}`, station_id: 'C', start_time: '2024-03-05', energy_kwh: energy }),
    );
    const { rejected, added } = await content('rows.ndjson', records.join('\n'), { rowByRow: true });
    expect(added).toBe(2);
    expect(rejected.map(describeIssue)).toEqual([
      'energy_kwh "12,5" may have a decimal comma; decimal_mark is not set',
    ]);
  });

  test('a file with one mark is never read in two ways', async () => {
    const value = fc.record({
      whole: fc.integer({ min: 0, max: 9999 }),
      decimals: fc.constantFrom('', '5', '50', '234', '2345'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(value, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(',', '.'),
        async (values, mark) => {
          await empty('charging_sessions');
          const texts = values.map(({ whole, decimals }) => `${whole}${decimals === '' ? '' : mark}${decimals}`);
          const lines = texts.map((text, at) => `s${at};C;2024-03-05;${text};1`);
          const outcome = await importLines([head, ...lines]).catch((error: unknown) => error as { code: string });
          if ('code' in outcome) return expect(outcome.code).toBe('ambiguous_number');
          expect(await rows('select energy_kwh from charging_sessions order by session_id')).toEqual(
            texts.map((text) => [String(Number(text.replace(',', '.')))]),
          );
        },
      ),
      { numRuns: runs(60), seed: 20260220 },
    );
  });
});

describe('dates with a two-digit year', () => {
  const dates = (...values: string[]): string[] => [
    'session_id,station_id,start_time',
    ...values.map((value, at) => `s${at},C,"${value}"`),
  ];
  const starts = (): Promise<unknown> => rows('select start_time from charging_sessions order by session_id');

  test('and a month name are read', async () => {
    await importLines(dates('5-Mar-24 15:04', 'Mar 5, 24', '5-Mar-99'));
    expect(await starts()).toEqual([['2024-03-05 15:04:00'], ['2024-03-05 00:00:00'], ['1999-03-05 00:00:00']]);
  });

  test('are day first if the days vary more than the years', async () => {
    const { forms } = await importLines(dates('05-03-24', '14-03-24', '25-03-24'));
    expect(forms).toMatchObject({ dateOrder: 'dmy' });
    expect(await starts()).toEqual([['2024-03-05 00:00:00'], ['2024-03-14 00:00:00'], ['2024-03-25 00:00:00']]);
  });

  test.each([[['24-03-05']], [['24-03-05', '24-03-06', '24-03-17']], [['24/03/05 10:00']]])(
    '%j may begin with the year and is rejected',
    async (values) => {
      await expect(importLines(dates(...values))).rejects.toMatchObject({ code: 'two_digit_year_first' });
    },
  );

  test('are read with the order of the option', async () => {
    await importLines(dates('24-03-05', '05.03.24'), { dateOrder: 'dmy' });
    expect(await starts()).toEqual([['2005-03-24 00:00:00'], ['2024-03-05 00:00:00']]);
  });

  test('in a column of dates are never the year itself', async () => {
    await importLines(['customer_id,signup_date', 'a,31-03-24', 'b,05-03-24', 'c,14-Mar-24', 'd,20240306']);
    expect(await rows('select signup_date from customer_profiles order by customer_id')).toEqual([
      ['2024-03-31'],
      ['2024-03-05'],
      ['2024-03-14'],
      ['2024-03-06'],
    ]);
  });
});

describe('an end that means none', () => {
  test.each([
    '0000-00-00 00:00:00',
    '0000-00-00',
    '0001-01-01T00:00:00Z',
    '0001-01-01 00:00:00 +0000 UTC',
    '01/01/0001 00:00:00',
    '1970-01-01',
    '1970-01-01 00:00:00',
    '1970-01-01T00:00:00.000Z',
    '1970-01-01T01:00:00+01:00',
    '0',
  ])('%s is empty', async (end) => {
    for (const zone of ['UTC', 'Europe/Berlin']) {
      await empty('charging_sessions');
      const result = await importLines(
        ['session_id,station_id,start_time,end_time', `a,C,2024-03-05 10:00:00,${end}`],
        {
          zone,
        },
      );
      expect(result).toMatchObject({ added: 1, quarantined: 0, emptied: { end_time: 1 } });
      expect(await rows('select end_time from charging_sessions')).toEqual([[null]]);
    }
  });

  test('other early ends are still rejected', async () => {
    const { rejections } = await importLines([
      'session_id,station_id,start_time,end_time',
      'a,C,2024-03-05 10:00:00,1970-01-01 00:00:37',
      'b,C,2024-03-05 10:00:00,0000-01-00',
    ]);
    expect(rejections).toEqual([
      '1: end_time "1970-01-01 00:00:37" is before start_time (2)',
      '1: end_time "0000-01-00" is not a valid timestamp (3)',
    ]);
  });
});

describe('clocks that change', () => {
  test('a local time that clocks skip is imported with a warning', async () => {
    const { warnings } = await importLines(
      [
        'session_id,station_id,start_time',
        'a,C,2024-03-31 02:30:00',
        'b,C,2024-03-31 03:30:00',
        'c,C,2024-03-31 01:59:59',
        'd,C,2024-03-31T02:30:00+01:00',
        'e,C,31 Mar 2024 2:45 AM',
      ],
      { zone: 'Europe/Berlin' },
    );
    expect(warnings).toEqual([
      '2: start_time "2024-03-31 02:30:00" does not exist in Europe/Berlin: clocks skip it (a)',
    ]);
  });

  test('half an hour is repeated or skipped in Lord Howe', async () => {
    const { warnings } = await importLines(
      [
        'session_id,station_id,start_time,end_time',
        // The end is in the second pass, since the first would be before the start.
        'a,C,2024-04-07 01:45:00,2024-04-07 01:35:00',
        'b,C,2024-04-07 01:35:00,2024-04-07 01:45:00',
        'c,C,2024-10-06 02:15:00,2024-10-06 03:00:00',
      ],
      { zone: 'Australia/Lord_Howe' },
    );
    expect(await rows('select start_time, end_time from charging_sessions order by session_id')).toEqual([
      ['2024-04-06 14:45:00', '2024-04-06 15:05:00'],
      ['2024-04-06 14:35:00', '2024-04-06 14:45:00'],
      ['2024-10-05 15:45:00', '2024-10-05 16:00:00'],
    ]);
    expect(warnings).toEqual([
      '1: start_time "2024-10-06 02:15:00" does not exist in Australia/Lord_Howe: clocks skip it (c)',
    ]);
  });

  test('an end with its own zone is not moved to the second pass', async () => {
    const { rejections } = await importLines(
      ['session_id,station_id,start_time,end_time', 'a,C,2024-10-27 02:45:00 CEST,2024-10-27 02:30:00 CEST'],
      { zone: 'Europe/Berlin' },
    );
    expect(rejections).toEqual(['1: end_time "2024-10-27 02:30:00 CEST" is before start_time (2)']);
  });

  test.each([
    ['Europe/Berlin', [1]],
    ['America/New_York', [7]],
    ['Asia/Kolkata', []],
    ['UTC', []],
  ])('after skips in %s it is %j o’clock UTC', (zone, hours) => {
    expect(hoursAfterSkips(zone)).toEqual(hours);
  });
});

describe('currencies', () => {
  const sessions = (...currencies: string[]): string[] => [
    'session_id,station_id,start_time,amount_paid,currency',
    ...currencies.map((each, at) => `s${at},C,2024-03-05,3,${each}`),
  ];

  test('are ISO 4217 codes in upper case', async () => {
    const { warnings } = await importLines(sessions('EUR', 'eur', ' Eur\u00a0', '€', 'Euro', '£'));
    expect(await rows('select currency, count(*) from charging_sessions group by 1 order by 1')).toEqual([
      ['EUR', '5'],
      ['GBP', '1'],
    ]);
    expect(warnings).toEqual([]);
  });

  test('that are not such codes are kept with a warning', async () => {
    const { warnings } = await importLines(sessions('$', 'XXA', 'kr', 'EUR'));
    expect(warnings).toEqual(['3: currency "$" is not an ISO 4217 code (s0)']);
    expect(await rows('select currency from charging_sessions order by session_id')).toEqual([
      ['$'],
      ['XXA'],
      ['KR'],
      ['EUR'],
    ]);
  });

  test('of tariffs are codes too', async () => {
    await importLines(['tariff_id,price_per_kwh,currency', 'a,0.5,chf']);
    expect(await rows('select currency from tariffs')).toEqual([['CHF']]);
  });
});

describe('a type that is not AC or DC', () => {
  const sessions = (name: string, ...types: string[]): string[] => [
    `session_id,station_id,start_time,${name}`,
    ...types.map((each, at) => `s${at},C,2024-03-05,${each}`),
  ];
  const types = (): Promise<unknown> => rows('select charging_type from charging_sessions order by session_id');

  test.each([[['RFID', 'App']], [['Type 2', 'CCS', 'CHAdeMO']], [['Plug&Charge']]])(
    'in the column type is ignored: %j',
    async (values) => {
      const { warnings, added } = await importLines(sessions('type', ...values));
      expect(added).toBe(values.length);
      expect(warnings).toEqual([
        `${values.length}: charging_type "${values[0]}" is not one of AC, DC in any row; the column is ignored (s0)`,
      ]);
      expect(await types()).toEqual(values.map(() => [null]));
    },
  );

  test('does not replace a stored type', async () => {
    await importLines(sessions('charging_type', 'DC'));
    await importLines(sessions('type', 'RFID'));
    expect(await types()).toEqual([['DC']]);
  });

  test('beside AC and DC is empty', async () => {
    const { warnings } = await importLines(sessions('type', 'ac_1_phase', 'DC Fast', 'App'));
    expect(await types()).toEqual([['AC'], ['DC'], [null]]);
    expect(warnings).toEqual(['1: charging_type "App" is not one of AC, DC; imported as empty (s2)']);
  });

  test('in the column charging_type is rejected', async () => {
    const { rejections } = await importLines(sessions('charging_type', 'AC Level 2', 'RFID'));
    expect(rejections).toEqual(['1: charging_type "RFID" must be one of AC, DC (3)']);
  });
});

describe('a duration', () => {
  const ends = (): Promise<unknown> => rows('select end_time from charging_sessions order by session_id');

  test.each([
    ['duration', '1:29:00', '2024-03-05 11:29:00'],
    ['duration', '1h29m0s', '2024-03-05 11:29:00'],
    ['Session Duration', 'PT1H29M', '2024-03-05 11:29:00'],
    ['Duration (min)', '89', '2024-03-05 11:29:00'],
    ['duration_minutes', '89.5', '2024-03-05 11:29:30'],
    ['duration_seconds', '5340', '2024-03-05 11:29:00'],
    ['Duration (h)', '1.5', '2024-03-05 11:30:00'],
    ['duration', '0:00:00', null],
  ])('%s %s gives the end %s', async (name, value, end) => {
    const { warnings } = await importLines([
      `session_id,station_id,start_time,${name}`,
      `a,C,2024-03-05 10:00:00,${value}`,
    ]);
    expect({ ends: await ends(), warnings }).toEqual({ ends: [[end]], warnings: [] });
  });

  test('only completes a missing end', async () => {
    await importLines([
      'session_id,station_id,start_time,end_time,duration_min',
      'a,C,2024-03-05 10:00:00,2024-03-05 12:00:00,30',
      'b,C,2024-03-05 10:00:00,,30',
      'c,C,2024-03-05 10:00:00,0000-00-00,30',
    ]);
    expect(await ends()).toEqual([['2024-03-05 12:00:00'], ['2024-03-05 10:30:00'], ['2024-03-05 10:30:00']]);
    expect(await rows('select "timestamp" from charging_sessions order by session_id')).toEqual(await ends());
  });

  test.each([
    ['duration', '90', 'duration "90" has no unit or is not a duration; ignored'],
    ['duration_min', 'n/a', 'duration_minutes "n/a" is not a valid number; ignored'],
  ])('that cannot be read is ignored with a warning: %s %s', async (name, value, warning) => {
    const { warnings } = await importLines([
      `session_id,station_id,start_time,${name}`,
      `a,C,2024-03-05 10:00:00,${value}`,
    ]);
    expect(warnings).toEqual([`1: ${warning} (a)`]);
    expect(await ends()).toEqual([[null]]);
  });

  test('in the hour that clocks repeat counts elapsed time', async () => {
    await importLines(['session_id,station_id,start_time,duration_min', 'a,C,2024-10-27 02:30:00,90'], {
      zone: 'Europe/Berlin',
    });
    expect(await ends()).toEqual([['2024-10-27 02:00:00']]);
  });
});

describe('a line total', () => {
  const events = (header: string, ...lines: string[]): string[] => [
    `event_id,customer_id,event_type,event_time,${header}`,
    ...lines.map((line, at) => `e${at},c,purchase,2024-03-05 10:00:00,${line}`),
  ];
  const prices = (): Promise<unknown> => rows('select price, quantity from customer_events order by event_id');

  test('and the quantity give the unit price', async () => {
    await importLines(events('total_amount,quantity', '10.00,4', '7.50,', '-10,-2', '5,0'));
    expect(await prices()).toEqual([
      ['2.5', '4'],
      ['7.5', null],
      ['5', '-2'],
      ['5', '0'],
    ]);
  });

  test('is not used if the row has a unit price; a contradiction is a warning', async () => {
    const { warnings } = await importLines(
      events('price,quantity,line_total', '2.50,4,10.00', '3,4,10.00', '3.333,3,10'),
    );
    expect(await prices()).toEqual([
      ['2.5', '4'],
      ['3', '4'],
      ['3.333', '3'],
    ]);
    expect(warnings).toEqual(['1: total_amount "10.00" is not price times quantity (e1)']);
  });
});

describe('swapped day and month', () => {
  const day = 86_400_000;
  /** Starts every 5 hours over a period; those that `swap` selects are written with day and month swapped. */
  const starts = (from: string, days: number, swap: (at: Date) => boolean): string[] =>
    Array.from({ length: Math.floor((days * 24) / 5) }, (_, n) => new Date(Date.parse(from) + n * 5 * 3_600_000))
      .map((at) =>
        swap(at) && at.getUTCDate() <= 12
          ? new Date(Date.UTC(at.getUTCFullYear(), at.getUTCDate() - 1, at.getUTCMonth() + 1) + (at.getTime() % day))
          : at,
      )
      .map((at, n) => `s${n},C,${at.toISOString().slice(0, 19)}`);
  const importStarts = (lines: string[]) => importLines(['session_id,station_id,start_time', ...lines]);

  test('is reported with the figures', async () => {
    const { warnings } = await importStarts(starts('2018-09-13T00:00:00Z', 60, () => true));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /^\d+: start_time "2018-\S+ \S+" may have day and month swapped: days above 12 are from 2018-09-13 to 2018-10-31, days up to 12 from 2018-01-10 to 2018-12-10 \(s\d+\)$/,
    );
  });

  test('is reported if it is so in half of the rows', async () => {
    const { warnings } = await importStarts(starts('2024-05-01T00:00:00Z', 31, (at) => at.getUTCHours() % 2 === 0));
    expect(warnings).toEqual([
      expect.stringContaining('may have day and month swapped: days above 12 are from 2024-05-13 to 2024-05-31'),
    ]);
  });

  test.each([
    ['2024-01-01T00:00:00Z', 366],
    ['2024-02-25T00:00:00Z', 20],
    ['2024-03-01T00:00:00Z', 12],
    ['2023-06-20T00:00:00Z', 45],
  ])('is not reported for a true period from %s of %i days', async (from, days) => {
    expect((await importStarts(starts(from, days, () => false))).warnings).toEqual([]);
  });
});

describe('texts', () => {
  test('ids are trimmed, Unicode spaces included', async () => {
    const marks = ['\u00a0', '\u202f', '\u2009', '\u3000', '\ufeff', '\u200b', ' '];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...marks), { maxLength: 4 }),
        fc.constantFrom('A', 'Süd', 'A\u00a0B', '1'),
        async (around, id) => {
          await empty('charging_sessions');
          const space = around.join('');
          await importLines(['session_id,station_id,start_time', `${space}${id}${space},${space}${id},2024-03-05`]);
          expect(await rows('select session_id, station_id from charging_sessions')).toEqual([[id, id]]);
        },
      ),
      { numRuns: runs(100), seed: 20260221 },
    );
  });

  test('of spaces alone are empty', async () => {
    const { rejections } = await importLines(['session_id,station_id,start_time', '\u00a0\u202f,C,2024-03-05']);
    expect(rejections).toEqual(['1: session_id is missing (2)']);
  });
});
