import { expect, test } from 'vitest';
import { runReport } from '../../src/reports/run-report.ts';
import { openEngine } from '../support/duckdb.ts';
import { dataReports, requiredParams } from '../support/report-params.ts';
import { runs } from '../support/runs.ts';

const { duckdb, catalog } = await openEngine();
const reports = dataReports(await catalog.reports()).filter(({ forecast }) => !forecast);

const threadCounts = runs(10) === 10 ? [1, 2, 4] : [1, 4];

/** Sessions and events of several row groups, so that threads share the work; three decimals of energy are inexact as doubles. */
async function fill(rows: number, eventRows: number): Promise<void> {
  await duckdb.run(`
    insert into charging_sessions (session_id, station_id, connector_id, site_id, user_id, rfid, start_time, end_time, energy_kwh, meter_start, meter_stop,
      amount_paid, currency, tariff_id, location, status, "timestamp")
    select 'ses_' || i, 'C' || (hash(i) % 60), 1 + hash(i + 1) % 2, case when hash(i) % 60 < 50 then 'lobby' end, 'user_' || hash(i + 2) % 500, 'tag_' || hash(i + 2) % 500,
      started, started + to_seconds((hash(i + 3) % 90000)::bigint), kwh, 0, round(kwh * 1000 + hash(i + 4) % 300), round(kwh * 0.37, 4), 'EUR', 'T', 'Place',
      case when hash(i + 5) % 20 = 0 then 'failed' end, started
    from (select i, timestamp '2025-06-01' + to_seconds((hash(i + 6) % 18000000)::bigint) as started, (hash(i + 7) % 60000) / 1000::double as kwh from range(${rows}) t(i))`);
  await duckdb.run(`
    insert into charge_point_events (event_id, station_id, event_type, event_time, connector_id, status, last_updated, arrival_order)
    select 'evt_' || i, 'C' || hash(i) % 60, ['heartbeat', 'heartbeat', 'status', 'disconnect', 'connect'][(1 + hash(i + 1) % 5)::bigint], happened, 1 + hash(i + 2) % 2,
      case when hash(i + 1) % 5 = 2 then ['Available', 'Charging', 'Finishing', 'Faulted'][(1 + hash(i + 3) % 4)::bigint] end, happened, i
    from (select i, timestamp '2025-06-01' + to_seconds((hash(i + 6) % 18000000)::bigint) as happened from range(${eventRows}) t(i))`);
  await duckdb.run(`
    insert into customer_events (event_id, customer_id, session_id, event_type, event_timestamp, product_id, price, quantity, country, device_type, last_updated)
    select 'shop_' || i, 'cust_' || hash(i) % 300, 'visit_' || hash(i + 1) % 9000, ['view', 'cart', 'purchase'][(1 + hash(i + 2) % 3)::bigint], happened, 'p', (hash(i + 3) % 9000) / 100,
      1 + hash(i + 4) % 3, 'DE', 'mobile', happened
    from (select i, timestamp '2025-06-01' + to_seconds((hash(i + 6) % 18000000)::bigint) as happened from range(${eventRows}) t(i))`);
}

test('reports return the same digits with 1, 2 and 4 threads', { timeout: 240_000 }, async () => {
  await fill(125_000, runs(20_000));
  for (const report of reports) {
    const choices = report.parameters.find(({ name }) => name === 'by')?.choices ?? [undefined];
    for (const by of choices) {
      const answers: string[] = [];
      for (const threads of threadCounts) {
        await duckdb.run(`set threads = ${threads}`);
        const params = { ...requiredParams(report), ...(by === undefined ? {} : { by }) };
        // Without the record it asks for, a report has no rows to compare.
        const answer = await runReport(duckdb, report, params, { now: new Date(0), label: (name) => name }).catch(
          String,
        );
        answers.push(typeof answer === 'string' ? answer : JSON.stringify([answer.rows, answer.total, answer.totals]));
      }
      for (const each of answers) expect(each, `${report.name} ${by ?? ''}`).toBe(answers[0]);
      expect(answers[0], report.name).not.toMatch(/\.\d{7}/);
    }
  }
});
