import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`analyst/${name}`, import.meta.url));
const folder = scratch();
const sqlDir = join(folder, 'sql');
const db = join(folder, 'network.duckdb');
const columns = 'station_id, connector_id, user_id, start_time::varchar as start_time, end_time::varchar as end_time';

/** A file of a later month with the same header. */
const writeLater = (name: string, row: string): string => {
  const [title, , header] = readFileSync(fixture('ladevorgaenge.csv'), 'latin1').split('\r\n');
  const path = join(folder, name);
  // The euro sign of Windows-1252 is not in Latin-1.
  writeFileSync(path, [title, 'Zeitraum: April', header, row.replace('€', '\u0080'), ''].join('\r\n'), 'latin1');
  return path;
};

it('imports an analyst’s German export with two commands, and the next month with one', async () => {
  mkdirSync(sqlDir);
  const file = join(folder, 'ladevorgaenge.csv');
  copyFileSync(fixture('ladevorgaenge.csv'), file);
  const mapped = await wattduck(['map', file, '--yes', '--tz', 'Europe/Berlin', '--sql-dir', sqlDir]);
  expect(mapped.status, mapped.stderr).toBe(0);
  const ingested = await wattduck(['ingest', file, '--db', db, '--sql-dir', sqlDir]);
  expect(ingested.status, ingested.stderr).toBe(0);
  expect(`${ingested.stdout}${ingested.stderr}`).toMatch(/skipped/);
  const read = async (): Promise<unknown> => {
    const query = `select ${columns}, energy_kwh::double as energy_kwh, amount_paid::double as amount_paid, currency from charging_sessions order by start_time`;
    return JSON.parse((await wattduck(['sql', query, '--db', db, '--json'])).stdout);
  };
  const expected = JSON.parse(readFileSync(fixture('expected.json'), 'utf8')) as unknown[];
  expect(await read()).toEqual(expected);

  const april = writeLater('april.csv', 'Säule 3;2;Jäger;02.04.2024 08:00;02.04.2024 09:30;12,50;5,63 €;Di;');
  const next = await wattduck(['ingest', april, '--db', db, '--sql-dir', sqlDir]);
  expect(next.status, next.stderr).toBe(0);
  expect(await read()).toEqual([
    ...expected,
    {
      station_id: 'Säule 3',
      connector_id: '2',
      user_id: 'Jäger',
      start_time: '2024-04-02 06:00:00',
      end_time: '2024-04-02 07:30:00',
      energy_kwh: 12.5,
      amount_paid: 5.63,
      currency: 'EUR',
    },
  ]);
});

it('asks for the time zone of times without an offset', async () => {
  const own = join(folder, 'sql-without-zone');
  mkdirSync(own);
  const { status, stderr } = await wattduck(['map', fixture('ladevorgaenge.csv'), '--sql-dir', own]);
  expect(status).not.toBe(0);
  expect(stderr).toContain('--tz');
  expect(existsSync(join(own, 'mappings'))).toBe(false);
});
