import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runReport } from '../../src/reports/run-report.ts';
import { openEngine } from '../support/duckdb.ts';
import { runs } from '../support/runs.ts';

interface Session {
  /** Minutes since 2024-01-01 00:00 UTC. */
  start: number;
  minutes: number;
  kwh: number;
}

const { duckdb, catalog } = await openEngine();
const report = await catalog.report('energy_by_time_of_day');
const origin = Date.UTC(2024, 0, 1);

// Time zones with full, half and quarter hours, with and without daylight saving, one of them by half an hour.
const zones = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/New_York'];

const session = fc.record({
  // Half of them around the two nights when clocks change in Europe.
  start: fc.oneof(
    fc.integer({ min: 0, max: 527_000 }),
    fc.integer({ min: 129_000, max: 131_500 }),
    fc.integer({ min: 431_000, max: 433_500 }),
  ),
  minutes: fc.integer({ min: 1, max: 3000 }),
  kwh: fc.integer({ min: 1, max: 90_000 }).map((watt) => watt / 1000),
});

/** Energy per local hour, counted minute by minute with the time zones of Node. */
function spread(sessions: readonly Session[], zone: string): number[] {
  const hourOf = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' });
  const hours = Array.from({ length: 24 }, () => 0);
  for (const { start, minutes, kwh } of sessions) {
    for (let minute = start; minute < start + minutes; minute += 1) {
      hours[Number(hourOf.format(origin + minute * 60_000))]! += kwh / minutes;
    }
  }
  return hours;
}

const daysBetween = (sessions: readonly Session[], zone: string): number => {
  const dayOf = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
  const day = (start: number): number => Date.parse(dayOf.format(origin + start * 60_000)) / 86_400_000;
  const starts = sessions.map(({ start }) => day(start));
  return Math.max(...starts) - Math.min(...starts) + 1;
};

test('energy by local hour matches a minute-by-minute count, and the sum is complete', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(session, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(...zones),
      async (sessions, zone) => {
        await duckdb.run('delete from charging_sessions');
        const rows = sessions.map(({ start, minutes, kwh }, at) => {
          const time = (minute: number): string => `timestamp '2024-01-01' + interval ${minute} minute`;
          return `('s${at}', 'A', ${time(start)}, ${time(start + minutes)}, ${kwh}, ${time(start)})`;
        });
        await duckdb.run(
          `insert into charging_sessions (session_id, station_id, start_time, end_time, energy_kwh, "timestamp") values ${rows.join(', ')}`,
        );

        const answer = await runReport(duckdb, report, { tz: zone }, { now: new Date(origin), label: (name) => name });
        const days = daysBetween(sessions, zone);
        const expected = spread(sessions, zone);
        const got = answer.rows.map((row) => Number(row['avg_energy_kwh']) * days);
        // Averages are rounded to three decimals.
        const tolerance = days * 0.000501;
        got.forEach((energy, hour) => expect(Math.abs(energy - expected[hour]!)).toBeLessThan(tolerance));
        const total = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);
        expect(Math.abs(total(got) - total(sessions.map(({ kwh }) => kwh)))).toBeLessThan(24 * tolerance);
      },
    ),
    { numRuns: runs(60), seed: 20260101 },
  );
});
