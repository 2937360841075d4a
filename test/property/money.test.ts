import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Report } from '../../src/catalog/definitions.ts';
import { runReport } from '../../src/reports/run-report.ts';
import { literal } from '../../src/warehouse/duckdb.ts';
import { openEngine } from '../support/duckdb.ts';
import { runs } from '../support/runs.ts';

interface Session {
  station: string;
  site: string | null;
  user: string | null;
  location: string | null;
  tariff: string | null;
  /** Seconds since 1970 UTC. */
  start: number;
  end: number | null;
  cents: number | null;
  currency: string | null;
  isFailed: boolean;
}

/** 1 unit of base is worth units of currency, in ten-thousandths. */
interface Rate {
  day: number;
  base: string;
  currency: string;
  units: number;
}

interface Question {
  sessions: Session[];
  rates: Rate[];
  base: string | undefined;
  currency: string | undefined;
  by: 'start' | 'end' | 'spread';
  period: [from: number, to: number] | undefined;
  tz: string;
}

const { duckdb, catalog } = await openEngine();
const groupings: { report: string; column: string; given?: Record<string, string>; hasStartDate?: boolean }[] = [
  { report: 'revenue_summary', column: 'total_revenue' },
  { report: 'revenue_by_charge_point', column: 'revenue' },
  { report: 'revenue_by_project', column: 'revenue' },
  { report: 'revenue_by_tariff', column: 'revenue' },
  { report: 'revenue_trends', column: 'revenue', given: { granularity: 'day' } },
  { report: 'revenue_trends', column: 'revenue', given: { granularity: 'week' } },
  { report: 'revenue_trends', column: 'revenue', given: { granularity: 'month' } },
  { report: 'monthly_statement', column: 'total_amount' },
  { report: 'monthly_statement', column: 'total_amount', given: { per: 'rfid' } },
  { report: 'station_analytics', column: 'total_revenue', hasStartDate: true },
  { report: 'user_usage', column: 'total_amount_spent', hasStartDate: true },
];
const reports = new Map<string, Report>();
for (const { report } of groupings) reports.set(report, await catalog.report(report));

const firstDay = Date.UTC(2025, 1, 20) / 86_400_000;
const dayOf = (second: number): number => Math.floor(second / 86_400);

/** The last rate at most 7 days before the day. */
const lastRate = (rates: readonly Rate[], base: string, currency: string, day: number): bigint | undefined => {
  const units = rates
    .filter((rate) => rate.base === base && rate.currency === currency && rate.day <= day && rate.day >= day - 7)
    .toSorted((a, b) => b.day - a.day)[0]?.units;
  return units === undefined ? undefined : BigInt(units);
};

/** Numerator and denominator of a conversion; undefined without a rate. */
function conversion(rates: readonly Rate[], from: string, to: string, day: number): [bigint, bigint] | undefined {
  const direct = lastRate(rates, to, from, day);
  if (direct !== undefined) return [10_000n, direct];
  const inverse = lastRate(rates, from, to, day);
  if (inverse !== undefined) return [inverse, 10_000n];
  for (const base of ['CHF', 'EUR', 'GBP', 'USD']) {
    const [own, other] = [lastRate(rates, base, from, day), lastRate(rates, base, to, day)];
    if (own !== undefined && other !== undefined) return [other, own];
  }
  return undefined;
}

/** Millionths of an amount in another currency, rounded half away from zero; `tie` if it lies between two millionths. */
function convert(cents: number, [up, down]: [bigint, bigint]): bigint | 'tie' {
  const scaled = BigInt(Math.abs(cents)) * 10_000n * up;
  const [whole, rest] = [scaled / down, scaled % down];
  if (rest * 2n === down) return 'tie';
  return (whole + (rest * 2n > down ? 1n : 0n)) * BigInt(Math.sign(cents));
}

