import { describe, expect, test } from 'vitest';
import { outputColumns, type Parameter, type Report } from '../../../src/catalog/definitions.ts';
import { markupProblems, tableRows, unescapeHtml } from '../../support/html.ts';
import { dataSets, startInProcessServer } from '../../support/in-process-server.ts';

const { app, context } = await startInProcessServer({ files: dataSets('depot', 'dozen', 'shop') });
const open = (url: string) => app.inject({ url, headers: { accept: 'text/html', host: 'localhost:8787' } });

/** The part of a page with the rows of its report. */
const rowsIn = (html: string): string => html.slice(html.indexOf('id="rows"'), html.indexOf('class="small files"'));

/** Address of the CSV of the rows. */
const csvLink = (html: string): string => unescapeHtml(/href="(\/v0\/pipes\/[^"]*\.csv[^"]*)"/.exec(html)![1]!);

/** A value of a required parameter that exists in the data. */
const examples: Record<string, string> = {
  site_id: 'depot_n',
  project_id: 'depot_n',
  charge_point_id: 'off_1',
  customer_id: 'ann',
  segment_name: 'High Value',
  issue_id: 'dep_open',
  from: '2025-01-01',
  to: '2025-12-31',
};
const requiredOf = ({ parameters }: Report): Parameter[] =>
  parameters.filter((parameter) => parameter.required && parameter.default === undefined);
const queryOf = (report: Report): string =>
  new URLSearchParams(requiredOf(report).map(({ name }) => [name, examples[name]!])).toString();

describe('every report', () => {
  test.each(context.reports.map((report) => [report.name, report] as const))(
    '%s has a page with its rows, commands and definitions',
    async (name, report) => {
      const query = queryOf(report);
      const { statusCode, body } = await open(`/reports/${name}${query && `?${query}`}`);
      if (statusCode !== 404) expect(statusCode).toBe(200);
      expect(markupProblems(body)).toEqual([]);
      expect(body).not.toMatch(/undefined|\[object|NaN/);
      expect(body).toContain(`<h1>${report.title}</h1>`);
      const text = unescapeHtml(body.replaceAll(/<\/?(code|strong)>/g, ''));
      for (const { description } of outputColumns(report)) expect(text).toContain(description.replaceAll(/[`*]/g, ''));
      if (statusCode === 404) return;
      const csv = await app.inject(csvLink(body));
      expect(csv.statusCode).toBe(200);
      const rowCount = csv.body.trimEnd().split('\n').length - 1;
      const isPlain = !csv.body.includes('"') && report.answer.shape !== 'object';
      if (isPlain) expect(tableRows(rowsIn(body))).toHaveLength(Math.min(rowCount, 200));
    },
  );
});
