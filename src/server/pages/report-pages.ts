import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RawParameters, Report } from '../../catalog/definitions.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { layoutPage } from '../../pages/layout.ts';
import { readChoices, readReportPage } from '../../pages/read-report-page.ts';
import { reportPageHtml, reportPagePath, reportPageStyle } from '../../pages/report-page.ts';
import { valuesHint } from '../../reports/known-values.ts';
import { suggest, toSnakeCase } from '../../text/names.ts';
import { requireOwnToken, requireScope } from '../access/auth.ts';
import { redirect } from '../access/page-access.ts';
import { isHttps } from '../access/sessions.ts';
import type { ServerContext } from '../context.ts';
import { withDeadline } from '../http/deadline.ts';
import { statusOf } from '../http/error-responses.ts';
import { reportParams } from '../http/query-params.ts';
import { findGroup } from '../reports/groups.ts';
import { pageFrame } from './frame.ts';

/** File name of the database that commands use by default. */
const defaultDatabase = 'wattduck.duckdb';

/** Adds the page of every report. */
export function addReportPages(app: FastifyInstance, context: ServerContext): void {
  app.get<{ Params: { name: string } }>(
    '/reports/:name',
    { config: { isPage: true, scope: 'read' } },
    async (request, reply) => {
      const report = findReport(context.reports, request.params.name);
      const target = cleanPath(report, request);
      if (target !== undefined) return redirect(reply, target);
      requireScope(request.caller, report.scope);
      return sendReportPage(request, reply, context, report);
    },
  );
}

/** @throws WattduckError (report_page_not_found) */
function findReport(reports: readonly Report[], name: string): Report {
  const snakeName = toSnakeCase(name);
  const report = reports.find((each) => each.name === name) ?? reports.find((each) => each.name === snakeName);
  if (report) return report;
  const suggestion = suggest(
    snakeName,
    reports.map((each) => each.name),
  );
  throw new WattduckError('report_page_not_found', { name, suggestion });
}

/** The address without empty fields, which forms send, and with the name of the report; undefined if it is that already. */
function cleanPath(report: Report, { params, query }: FastifyRequest): string | undefined {
  const entries = Object.entries(query as Record<string, string | string[]>).flatMap(([name, value]) =>
    [value].flat().map((each): [string, string] => [name, each]),
  );
  const kept = entries.filter(([, value]) => value !== '');
  if (kept.length === entries.length && (params as { name: string }).name === report.name) return undefined;
  const text = new URLSearchParams(kept).toString();
  return `${reportPagePath(report)}${text === '' ? '' : `?${text}`}`;
}

async function sendReportPage(
  request: FastifyRequest,
  reply: FastifyReply,
  context: ServerContext,
  report: Report,
): Promise<FastifyReply> {
  const { owner, tz, currency, seconds, pages, requestLog, responder, tokens } = context;
  const params: RawParameters = reportParams(report, request.query);
  requireOwnToken(report, params, request.caller);
  if (report.tables.includes('requests')) await requestLog.flush();
  const daily = report.forecast?.daily === undefined ? undefined : owner.report(report.forecast.daily);
  const pageData = await pages.data();
  const { choices, data } = await withDeadline(request, seconds, ({ signal }) =>
    owner.read(
      async (duckdb) => ({
        choices: await readChoices(duckdb, report),
        data: await readReportPage(duckdb, { report, daily, data: pageData }, params, {
          ...responder.runContext(request.caller.name),
          valuesHint: (name) => valuesHint(duckdb, name),
        }),
      }),
      signal,
    ),
  );
  const html = reportPageHtml(data, {
    server: {
      origin: `${isHttps(request) ? 'https' : 'http'}://${request.headers.host ?? 'localhost'}`,
      needsToken: await tokens.areRequired(),
      choices,
      dataVersion: responder.dataTag,
    },
    settings: {
      tz,
      currency,
      engine: owner.engine?.client.address.text,
      ...(owner.databaseName === defaultDatabase ? {} : { database: owner.databaseName }),
    },
    database: owner.databaseName,
    group: findGroup(report.group).title,
  });
  if (data.error && !data.isBlank) reply.code(statusOf(data.error, 'analytics'));
  return reply.type('text/html; charset=utf-8').send(
    layoutPage(
      {
        ...(await pageFrame(context, reportPagePath(report), request)),
        title: report.title,
        head: `\n<style>${reportPageStyle}</style>`,
        className: 'report',
      },
      html,
    ),
  );
}