function baseOf({ sessions, base }: Question): string | undefined {
  if (base !== undefined) return base;
  const counts = new Map<string, number>();
  for (const { currency } of sessions) if (currency !== null) counts.set(currency, (counts.get(currency) ?? 0) + 1);
  return [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0]?.[0];
}

/** The total in millionths, and what the notes must count, from the sessions alone. */
function expectedMoney(question: Question): {
  total: bigint | 'tie';
  known: number;
  leftOut: number;
  unnamed: number;
  currency: string | null;
} {
  const { sessions, rates, currency: only, by, period } = question;
  const base = baseOf(question);
  const time = ({ start, end }: Session): number | null => (by === 'end' ? end : start);
  const chosen = sessions.filter((session) => {
    const at = time(session);
    const isInPeriod = at !== null && (period === undefined || (at >= period[0] && at <= period[1]));
    return isInPeriod && (only === undefined || session.currency === only);
  });
  const amounts = chosen.flatMap(({ cents, currency, start }) => {
    if (cents === null) return [];
    const isOwn = only !== undefined || currency === null || currency === base;
    const rate = isOwn ? ([1n, 1n] as [bigint, bigint]) : conversion(rates, currency, base!, dayOf(start));
    return [{ micros: rate && convert(cents, rate), isUnnamed: currency === null }];
  });
  const known = amounts.flatMap(({ micros }) => (micros === undefined ? [] : [micros]));
  return {
    total: known.includes('tie') ? 'tie' : (known as bigint[]).reduce((sum, each) => sum + each, 0n),
    known: known.length,
    leftOut: amounts.length - known.length,
    unnamed: base === undefined ? 0 : amounts.filter(({ isUnnamed }) => isUnnamed).length,
    currency: only ?? base ?? null,
  };
}

const second = fc.integer({ min: firstDay * 86_400, max: (firstDay + 25) * 86_400 });
const session: fc.Arbitrary<Session> = fc
  .record({
    station: fc.constantFrom('A', 'B', 'C'),
    site: fc.constantFrom('north', null),
    user: fc.constantFrom('ann', 'bob', null),
    location: fc.constantFrom('Pier', null),
    tariff: fc.constantFrom('day', null),
    start: second,
    length: fc.option(fc.integer({ min: 0, max: 200_000 }), { freq: 6 }),
    cents: fc.option(fc.integer({ min: -500, max: 90_000 }), { freq: 5 }),
    currency: fc.constantFrom('EUR', 'EUR', 'USD', 'GBP', 'SEK', null),
    isFailed: fc.boolean(),
  })
  .map(({ length, ...rest }) => ({ ...rest, end: length === null ? null : rest.start + length }));
const rate: fc.Arbitrary<Rate> = fc
  .record({
    day: fc.integer({ min: firstDay - 9, max: firstDay + 25 }),
    base: fc.constantFrom('EUR', 'EUR', 'EUR', 'GBP', 'CHF'),
    currency: fc.constantFrom('USD', 'GBP', 'EUR'),
    units: fc.integer({ min: 1_000, max: 30_000 }),
  })
  .filter(({ base, currency }) => base !== currency);
const question: fc.Arbitrary<Question> = fc.record({
  sessions: fc.array(session, { minLength: 1, maxLength: 25 }),
  rates: fc.uniqueArray(rate, {
    maxLength: 20,
    selector: ({ day, base, currency }) => `${day} ${base} ${currency}`,
  }),
  base: fc.option(fc.constantFrom('EUR', 'GBP', 'USD'), { freq: 2, nil: undefined }),
  currency: fc.option(fc.constantFrom('EUR', 'GBP'), { freq: 1, nil: undefined }),
  by: fc.constantFrom('start' as const, 'start' as const, 'end' as const, 'spread' as const),
  period: fc.option(
    fc.tuple(second, second).map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]),
    { freq: 2, nil: undefined },
  ),
  tz: fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'Atlantic/Azores'),
});

const iso = (time: number | null): string =>
  time === null ? 'null' : `timestamp ${literal(new Date(time * 1000).toISOString().slice(0, 19))}`;
