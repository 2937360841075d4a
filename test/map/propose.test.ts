import { describe, expect, test } from 'vitest';
import { FieldNameIndex, readFieldNames } from '../../src/map/field-names.ts';
import type { TableFacts } from '../../src/map/facts.ts';
import type { Answers, Proposal } from '../../src/map/proposal.ts';
import { propose } from '../../src/map/propose.ts';
import { openEngine } from '../support/duckdb.ts';
import { column, number, table, time } from './table-facts.ts';

const { catalog } = await openEngine();
const sources = await catalog.sources();
const names = new FieldNameIndex(readFieldNames());
const of = (facts: TableFacts, answers: Partial<Answers> = {}): Proposal =>
  propose(facts, names, sources, { fields: {}, values: {}, ...answers });
const from = ({ fields }: Proposal): Record<string, string> =>
  Object.fromEntries(fields.map((field) => [field.column, field.from.join(' + ') || field.sql]));
const sqlOf = ({ fields }: Proposal, name: string): string | undefined =>
  fields.find((field) => field.column === name)?.sql;
const questions = ({ questions: all }: Proposal): string[] =>
  all.map(({ option, column: name }) => (name === undefined ? option : `${option} ${name}`));

const station = column('Charger', { distinct: 5 });
const span = (a: string, b: string, facts = {}): TableFacts['timePairs'][number] => ({
  from: a,
  to: b,
  rows: 100,
  ordered: 1,
  equal: 0,
  medianHours: 2,
  long: 0,
  ...facts,
});
const over = (name: string, perHour: number, facts = {}): TableFacts['numbersOverTime'][number] => ({
  column: name,
  from: 'Start',
  to: 'End',
  perHour,
  seconds: 0,
  minutes: 0,
  hours: 0,
  ...facts,
});

describe('start and end', () => {
  test('are two times of which one is never after the other, if no name says so', () => {
    const facts = table([station, time('A'), time('B'), number('Energy (kWh)', 12)], {
      timePairs: [span('B', 'A'), span('A', 'B', { ordered: 0 })],
    });
    const proposal = of(facts);
    expect(from(proposal)).toMatchObject({ start_time: 'B', end_time: 'A', energy_kwh: 'Energy (kWh)' });
    expect(proposal.fields.find((field) => field.column === 'end_time')?.reasons).toEqual(['values: never before B']);
  });

  test('are asked for if several pairs fit', () => {
    const facts = table([station, time('A'), time('B'), time('C'), number('Energy (kWh)', 12)], {
      timePairs: [span('A', 'B'), span('B', 'C'), span('A', 'C')],
    });
    expect(questions(of(facts))).toContain('--field start_time');
  });

  test('an end is not one if most rows end before they start', () => {
    const facts = table([station, time('Start'), time('End'), number('Energy (kWh)', 12)], {
      timePairs: [span('Start', 'End', { ordered: 0.2 }), span('End', 'Start', { ordered: 0.8 })],
    });
    expect(from(of(facts))).not.toHaveProperty('end_time');
  });

  test('a clock without a date ends on the day of the start or the next', () => {
    const day = column('Datum', { dates: 1, dayFirst: 50 });
    const clocks = [column('Beginn', { clocks: 1 }), column('Ende', { clocks: 1 })];
    const facts = table([station, day, ...clocks, number('Energie (kWh)', 12)], {
      times: [
        { name: 'Datum + Beginn', sql: 'day_and_time("Datum", "Beginn")', columns: ['Datum', 'Beginn'] },
        { name: 'Datum + Ende', sql: 'day_and_time("Datum", "Ende")', columns: ['Datum', 'Ende'] },
      ],
      dateOrder: { value: 'dmy', reason: 'test' },
    });
    const proposal = of(facts);
    expect(from(proposal)).toMatchObject({ start_time: 'Datum + Beginn', duration_seconds: 'Beginn + Ende' });
    expect(proposal.warnings).toContain('Ende has no date: sessions are read as shorter than a day');
  });

  test('a duration gives the end, in the unit that makes a plausible power', () => {
    const minutes = table([station, time('Start'), number('Duration', 90), number('Energy (kWh)', 12)]);
    expect(from(of(minutes))).toMatchObject({ duration_minutes: 'Duration' });
    const seconds = table([station, time('Start'), number('Duration', 5400), number('Energy (kWh)', 12)]);
    expect(from(of(seconds))).toMatchObject({ duration_seconds: 'Duration' });
    // 20 minutes at 6 kW, or 20 hours at 100 W: only minutes are plausible. Without energy, both are.
    const open = table([station, time('Start'), number('Duration', 20), column('Connector')]);
    expect(questions(of(open))).toContain('--duration-unit');
    expect(from(of(open, { durationUnit: 'hours' }))).toMatchObject({ duration_hours: 'Duration' });
  });
});

