import fc from 'fast-check';
import { expect, test } from 'vitest';
import { groupSessions } from '../../src/commands/statement.ts';
import { statementTotals } from '../../src/render/statement-page.ts';
import { runReport } from '../../src/reports/run-report.ts';
import { roundMoney, toMicros } from '../../src/text/money.ts';
import { literal } from '../../src/warehouse/duckdb.ts';
import { openEngine } from '../support/duckdb.ts';
import { runs } from '../support/runs.ts';

interface Session {
  user: string | null;
  minute: number;
  minutes: number | null;
  /** Thousandths of a kWh. */
  energy: number | null;
  /** Millionths; may be negative. */
  amount: number | null;
  currency: string | null;
  isFailed: boolean;
}

const { duckdb, catalog } = await openEngine();
const [sessionReport, monthReport] = [
  await catalog.report('statement_sessions'),
  await catalog.report('monthly_statement'),
];

const session: fc.Arbitrary<Session> = fc.record({
  user: fc.constantFrom('ann', 'bob', null),
  // Two days at the end of January, and two of February.
  minute: fc.integer({ min: 0, max: 4 * 1440 - 1 }),
  minutes: fc.option(fc.integer({ min: 0, max: 600 })),
  energy: fc.option(fc.integer({ min: 0, max: 90_000 })),
  amount: fc.option(
    fc.oneof(fc.integer({ min: -5_000_000, max: 90_000_000 }), fc.constantFrom(5_000, -5_000, 1_005_000)),
  ),
  currency: fc.constantFrom('EUR', 'GBP', null),
  isFailed: fc.boolean(),
});

const at = (minute: number): string =>
  new Date(Date.UTC(2025, 0, 30) + minute * 60_000).toISOString().slice(0, 19).replace('T', ' ');
const isCompleted = ({ minutes, energy, isFailed }: Session): boolean =>
  minutes !== null && energy !== null && energy > 0 && !isFailed;

async function load(sessions: readonly Session[]): Promise<void> {
  await duckdb.run('delete from charging_sessions');
  if (sessions.length === 0) return;
  const rows = sessions.map(({ user, minute, minutes, energy, amount, currency, isFailed }, index) => {
    const values = [
      literal(`s${index}`),
      literal('A'),
      user === null ? 'null' : literal(user),
      literal(at(minute)),
      minutes === null ? 'null' : literal(at(minute + minutes)),
      energy === null ? 'null' : `${energy}::decimal(18, 6) / 1000`,
      amount === null ? 'null' : `(${amount}::hugeint * 1.000000::decimal(18, 6) / 1000000)`,
      currency === null ? 'null' : literal(currency),
      literal(isFailed ? 'failed' : 'completed'),
      literal(at(minute)),
    ];
    return `(${values.join(', ')})`;
  });
  await duckdb.run(
    `insert into charging_sessions (session_id, station_id, user_id, start_time, end_time, energy_kwh, amount_paid, currency, status, "timestamp") values ${rows.join(', ')}`,
  );
}

const context = { now: new Date('2025-03-01T00:00:00Z'), label: (name: string) => name, baseCurrency: 'EUR' };

test('a statement adds up to the cent, and to the monthly statement of its currency', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(session, { maxLength: 14 }), async (sessions) => {
      await load(sessions);
      const { rows } = await runReport(
        duckdb,
        sessionReport,
        { period: '2025-02', tz: 'UTC', sort: 'start_time' },
        context,
        true,
      );
      const { statements, nobody } = groupSessions(rows, 'User');
      const february = sessions.filter(({ minute }) => minute >= 2 * 1440);
      expect(nobody).toBe(february.filter(({ user }) => user === null).length);
      // Every session of a user is on exactly one statement.
      expect(statements.flatMap(({ lines }) => lines.map(({ sessionId }) => sessionId)).toSorted()).toEqual(
        sessions
          .flatMap(({ user, minute }, index) => (user !== null && minute >= 2 * 1440 ? [`s${index}`] : []))
          .toSorted(),
      );
      for (const statement of statements) {
        const { holder, currency } = statement;
        const own = february.filter(({ user }) => user === holder.id);
        // An amount without a currency is in the base currency.
        const priced = own.filter(({ amount, currency: code }) => amount !== null && (code ?? 'EUR') === currency);
        const cents = (micros: number): bigint => BigInt(Math.sign(micros) * Math.round(Math.abs(micros) / 10_000));
        const net = cents(priced.reduce((sum, { amount }) => sum + amount!, 0));
        const totals = statementTotals(statement, 19);
        expect(totals.net).toBe(net * 10_000n);
        // 19 % of whole cents, halves away from zero.
        const vat = BigInt(Math.sign(Number(net)) * Math.floor((Math.abs(Number(net)) * 19 + 50) / 100));
        expect([totals.vat, totals.gross]).toEqual([vat * 10_000n, (net + vat) * 10_000n]);
        const codes = new Set(own.flatMap(({ amount, currency: code }) => code ?? (amount === null ? [] : 'EUR')));
        if (codes.size > 1) continue;
        expect(totals.sessions).toBe(own.filter(isCompleted).length);
        const energy = own.filter(isCompleted).reduce((sum, each) => sum + each.energy!, 0) / 1000;
        expect(totals.energyKwh).toBeCloseTo(energy, 6);
        const month = await runReport(
          duckdb,
          monthReport,
          { period: '2025-02', tz: 'UTC', user_id: holder.id, base_currency: currency ?? 'EUR' },
          context,
        );
        const [row] = month.rows;
        // Without completed sessions and amounts, the report lists no month.
        expect(row?.['session_count'] ?? 0).toBe(totals.sessions);
        expect(totals.net).toBe(roundMoney(toMicros(Number(row?.['total_amount'] ?? 0)), 2));
      }
    }),
    { numRuns: runs(60) },
  );
});