const text = (value: string | null): string => (value === null ? 'null' : literal(value));

async function fill({ sessions, rates }: Question): Promise<void> {
  await duckdb.run('delete from charging_sessions; delete from exchange_rates');
  const rows = sessions.map(
    ({ station, site, user, location, tariff, start, end, cents, currency, isFailed }, at) =>
      `('s${at}', '${station}', ${text(site)}, ${text(user)}, ${text(user)}, ${text(location)}, ${text(tariff)}, ${iso(start)}, ${iso(end)}, ${isFailed ? 0 : 1},
        ${cents === null ? 'null' : (cents / 100).toFixed(2)}, ${text(currency)}, ${iso(start)})`,
  );
  await duckdb.run(`insert into charging_sessions (session_id, station_id, site_id, user_id, rfid, location, tariff_id, start_time, end_time, energy_kwh,
    amount_paid, currency, "timestamp") values ${rows.join(', ')}`);
  if (rates.length === 0) return;
  const rateRows = rates.map(
    ({ day, base, currency, units }) =>
      `(date '${new Date(day * 86_400_000).toISOString().slice(0, 10)}', '${currency}', '${base}', ${units / 10_000}, timestamp '1970-01-01')`,
  );
  await duckdb.run(
    `insert into exchange_rates (date, currency, base, rate, last_updated) values ${rateRows.join(', ')}`,
  );
}

/** The numbers at the start of each note, by its end. */
const countsIn = (notes: readonly string[], pattern: RegExp): number =>
  notes
    .filter((note) => pattern.test(note))
    .reduce((sum, note) => sum + Number(/^[\d,]+/.exec(note)![0].replaceAll(',', '')), 0);

test('money is the same to a millionth in every grouping, whatever its currencies', { timeout: 240_000 }, async () => {
  let converted = 0;
  await fc.assert(
    fc.asyncProperty(question, async (asked) => {
      // A session that is spread counts with parts of a millionth at the bounds of a period.
      const whole = asked.by === 'spread' ? { ...asked, period: undefined } : asked;
      const expected = expectedMoney(whole);
      fc.pre(expected.total !== 'tie');
      await fill(whole);
      if (expected.known > 0 && expected.leftOut > 0) converted += 1;
      for (const { report, column, given, hasStartDate } of groupings) {
        const written = whole.period?.map((time) => new Date(time * 1000).toISOString());
        const [from, to] = hasStartDate ? ['start_date', 'end_date'] : ['from', 'to'];
        const definition = reports.get(report)!;
        const params = {
          by: whole.by,
          [from]: written?.[0],
          [to]: written?.[1],
          currency: whole.currency,
          base_currency: whole.base,
          ...(definition.parameters.some(({ name }) => name === 'tz') ? { tz: whole.tz } : {}),
          ...given,
        };
        const { rows, notes } = await runReport(duckdb, definition, params, {
          now: new Date(0),
          label: (name) => name,
        });
        const values = rows.map((row) => row[column] as number | null);
        const label = `${report} ${JSON.stringify(params)}`;
        const total = values.reduce((sum, value) => sum + BigInt(Math.round((value ?? 0) * 1e6)), 0n);
        expect(total, label).toBe(expected.total);
        // A group without a known amount has no money; a period or bucket without sessions has 0.
        const zero = ['revenue_summary', 'revenue_trends'].includes(report) ? 0 : null;
        if (expected.known === 0)
          expect(
            values.filter((value) => value !== null && value !== zero),
            label,
          ).toEqual([]);
        for (const row of rows) if ('currency' in row) expect(row['currency'], label).toBe(expected.currency);
        expect(countsIn(notes, /left out/), label).toBe(expected.leftOut);
        expect(countsIn(notes, /without a currency/), label).toBe(expected.unnamed);
      }
    }),
    { numRuns: runs(14), seed: 20261127 },
  );
  expect(converted).toBeGreaterThan(0);
});