describe('energy', () => {
  const withPower = (name: string, perHour: number): TableFacts =>
    table([station, time('Start'), time('End'), number(name, 10)], {
      timePairs: [span('Start', 'End')],
      numbersOverTime: [over(name, perHour)],
    });

  test('without a unit is in kWh or Wh by plausible power, and asked for between the two', () => {
    expect(sqlOf(of(withPower('Energy', 7.2)), 'energy_kwh')).toBe('"Energy"');
    expect(sqlOf(of(withPower('Energy', 7200)), 'energy_kwh')).toBe(`"Energy" || ' Wh'`);
    // 400 per hour: 400 kW or 400 W.
    expect(questions(of(withPower('Energy', 400)))).toContain('--energy-unit');
    expect(questions(of(withPower('Energy', 400), { energyUnit: 'Wh' }))).toEqual([]);
  });

  test('is asked for if the unit of the header means an impossible power', () => {
    expect(questions(of(withPower('Energy (kWh)', 7200)))).toContain('--energy-unit');
    expect(questions(of(withPower('Energy (Wh)', 7200)))).toEqual([]);
  });

  test('is a number with a plausible power if no name says so, with a warning', () => {
    const proposal = of(withPower('Field 7', 7.2));
    expect(from(proposal)).toMatchObject({ energy_kwh: 'Field 7' });
    expect(proposal.warnings.join()).toContain('because of its values only');
  });

  test('is not a number that is the time between start and end', () => {
    const facts = withPower('X', 60);
    facts.numbersOverTime = [over('X', 60, { minutes: 1 })];
    expect(from(of(facts))).not.toHaveProperty('energy_kwh');
  });

  test('is the difference of meter readings, whose unit follows from a plausible power', () => {
    const facts = table(
      [station, time('Start'), time('End'), number('Meter start', 500_000), number('Meter stop', 512_000)],
      {
        timePairs: [span('Start', 'End')],
        numberPairs: [{ from: 'Meter start', to: 'Meter stop', ordered: 1, equal: 0, medianDifference: 12_000 }],
      },
    );
    expect(from(of(facts))).toMatchObject({ metered_from: 'Meter start', metered_to: 'Meter stop' });
    expect(sqlOf(of(facts), 'meter_stop')).toBe('"Meter stop"');
  });
});

describe('the ID of a session', () => {
  const rows = (id: Parameters<typeof column>[1], facts: Partial<TableFacts> = {}): Proposal =>
    of(
      table(
        [column('Session ID', { integers: 1, ...id }), station, time('Start'), time('End'), number('Energy (kWh)', 9)],
        {
          timePairs: [span('Start', 'End')],
          ...facts,
        },
      ),
    );

  test('is a column with a different value in every row', () => {
    expect(from(rows({ min: 4711, max: 99_999 }))).toMatchObject({ session_id: 'Session ID' });
  });

  test('is not the number of the row', () => {
    const proposal = rows({ min: 1, max: 100 });
    expect(proposal.keyFrom).toEqual(['station_id', 'start_time']);
    expect(proposal.separateBy).toEqual(['end_time', 'energy_kwh']);
    expect(proposal.warnings.join()).toContain('counts the rows of the file from 1');
  });

  test('has the charge point before it if it is unique only there', () => {
    const proposal = rows({ distinct: 40, min: 5, max: 90 }, { distinctPairs: { 'Session ID|Charger': 100 } });
    expect(sqlOf(proposal, 'session_id')).toBe(`"Charger" || '/' || "Session ID"`);
    expect(from(proposal)).toMatchObject({ transaction_id: 'Session ID' });
  });
});

