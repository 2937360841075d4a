import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toDocument } from '../../src/reports/document.ts';
import { runReport } from '../../src/reports/run-report.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { runs } from '../support/runs.ts';

const own = scratch();
mkdirSync(join(own, 'reports', 'mine'), { recursive: true });
const head = (answer: string, page: string): string => `/*---
title: Paged
description: Paged.
columns:
  session_id: { description: Session }
  kwh: { description: Energy, unit: kWh, nullable: true }
  began: { description: Start }
key: [session_id]
sort: { default: kwh, allow: [kwh, session_id] }
page: { ${page} }
answer: { shape: ${answer} }
---*/
select session_id, energy_kwh as kwh, start_time as began from charging_sessions`;
writeFileSync(join(own, 'reports', 'mine', 'paged.sql'), head('list', 'kind: take_skip, default: 5, max: 50'));
writeFileSync(join(own, 'reports', 'mine', 'single.sql'), head('object', 'kind: limit, default: 1, max: 1'));

const { duckdb, catalog } = await openEngine([own]);
const context = { now: new Date('2026-01-01T00:00:00Z'), label: (name: string) => name };

async function fill(energies: readonly (number | null)[]): Promise<void> {
  await duckdb.run('delete from charging_sessions');
  if (energies.length === 0) return;
  const rows = energies.map(
    (kwh, at) =>
      `('s${String(at).padStart(3, '0')}', 'A', timestamp '2024-01-01 10:00:00', ${kwh}, timestamp '2024-01-01')`,
  );
  await duckdb.run(
    `insert into charging_sessions (session_id, station_id, start_time, energy_kwh, "timestamp") values ${rows.join(', ')}`,
  );
}

test('pages together contain every row once', async () => {
  const report = await catalog.report('paged');
  await fc.assert(
    fc.asyncProperty(
      // Few values, so that most rows tie.
      fc.array(fc.option(fc.integer({ min: 0, max: 3 })), { maxLength: 40 }),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom('kwh', '-kwh', 'session_id', '-session_id'),
      async (energies, take, sort) => {
        await fill(energies);
        const pages: string[] = [];
        for (let skip = 0; skip <= energies.length; skip += take) {
          const { rows, total } = await runReport(
            duckdb,
            report,
            { take: String(take), skip: String(skip), sort },
            context,
          );
          expect(total).toBe(energies.length);
          pages.push(...rows.map((row) => String(row['session_id'])));
        }
        const whole = energies.map((kwh, at) => ({ kwh, id: `s${String(at).padStart(3, '0')}` }));
        const sign = sort.startsWith('-') ? -1 : 1;
        const by = (a: (typeof whole)[0], b: (typeof whole)[0]): number => {
          if (sort.endsWith('session_id')) return sign * (a.id < b.id ? -1 : 1);
          if (a.kwh === null || b.kwh === null)
            return Number(a.kwh === null) - Number(b.kwh === null) || (a.id < b.id ? -1 : 1);
          return sign * (a.kwh - b.kwh) || (a.id < b.id ? -1 : 1);
        };
        expect(pages).toEqual(whole.toSorted(by).map(({ id }) => id));
      },
    ),
    { numRuns: runs(60), seed: 20260105 },
  );
});

describe('documents', () => {
  test('of the analytics API have ISO times and say when they are truncated', async () => {
    await fill([1, 2, 3]);
    const answer = await runReport(duckdb, await catalog.report('paged'), { take: '1' }, context);
    expect(toDocument(answer)).toEqual({
      data: [{ session_id: 's000', kwh: 1, began: '2024-01-01T10:00:00Z' }],
      truncated: true,
    });
  });

  test('of a single object contain the row, or nulls', async () => {
    const report = await catalog.report('single');
    expect(toDocument(await runReport(duckdb, report, {}, context))).toEqual({
      session_id: 's000',
      kwh: 1,
      began: '2024-01-01T10:00:00Z',
    });
    await fill([]);
    expect(toDocument(await runReport(duckdb, report, {}, context))).toEqual({
      session_id: null,
      kwh: null,
      began: null,
    });
  });

  test('of Tinybird have ClickHouse types', async () => {
    const { meta } = toDocument(await runReport(duckdb, await catalog.report('user_usage'), {}, context)) as {
      meta: { name: string; type: string }[];
    };
    expect(meta.slice(0, 9).map(({ name, type }) => `${name} ${type}`)).toEqual([
      'user_id Nullable(String)',
      'total_sessions UInt64',
      'total_energy_consumed Float64',
      'total_amount_spent Nullable(Float64)',
      'avg_energy_per_session Nullable(Float64)',
      'avg_amount_per_session Nullable(Float64)',
      'first_session DateTime',
      'latest_session DateTime',
      'unique_stations_used UInt64',
    ]);
  });
});
