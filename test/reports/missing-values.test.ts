import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();

/** Runs a report over sessions, each with the given values, one hour apart. */
async function reportOver(sessions: readonly object[], report: string): Promise<Record<string, unknown>[]> {
  const [db, path] = [join(folder, `${report}.duckdb`), join(folder, `${report}.ndjson`)];
  const hour = (at: number, minute: string): string => `2025-01-01T${String(10 + at).padStart(2, '0')}:${minute}:00Z`;
  const lines = sessions.map((values, at) =>
    JSON.stringify({
      session_id: `s${at}`,
      station_id: 'cp1',
      start_time: hour(at, '00'),
      end_time: hour(at, '30'),
      ...values,
    }),
  );
  writeFileSync(path, lines.join('\n'));
  await wattduck(['ingest', path, '--db', db]);
  const { stdout } = await wattduck(['report', report, '--as-of', '2025-01-02', '--json', '--db', db]);
  return (JSON.parse(stdout) as { data: Record<string, unknown>[] }).data;
}

test('ended sessions without energy are failed, also for the rule of repeated failures', async () => {
  const [issue, ...others] = await reportOver(
    [{ connector_id: '1' }, { connector_id: '1' }, { connector_id: '1' }],
    'issues',
  );
  expect(others).toEqual([]);
  expect([issue!['description'], issue!['created_at']]).toEqual([
    '3 sessions in a row failed at connector 1',
    '2025-01-01T10:30:00Z',
  ]);
});

test('a health part compares sessions with the same sessions', async () => {
  const unreadable = { energy_kwh: 10, invalid_meter_reading: true };
  const parts = await reportOver(
    [
      { energy_kwh: 10, amount_paid: 4, currency: 'EUR' },
      // Invalid readings, but no amount and no reading to judge.
      unreadable,
      unreadable,
      // An amount, but readings that contradict the energy.
      { energy_kwh: 10, amount_paid: 4, currency: 'EUR', meter_start: 0, meter_stop: 50_000 },
    ],
    'health-score-parts',
  );
  const { good, whole, score } = parts.find(({ part }) => part === 'billing_accuracy')!;
  expect([good, whole, score]).toEqual([1, 2, 50]);
});
