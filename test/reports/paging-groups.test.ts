import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../support/runs.ts';
import { createReportRunner } from '../warehouse/report-runner.ts';

const { run, insertSessions } = await createReportRunner({
  places: `/*---
title: Places
description: Sessions per station and place.
params:
  least: { description: At least as many sessions, default: 1 }
columns:
  station_id: { description: Station }
  location: { description: Place, nullable: true }
  sessions: { description: Sessions, unit: count }
  kwh: { description: Energy, unit: kWh, nullable: true }
key: [station_id, location]
sort: { default: -sessions, allow: [sessions, kwh, station_id, location] }
page: { kind: take_skip, default: 5, max: 50 }
answer: { shape: tinybird }
---*/
select station_id, location, count(*) as sessions, sum(energy_kwh) as kwh
from charging_sessions
group by station_id, location
having count(*) >= $least::bigint
`,
});

interface Group {
  station_id: string;
  location: string | null;
  sessions: number;
  kwh: number | null;
}

const rank = (a: number | string | null, b: number | string | null, sign: 1 | -1): number =>
  a === null || b === null ? Number(a === null) - Number(b === null) : a === b ? 0 : a < b ? -sign : sign;

/** The groups computed in JavaScript, in the requested order, ties by station and place. */
function expected(
  rows: readonly { station_id: string; location: string | null; energy_kwh: number | null }[],
  sort: string,
  least: number,
): Group[] {
  const groups = new Map<string, Group>();
  for (const { station_id, location, energy_kwh } of rows) {
    const key = `${station_id}/${location}`;
    const group = groups.get(key) ?? { station_id, location, sessions: 0, kwh: null };
    groups.set(key, {
      ...group,
      sessions: group.sessions + 1,
      kwh: energy_kwh === null ? group.kwh : (group.kwh ?? 0) + energy_kwh,
    });
  }
  const column = sort.replace('-', '') as keyof Group;
  const sign = sort.startsWith('-') ? -1 : 1;
  return [...groups.values()]
    .filter(({ sessions }) => sessions >= least)
    .toSorted(
      (a, b) =>
        rank(a[column], b[column], sign) || rank(a.station_id, b.station_id, 1) || rank(a.location, b.location, 1),
    );
}

test('pages of groups with ties and null keys contain every group once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          station_id: fc.constantFrom('A', 'B', 'C', 'ä'),
          location: fc.constantFrom('x', 'y', null),
          energy_kwh: fc.constantFrom(0, 1, 2, null),
        }),
        { maxLength: 30 },
      ),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom('sessions', '-sessions', 'kwh', '-kwh', 'station_id', '-station_id', 'location', '-location'),
      async (rows, take, least, sort) => {
        await insertSessions(rows);
        const whole = expected(rows, sort, least);
        const pages: unknown[] = [];
        for (let skip = 0; skip <= whole.length; skip += take) {
          const page = await run('places', { take: String(take), skip: String(skip), sort, least: String(least) });
          // Also on an empty page after the last row.
          expect(page.total).toBe(whole.length);
          expect(page.rows.length).toBe(Math.min(take, whole.length - skip));
          pages.push(...page.rows);
        }
        expect(pages).toEqual(whole);
      },
    ),
    { numRuns: runs(60), seed: 7 },
  );
});
