import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();

test('a retry never reads the rows of one file with another decimal mark', async () => {
  const [db, path] = [join(folder, 'mark.duckdb'), join(folder, 'mark.csv')];
  writeFileSync(path, 'session_id;station_id;start_time;energy_kwh\na;C;2024-03-05;1.234\nb;;2024-03-05;2.345\n');
  await wattduck(['ingest', path, '--db', db]);
  const retried = await wattduck(['quarantine', 'retry', '--decimal-mark', ',', '--db', db]);
  expect(retried.status).not.toBe(0);
  expect(retried.stderr).toContain(
    'other rows of the file were imported with a decimal point, these would be read with a decimal comma. Import the whole file again with --force',
  );
  expect((await wattduck(['quarantine', 'retry', '--decimal-mark', '.', '--db', db])).status).toBe(0);
});

test('a retry does not infer the decimal mark from the rejected rows alone', async () => {
  const [db, path] = [join(folder, 'few.duckdb'), join(folder, 'few.csv')];
  writeFileSync(path, 'session_id;station_id;start_time;energy_kwh\na;C;2024-03-05;1.234\nb;;2024-03-05;7\n');
  await wattduck(['ingest', path, '--db', db]);
  const corrected = join(folder, 'corrected.csv');
  writeFileSync(corrected, 'quarantine_id,raw\n1,"b;C;2024-03-05;12,5"\n');
  const { stdout, stderr } = await wattduck(['quarantine', 'retry', corrected, '--db', db]);
  expect(stdout).toContain('1 row read = 0 new + 0 updated + 0 unchanged + 0 superseded + 1 rejected');
  expect(stderr).toContain('energy_kwh "12,5" may have a decimal comma; decimal_mark is not set');
});