describe('what the file does not show is asked', () => {
  const sessions = (...more: ReturnType<typeof column>[]): TableFacts =>
    table([station, time('Start'), time('End'), number('Energy (kWh)', 9), ...more], {
      timePairs: [span('Start', 'End')],
    });

  test('the order of day and month', () => {
    const facts = sessions();
    facts.columns[1]!.eitherOrder = 90;
    facts.dateOrder = { doubt: 'every date fits both' };
    expect(questions(of(facts))).toEqual(['--date-order']);
  });

  test('the time zone, with UTC as the fallback', () => {
    const facts = sessions();
    for (const place of [1, 2]) facts.columns[place]!.offsets = 0;
    expect(of(facts).questions).toMatchObject([{ option: '--tz', fallback: 'times are read as UTC' }]);
    expect(of(facts, { zone: 'Europe/Berlin' })).toMatchObject({ zone: 'Europe/Berlin', questions: [] });
  });

  test('which of two amounts', () => {
    const facts = sessions(number('Total cost (EUR)', 5), number('Amount (EUR)', 6));
    expect(questions(of(facts))).toEqual(['--field amount_paid']);
    expect(from(of(facts, { fields: { amount_paid: 'Amount (EUR)' } }))).toMatchObject({ amount_paid: 'Amount (EUR)' });
  });

  test('the charge point, if no column has one', () => {
    const facts = sessions();
    facts.columns.shift();
    expect(questions(of(facts))).toEqual(['--value station_id']);
    expect(of(facts, { values: { station_id: 'Home' } })).toMatchObject({ questions: [] });
  });
});

test('currencies, AC and DC, RFID tags and UUIDs are known by their values', () => {
  const facts = table(
    [
      column('X1', { currencies: 1, distinct: 2 }),
      column('X2', { currentTypes: 1, distinct: 2 }),
      column('X3', { hexIds: 1, distinct: 30 }),
      column('X4', { uuids: 1 }),
      station,
      time('Start'),
      time('End'),
      number('Energy (kWh)', 9),
    ],
    { timePairs: [span('Start', 'End')] },
  );
  expect(from(of(facts))).toMatchObject({ currency: 'X1', charging_type: 'X2', rfid: 'X3', session_id: 'X4' });
});

test('the currency comes from the header or from the values of the amount', () => {
  const facts = (amount: ReturnType<typeof column>): TableFacts =>
    table([station, time('Start'), time('End'), number('Energy (kWh)', 9), amount], {
      timePairs: [span('Start', 'End')],
    });
  expect(sqlOf(of(facts(number('Total cost (EUR)', 5))), 'currency')).toBe(`currency_code('EUR')`);
  const signed = number('Total cost', 5, { affixes: [{ before: '£', after: '', count: 100 }] });
  expect(sqlOf(of(facts(signed)), 'currency')).toBe(`currency_code('£')`);
  // A dollar sign stands for many currencies.
  const dollars = number('Total cost', 5, { affixes: [{ before: '$', after: '', count: 100 }] });
  for (const amount of [number('Total cost', 5), dollars])
    expect(of(facts(amount)).questions).toMatchObject([
      { option: '--value', column: 'currency', fallback: 'it counts as the base currency' },
    ]);
  expect(sqlOf(of(facts(number('Betrag (Cent)', 500))), 'amount_paid')).toBe('times("Betrag (Cent)", 0.01)');
});

test('rows of orders are purchases, and refunds if the quantity is negative', () => {
  const facts = table([
    column('Order ID', { distinct: 30 }),
    column('Customer', { distinct: 20 }),
    time('Order date'),
    column('Product', { distinct: 30 }),
    number('Quantity', 2, { integers: 0.95, points: 0, min: -4 }),
    number('Unit price', 9),
  ]);
  const proposal = of(facts);
  expect(proposal.source).toBe('customer_events');
  expect(sqlOf(proposal, 'event_type')).toBe(`case when "Quantity" like '-%' then 'refund' else 'purchase' end`);
});
