import fc from 'fast-check';
import { expect, test } from 'vitest';
import { literal } from '../../src/warehouse/duckdb.ts';
import { openEngine } from '../support/duckdb.ts';
import { runs } from '../support/runs.ts';

const { duckdb } = await openEngine();
const valueOf = async (sql: string): Promise<unknown> => (await duckdb.row(`select ${sql} as x`))['x'];
const markSql = (mark: string | null): string => (mark === null ? 'null::varchar' : literal(mark));

test.each([
  ['12.5 KWH', 'kWh', null, 12.5],
  ['12.5kwh', 'kWh', null, 12.5],
  ['12500 wh', 'kWh', null, 12.5],
  ['12.5 KWh', 'kWh', null, 12.5],
  ['0.0125 mwh', 'kWh', null, 12.5],
  ['0.0125 mWh', 'kWh', null, 12.5],
  ['11 KW', 'kW', null, 11],
  ['11000 w', 'kW', null, 11],
  ['11 kw', 'kWh', null, null],
  ['12,5 kwh', 'kWh', ',', 12.5],
  ['12,50\u00a0€', 'currency', ',', 12.5],
  ['€\u202f12,50', 'currency', ',', 12.5],
  ['−1,50', 'currency', ',', -1.5],
  ['−\u20091,50 €', 'currency', ',', -1.5],
  ['- 1.50 EUR', 'currency', null, -1.5],
  ['€ -1.50', 'currency', null, -1.5],
  ['1.50 eur', 'currency', null, 1.5],
  ['1.50 Euro', 'currency', null, 1.5],
  ['US$ 1.50', 'currency', null, 1.5],
  ['1\u202f234,5', '', ',', 1234.5],
  ['1\u2009234.5', '', null, 1234.5],
  ['80\u00a0%', 'percent', null, 80],
])('the number %j in %s with mark %s is %s', async (text, unit, mark, value) => {
  expect(await valueOf(`written_number(${literal(text)}, ${literal(unit)}, ${markSql(mark)})`)).toBe(value);
});

test.each([
  ['12,5', ','],
  ['4,20 €', ','],
  ['0,123', ','],
  ['1234,567', ','],
  ['1 234,567', ','],
  ['1.234,5', ','],
  ['1.234.567', ','],
  ['12.5', '.'],
  ['0.123', '.'],
  ['1234.567', '.'],
  ['1,234.5', '.'],
  ['1,234,567', '.'],
  ['1.5e3', '.'],
  ['1,234', '?,'],
  ['-12,345 kWh', '?,'],
  ['1.234', '?.'],
  ['12', null],
  ['n/a', null],
  ['1.2.3', null],
])('the number %j shows the decimal mark %s', async (text, mark) => {
  const unit = text.includes('€') ? 'currency' : 'kWh';
  expect(await valueOf(`shown_mark(${literal(text)}, ${literal(unit)})`)).toBe(mark);
});

test.each([
  ['EUR', 'EUR'],
  ['eur', 'EUR'],
  ['\u00a0Eur ', 'EUR'],
  ['€', 'EUR'],
  ['Euro', 'EUR'],
  ['£', 'GBP'],
  ['US$', 'USD'],
  // Several currencies have these.
  ['$', '$'],
  ['kr', 'KR'],
  ['Fr.', 'FR.'],
])('the currency %j is %s', async (text, code) => {
  expect(await valueOf(`currency_code(${literal(text)})`)).toBe(code);
});

test.each([
  ['AC Level 2', 'AC'],
  ['ac_1_phase', 'AC'],
  ['AC_3_PHASE', 'AC'],
  ['DC Fast', 'DC'],
  ['DCFC', 'DC'],
  ['dc-fast', 'DC'],
  ['AC/DC', null],
  ['ACME', null],
  ['RFID', null],
  ['Type 2', null],
])('the type %j is %s', async (text, current) => {
  expect(await valueOf(`ac_or_dc(${literal(text)})`)).toBe(current);
});

test.each([
  ['1:29:00', 5340],
  ['1h29m0s', 5340],
  ['1 h 29 min', 5340],
  ['89 minutes', 5340],
  ['90 s', 90],
  ['1.5 hours', 5400],
  ['1 day, 2 hours', 93_600],
  ['PT1H29M', 5340],
  ['P1DT2H', 93_600],
  ['90', null],
  ['soon', null],
  ['P', null],
  ['h', null],
])('the duration %j is %s seconds', async (text, seconds) => {
  expect(await valueOf(`clock_seconds(${literal(text)})`)).toBe(seconds);
});

const thousands = ['', ' ', '\u00a0', '\u202f', '\u2009', "'", '’'];
const units = ['', ' kWh', '\u00a0kWh', 'kwh', '\u202fKWH', '\u2009Kwh'];
const signs = ['', '-', '\u2212', '\u2013', '+'];

test('numbers with any spaces, signs, units and marks are the number they were written from', async () => {
  const number = fc.record({
    hundredths: fc.integer({ min: 0, max: 999_999_999 }),
    sign: fc.constantFrom(...signs),
    separator: fc.constantFrom(...thousands),
    unit: fc.constantFrom(...units),
    mark: fc.constantFrom(',' as const, '.' as const),
    grouped: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(number, { minLength: 30, maxLength: 60 }), async (numbers) => {
      const written = numbers.map(({ hundredths, sign, separator, unit, mark, grouped }) => {
        const whole = String(Math.floor(hundredths / 100));
        const between = grouped ? (mark === ',' ? '.' : ',') : separator;
        const digits = whole.replaceAll(/\B(?=(\d{3})+$)/g, between);
        return {
          sql: `written_number(${literal(`${sign}${digits}${mark}${String(hundredths % 100).padStart(2, '0')}${unit}`)}, 'kWh', ${literal(mark)})`,
          value: ((sign === '' || sign === '+' ? 1 : -1) * hundredths) / 100,
        };
      });
      const values = await valueOf(`[${written.map(({ sql }) => sql).join(', ')}]`);
      expect((values as number[]).map((value) => value + 0)).toEqual(written.map(({ value }) => value + 0));
    }),
    { numRuns: runs(25), seed: 20260210 },
  );
});
