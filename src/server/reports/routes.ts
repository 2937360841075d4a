import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AnswerShape, Chart, RawParameters, Report } from '../../catalog/definitions.ts';
import { findChart } from '../../charts/report-chart.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { suggest } from '../../text/names.ts';
import { requireOwnToken } from '../access/auth.ts';
import type { ServerContext } from '../context.ts';
import { reportParams } from '../http/query-params.ts';
import { hasFormat, mediaTypes, type ResponseFormat } from './formats.ts';

/** Shape of every pipe, whatever the shape of the report's own route. */
const pipeShape: AnswerShape = { shape: 'tinybird' };

/** Parameter of SVG routes with the name of the chart; reserved in reports. */
export const chartParameter = 'chart';

/** Adds the routes of every report: its own, and a pipe in each format. */
export function addReportRoutes(app: FastifyInstance, context: ServerContext): void {
  for (const report of context.reports) {
    for (const format of formatsOf(report))
      addRoute(app, context, { report, path: pipePath(report, format), format, shape: pipeShape });
    for (const path of report.http) {
      if (!isPipe(path)) addRoute(app, context, { report, path, format: 'json', shape: report.answer });
    }
  }
  app.route({
    method: ['GET', 'POST'],
    url: '/v0/pipes/:file',
    config: { scope: 'read' },
    handler: async (request) => {
      const { file } = request.params as { file: string };
      throw unknownPipeError(context.reports, file);
    },
  });
}

/** The formats of a report's pipe. */
const formatsOf = (report: Report): ResponseFormat[] =>
  (Object.keys(mediaTypes) as ResponseFormat[]).filter((format) => hasFormat(report, format));

/** One route of a report. */
export interface ReportRoute {
  report: Report;
  path: string;
  format: ResponseFormat;
  shape: AnswerShape;
}

/** Path of a report's pipe in a format. */
export const pipePath = ({ name }: Report, format: ResponseFormat): string => `/v0/pipes/${name}.${format}`;
export const isPipe = (path: string): boolean => path.startsWith('/v0/pipes/');

function addRoute(
  app: FastifyInstance,
  { responder }: ServerContext,
  { report, path, format, shape }: ReportRoute,
): void {
  const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const cached = responder.lookup(request);
    if (cached) return responder.sendCached(request, reply, cached);
    const allParams = reportParams(report, request.params, request.query, request.body);
    const { params, chart } =
      format === 'svg' ? selectChart(report, allParams) : { params: allParams, chart: undefined };
    requireOwnToken(report, params, request.caller);
    return responder.send(request, reply, { report, params, format, shape, chart, caller: request.caller.name });
  };
  const options = { config: { scope: report.scope } };
  const url = path.replaceAll(/\{(\w+)\}/g, ':$1');
  app.get(url, options, handle);
  // Parameters too long for a URL can be sent as a form.
  if (isPipe(path)) app.post(url, options, handle);
}

/** The chart that a request names, and its other parameters. */
function selectChart(report: Report, allParams: RawParameters): { params: RawParameters; chart: Chart } {
  const { [chartParameter]: name, ...params } = allParams;
  return { params, chart: findChart(report, name, chartParameter) };
}

function unknownPipeError(reports: readonly Report[], file: string): WattduckError {
  const [, name, format] = /^(.*?)(?:\.([a-z]+))?$/.exec(file) ?? [];
  const report = reports.find((each) => each.name === name);
  if (report) {
    const daily = report.forecast?.daily;
    if (format === 'svg')
      return new WattduckError('pipe_without_chart', {
        name,
        hint: daily === undefined ? 'Use json or csv.' : `Use /v0/pipes/${daily}.svg.`,
      });
    return new WattduckError('pipe_format_not_found', {
      name,
      format: format ?? '',
      formats: formatsOf(report).join(', '),
    });
  }
  const suggestion = suggest(
    name ?? file,
    reports.map((each) => each.name),
  );
  return new WattduckError('pipe_not_found', { name, suggestion: suggestion.startsWith('Did') ? suggestion : '' });
}
