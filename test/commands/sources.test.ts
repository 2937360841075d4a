import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();
const db = join(folder, 'sources.duckdb');

test('sources are listed before any import, and counted after', async () => {
  const list = ['sources', '--db', db, '--format', 'csv', '--columns', 'source,row_count,key,version'];
  expect((await wattduck(list)).stdout.split('\n')).toContain('charging_sessions,0,session_id,timestamp');
  await wattduck(['ingest', 'test/reports/data/dozen/dozen.csv', '--db', db]);
  const { stdout } = await wattduck(list);
  expect(stdout.split('\n')).toContain('charging_sessions,12,session_id,timestamp');
  expect(stdout).toMatch(/^sites,0,/m);
});

test('describe lists the accepted names of a column', async () => {
  const { stdout } = await wattduck(['sources', 'describe', 'charging_sessions', '--format', 'ndjson']);
  const energy = stdout.split('\n').find((line) => line.includes('"energy_kwh"'))!;
  expect(JSON.parse(energy)).toMatchObject({ column: 'energy_kwh', type: 'DECIMAL(18,6)', required: '' });
  expect(energy).toContain('energy_consumed');
});

test('every listed name is accepted in a header', async () => {
  const { stdout } = await wattduck(['sources', 'describe', 'charging_sessions', '--json']);
  const { columns } = JSON.parse(stdout) as { columns: { name: string; aliases: string[] }[] };
  const of = (name: string): string[] => columns.find((column) => column.name === name)!.aliases;
  for (const alias of of('station_id')) {
    const { status, stdout: line } = await wattduck(['ingest', '-', '--db', db], {
      stdin: `session_id,${alias},start_time\nx-${alias},A,2024-01-01\n`,
    });
    expect([status, line]).toEqual([0, expect.stringContaining('1 new')]);
  }
});

test('an unknown source gives a suggestion', async () => {
  const { status, stderr } = await wattduck(['sources', 'describe', 'charging_session']);
  expect([status, stderr]).toEqual([
    2,
    'error: source "charging_session" not found. Did you mean charging_sessions?\n',
  ]);
});
