import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../../support/cli.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';

const folder = scratch();
const file = join(folder, 'sessions.ndjson');
const session = (session_id: string, station_id: string, start_time: string, minutes?: number): object => ({
  session_id,
  station_id,
  user_id: 'user_1',
  location: 'Main Street',
  start_time,
  ...(minutes === undefined ? {} : { end_time: new Date(Date.parse(start_time) + minutes * 60_000).toISOString() }),
  energy_kwh: 5,
});
writeFileSync(
  file,
  [
    session('a', 'cp_01', '2025-01-10T10:00:00Z', 60),
    session('b', 'cp_02', '2025-02-10T10:00:00Z', 60),
    session('c', 'cp_02', '2025-02-11T10:00:00Z'),
    session('d', 'cp_02', '2025-02-11T11:00:00Z'),
  ]
    .map((row) => JSON.stringify(row))
    .join('\n'),
);
const now = (): Date => new Date('2025-04-01T00:00:00Z');
const { app, copy } = await startInProcessServer({ files: [file], now });
const empty = await startInProcessServer({ now });
const noteOf = async (url: string, server = app): Promise<unknown> =>
  decodeURIComponent(String((await server.inject({ method: 'GET', url })).headers['wattduck-note']));

describe('an answer without rows says why', () => {
  const sessions = 'sessions run from 2025-01-10 to 2025-02-11';
  test.each([
    [
      'energy_by_charge_point',
      'charge_point_id=cp_1',
      'charge point "cp_1" not found (charge_point_id). Did you mean cp_01?',
    ],
    ['station_analytics', 'location=main', 'location "main" not found (location). Did you mean Main Street?'],
    ['get_sessions', 'user_id=nobody', 'user "nobody" not found (user_id). IDs and names are case-sensitive.'],
    ['energy_by_project', 'from=2025-03-01', `the period is outside the data: ${sessions}`],
    ['energy_by_project', 'to=2024-12-31', `the period is outside the data: ${sessions}`],
    [
      'energy_by_charge_point',
      'from=2025-02-11',
      'none of the 2 sessions selected has an end, and active sessions do not count here',
    ],
    [
      'energy_by_charge_point',
      'from=2025-02-11 10:30',
      'the only session selected has no end, and active sessions do not count here',
    ],
    ['get_sessions', 'from=2025-01-11&to=2025-01-12', 'nothing matches from "2025-01-11" and to "2025-01-12"'],
    [
      'customer_activity',
      'customer_id=x',
      'no customer events imported. Run: wattduck ingest FILE (columns: wattduck sources customer_events)',
    ],
    ['quarantine_rows', '', 'no row was rejected'],
  ])('%s?%s', async (name, query, reason) => {
    for (const format of ['json', 'csv', 'parquet'])
      expect(await noteOf(`/v0/pipes/${name}.${format}?${query}`)).toBe(`no rows: ${reason}`);
    const options = [...new URLSearchParams(query)].flatMap(([key, value]) => [`--${key.replaceAll('_', '-')}`, value]);
    const { stderr } = await wattduck(['report', name.replaceAll('_', '-'), ...options, '--db', copy], { now: now() });
    const words = reason.replaceAll(
      /\b(charge_point_id|user_id)\b|(?<=\()location|\b(?:from|to)\b(?= ")/g,
      (word) => `--${word.replaceAll('_', '-')}`,
    );
    expect(stderr).toBe(`no rows: ${words}\n`);
  });

  test('of a database without data', async () => {
    expect(await noteOf('/v0/pipes/energy_by_project.json', empty.app)).toBe(
      'no rows: no sessions imported. Run: wattduck ingest FILE (columns: wattduck sources charging_sessions)',
    );
  });

  test('is on stderr for every format, and not on stdout', async () => {
    for (const format of ['table', 'csv', 'ndjson', 'json', 'markdown']) {
      const args = ['report', 'get-sessions', '--user-id', 'nobody', '--db', copy, '--format', format];
      const { stdout, stderr } = await wattduck(args, { now: now() });
      expect(stderr).toBe('no rows: user "nobody" not found (--user-id). IDs and names are case-sensitive.\n');
      expect(stdout).not.toContain('no rows');
    }
  });
});

describe('a report on old data', () => {
  const note = 'no data since 2025-02-11, 49 days ago (use as_of 2025-02-12 to report as of then)';
  test('names the point in time to use', async () => {
    expect(await noteOf('/v0/pipes/peak_load.json')).toBe(note);
    const { stderr } = await wattduck(['report', 'peak-load', '--db', copy], { now: now() });
    expect(stderr).toBe(`${note.replace('as_of', '--as-of')}\n`);
  });

  test.each(['as_of=2025-02-12', 'as_of=2025-04-01', 'to=2025-02-28', 'period=2025-02'])(
    'with %s does not',
    async (query) => {
      expect(await noteOf(`/v0/pipes/peak_load.json?${query}`)).not.toContain('no data since');
    },
  );

  test('does not while the data is recent', async () => {
    const { stderr } = await wattduck(['report', 'peak-load', '--db', copy], { now: new Date('2025-03-11T00:00:00Z') });
    expect(stderr).toBe('');
  });
});
