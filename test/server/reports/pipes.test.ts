import { describe, expect, test } from 'vitest';
import { outputColumns } from '../../../src/catalog/definitions.ts';
import { isPipe, pipePath } from '../../../src/server/reports/routes.ts';
import { toKebabCase } from '../../../src/text/names.ts';
import { wattduck } from '../../support/cli.ts';
import { dataSets, startInProcessServer, withoutElapsed as withoutTimes } from '../../support/in-process-server.ts';
import { dataReports, query, requiredParams } from '../../support/report-params.ts';
import { sample } from '../../support/runs.ts';

const { app, context, copy, stderrText } = await startInProcessServer({ files: dataSets('depot', 'lobby', 'members') });

/** Sums over threads may differ in the last digit. */
const timeless = (text: string): string =>
  withoutTimes(text).replaceAll(/\d+\.\d{9,}(e-\d+)?/g, (written) => Number(written).toPrecision(12));

const printed = async (name: string, values: Record<string, string>): Promise<string> => {
  const options = Object.entries(values).flatMap(([key, value]) => [`--${toKebabCase(key)}`, value]);
  const { status, stdout, stderr } = await wattduck(['report', toKebabCase(name), ...options, '--json', '--db', copy]);
  expect([status, stderr.includes('error')]).toEqual([0, false]);
  return timeless(stdout);
};

describe.each(sample(dataReports(context.reports), 12).map((report) => ({ name: report.name, report })))(
  '$name',
  ({ name, report }) => {
    const values = requiredParams(report);

    test('each of its own routes returns exactly the bytes --json prints', async () => {
      const own = report.http.filter((path) => !isPipe(path));
      const expected = await printed(name, values);
      for (const path of own) {
        const url = path.replaceAll(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(values[key]!));
        const inQuery = Object.fromEntries(Object.entries(values).filter(([key]) => !path.includes(`{${key}}`)));
        const { statusCode, body, headers } = await app.inject(`${url}?${query(inQuery)}`);
        expect([path, statusCode, headers['content-type']]).toEqual([path, 200, 'application/json; charset=utf-8']);
        expect(timeless(body)).toBe(expected);
      }
      if (report.answer.shape === 'tinybird') {
        const { body } = await app.inject(`${pipePath(report, 'json')}?${query(values)}`);
        expect(timeless(body)).toBe(expected);
      }
    });

    test('its pipe returns meta, data, rows and statistics, by GET and as a form', async () => {
      const url = pipePath(report, 'json');
      const { statusCode, body, headers } = await app.inject(`${url}?${query(values)}`);
      expect([statusCode, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
      const document = JSON.parse(body) as {
        meta: { name: string; type: string }[];
        data: object[];
        rows: number;
        rows_before_limit_at_least: number;
      };
      expect(Object.keys(document)).toEqual(['meta', 'data', 'rows', 'rows_before_limit_at_least', 'statistics']);
      const names = outputColumns(report).map((column) => column.name);
      expect(document.meta.map((column) => column.name)).toEqual(names);
      for (const row of document.data) expect(Object.keys(row)).toEqual(names);
      expect(document.rows).toBe(document.data.length);
      expect(document.rows_before_limit_at_least).toBeGreaterThanOrEqual(document.rows);
      const form = await app.inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: query(values),
      });
      expect(timeless(form.body)).toBe(timeless(body));
    });
  },
);

const demanding = context.reports.flatMap((report) =>
  report.parameters.filter(({ required }) => required).map(({ name }) => ({ report, required: name })),
);

test.each(demanding)('$report.name names $required where it is missing', async ({ report, required }) => {
  const { [required]: _, ...others } = requiredParams(report);
  const { statusCode, json } = await app.inject(`${pipePath(report, 'json')}?${query(others)}`);
  expect([statusCode, json()]).toEqual([
    400,
    {
      error: `${required} is required${['from', 'to'].includes(required) ? '. Set both from and to, or period.' : ''}`,
      documentation: '/docs',
    },
  ]);
});

test('no unexpected errors occurred', () => expect(stderrText()).toBe(''));
