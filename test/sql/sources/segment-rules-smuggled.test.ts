import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../../support/cli.ts';

describe('a rule written to the table directly', () => {
  const folder = scratch();
  let made = 0;
  async function smuggled(rule: string): Promise<string> {
    const path = join(folder, `${(made += 1)}`);
    writeFileSync(
      `${path}.ndjson`,
      `${JSON.stringify({ segment_id: 'S-1', segment_name: 'S', segment_rules: 'age > 1' })}\n`,
    );
    writeFileSync(`${path}.csv`, 'customer_id,signup_date,age\nc1,2024-01-01,30\n');
    expect((await wattduck(['ingest', `${path}.ndjson`, `${path}.csv`, '--db', `${path}.duckdb`])).status).toBe(0);
    const instance = await DuckDBInstance.create(`${path}.duckdb`);
    const connection = await instance.connect();
    await connection.run(
      "insert into customer_segments (segment_id, segment_name, segment_rules, last_updated) values ('bad', 'Bad', $rule, now()::timestamp)",
      { rule },
    );
    connection.closeSync();
    instance.closeSync();
    return `${path}.duckdb`;
  }

  const asked = [
    ['segment_customers', '--segment-name', 'S'],
    ['segment_metrics'],
    ['customer_segmentation_suggestions'],
  ];
  test.each([
    "(select count(*) from read_text('/etc/hostname')) > 0",
    "error('it ran') = 'x'",
    'false end, false); drop table customer_profiles; --',
    'age > 1) end, false) or coalesce(case when (true',
    'age > 1 where age > 2',
    'age > age',
    'age >',
    `${'('.repeat(500)}age > 1${')'.repeat(500)}`,
    `age > 1${' '.repeat(1000)}`,
    '',
  ])('makes reports fail, and is not run: %s', async (rule) => {
    const db = await smuggled(rule);
    for (const args of asked) {
      const { status, stdout, stderr } = await wattduck(['report', ...args, '--db', db]);
      expect([status, stdout, stderr.includes('segment "bad" has an invalid rule'), stderr.includes('it ran')]).toEqual(
        [1, '', true, rule.includes('it ran')],
      );
      expect(stderr).toContain('Correct it in the file of customer_segments and import the file again.');
    }
    expect(
      (await wattduck(['sql', 'select age from customer_profiles', '--db', db, '--format', 'csv'])).stdout.trim(),
    ).toBe('age\n30');
  });

  test('is reported before any other segment is evaluated; reports without segments still work', async () => {
    const db = await smuggled('password > 1');
    expect((await wattduck(['report', 'customer_activity', '--customer-id', 'c1', '--db', db])).status).toBe(0);
    expect(
      (await wattduck(['sql', 'select segment_rules from customer_segments order by 1', '--db', db, '--format', 'csv']))
        .stdout,
    ).toContain('password > 1');
  });
});
