import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { outputColumns, type Report } from '../../../src/catalog/definitions.ts';
import { isNumeric } from '../../../src/render/cells.ts';
import { mediaTypes, type ResponseFormat } from '../../../src/server/reports/formats.ts';
import { pipePath } from '../../../src/server/reports/routes.ts';
import { DuckDb } from '../../../src/warehouse/duckdb.ts';
import type { Row } from '../../../src/warehouse/values.ts';
import { scratch } from '../../support/cli.ts';
import { dataSets, startInProcessServer } from '../../support/in-process-server.ts';
import { writeReports } from '../../support/report-files.ts';
import { dataReports, query, requiredParams } from '../../support/report-params.ts';
import { sample } from '../../support/runs.ts';

const { app, context, stderrText } = await startInProcessServer({ files: dataSets('depot', 'lobby', 'members') });
const duckdb = await DuckDb.open();
const folder = scratch();

/** Numbers without their last digits, in which sums over threads may differ. */
const near = (value: unknown): unknown => (typeof value === 'number' ? Number(value.toPrecision(12)) : value);
const nearRows = (rows: readonly Row[]): unknown[] =>
  rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, near(value)])));

async function asked(report: Report, ending: ResponseFormat): Promise<Buffer> {
  const { statusCode, headers, rawPayload } = await app.inject(
    `${pipePath(report, ending)}?${query(requiredParams(report))}`,
  );
  expect([report.name, ending, statusCode, headers['content-type']]).toEqual([
    report.name,
    ending,
    200,
    mediaTypes[ending],
  ]);
  return rawPayload;
}

const inJson = async (report: Report): Promise<Row[]> =>
  (JSON.parse(String(await asked(report, 'json'))) as { data: Row[] }).data;

const all = sample(dataReports(context.reports), 12).map((report) => ({ name: report.name, report }));

test.each(all)('$name: ndjson has the rows of json', async ({ report }) => {
  const rows = String(await asked(report, 'ndjson'))
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Row);
  expect(nearRows(rows)).toEqual(nearRows(await inJson(report)));
});

test.each(all)(
  '$name: csv has the rows of json, each value as a text, under the names of the columns',
  async ({ report }) => {
    const path = join(folder, `${report.name}.csv`);
    writeFileSync(path, await asked(report, 'csv'));
    const rows = await duckdb.rows(
      `from read_csv('${path}', header = true, all_varchar = true, delim = ',', quote = '"', escape = '"', nullstr = '', auto_detect = false, columns = {${outputColumns(
        report,
      )
        .map(({ name }) => `'${name}': 'varchar'`)
        .join(', ')}})`,
    );
    const text = (value: unknown): unknown =>
      value === null || value === '' ? null : typeof value === 'object' ? JSON.stringify(value) : String(value);
    const written = (row: Row): object =>
      Object.fromEntries(outputColumns(report).map((column) => [column.name, text(row[column.name])]));
    const numbers = (row: object): object =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [
          name,
          value !== null && /^-?\d+\.\d{9,}/.test(String(value)) ? near(Number(value)) : value,
        ]),
      );
    expect(rows.map((row) => numbers(written(row)))).toEqual(
      (await inJson(report)).map((row) => numbers(written(row))),
    );
    expect(String(await asked(report, 'csvwithnames')).split('\n')[0]).toBe(
      outputColumns(report)
        .map(({ name }) => name)
        .join(','),
    );
  },
);

test.each(all)('$name: parquet has the rows of json, read back by DuckDB', async ({ report }) => {
  const path = join(folder, `${report.name}.parquet`);
  writeFileSync(path, await asked(report, 'parquet'));
  expect(nearRows(await duckdb.rows(`from '${path}'`))).toEqual(nearRows(await inJson(report)));
});

test.each(all)('$name: Prometheus has every number outside the key, and no repeated samples', async ({ report }) => {
  const lines = String(await asked(report, 'prometheus'))
    .split('\n')
    .slice(0, -1);
  const samples = lines.filter((line) => !line.startsWith('#'));
  const names = samples.map((line) => line.slice(0, line.lastIndexOf(' ')));
  expect(new Set(names).size).toBe(names.length);
  const numbers = outputColumns(report).filter((column) => isNumeric(column) && !report.key.includes(column.name));
  const rows = await inJson(report);
  for (const { name } of numbers) {
    const metric = `wattduck_${report.name}_${name}`;
    const values = samples
      .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
      .map((line) => near(Number(line.slice(line.lastIndexOf(' ') + 1))));
    expect([name, values]).toEqual([
      name,
      rows
        .map((row) => row[name])
        .filter((value) => value !== null)
        .map((value) => near(Number(value))),
    ]);
    expect(lines.filter((line) => line === `# TYPE ${metric} gauge`)).toHaveLength(1);
  }
});

test('Prometheus has a maximum number of rows', async () => {
  const mine = await startInProcessServer({
    sqlDirs: [
      writeReports({
        many: {
          columns: ['n', 'twice'],
          sql: 'select n, n * 2 as twice from (select unnest(range(20000)) as n) as numbers',
        },
      }),
    ],
  });
  expect((await mine.app.inject('/v0/pipes/many.prometheus?limit=2')).body).toBe(
    '# HELP wattduck_many_twice Of twice\n# TYPE wattduck_many_twice gauge\nwattduck_many_twice{n="0"} 0\nwattduck_many_twice{n="1"} 2\n',
  );
  const { statusCode, json } = await mine.app.inject('/v0/pipes/many.prometheus?limit=20000');
  expect([statusCode, json()]).toEqual([
    400,
    {
      error:
        'the result has more than 10,000 rows, too many for Prometheus. Set limit, add filters, or choose another format.',
      documentation: '/docs',
    },
  ]);
});

test('no files are left in the work folder, and no tables on a connection, even after a failed Parquet export', async () => {
  const { statusCode } = await app.inject('/v0/pipes/live_status.parquet?charge_point_id=nobody');
  expect(statusCode).toBe(404);
  expect(readdirSync(context.owner.workDir)).toEqual([]);
  const tables = await context.owner.read(
    (duckdb) => duckdb.rows('select table_name from duckdb_tables() where temporary'),
    AbortSignal.timeout(10_000),
  );
  expect(tables).toEqual([]);
});

test('no unexpected errors occurred', () => expect(stderrText()).toBe(''));
