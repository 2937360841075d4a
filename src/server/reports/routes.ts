import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AnswerShape, Report } from '../../catalog/definitions.ts';
import { WattduckError } from '../../errors.ts';
import { suggest } from '../../text/names.ts';
import { clipped } from '../../text/plain-text.ts';
import { requireOwn } from '../access/auth.ts';
import type { Parts } from '../context.ts';
import { givenIn } from '../http/query-params.ts';
import { endings, type Ending } from './formats.ts';

/** What pipes answer, whatever the shape of a report's own route. */
const pipeShape: AnswerShape = { shape: 'tinybird' };

/** The routes of every report: its own, and those of a pipe in each format. */
export function addReports(app: FastifyInstance, parts: Parts): void {
  for (const report of parts.reports) {
    for (const ending of Object.keys(endings) as Ending[])
      addRoute(app, parts, { report, path: pipePath(report, ending), ending, shape: pipeShape });
    for (const path of report.http) {
      if (!isPipe(path)) addRoute(app, parts, { report, path, ending: 'json', shape: report.answer });
    }
  }
  app.route({
    method: ['GET', 'POST'],
    url: '/v0/pipes/:file',
    config: { scope: 'read' },
    handler: async (request) => {
      const { file } = request.params as { file: string };
      throw unknownPipe(parts.reports, file);
    },
  });
}

/** One route of a report. */
export interface ReportRoute {
  report: Report;
  path: string;
  ending: Ending;
  shape: AnswerShape;
}

export const pipePath = ({ name }: Report, ending: Ending): string => `/v0/pipes/${name}.${ending}`;
export const isPipe = (path: string): boolean => path.startsWith('/v0/pipes/');

function addRoute(app: FastifyInstance, { answers }: Parts, { report, path, ending, shape }: ReportRoute): void {
  const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const kept = answers.keptFor(request);
    if (kept) return answers.sendKept(request, reply, kept, ending);
    const given = givenIn(report, request.params, request.query, request.body);
    requireOwn(report, given, request.caller);
    return answers.send(request, reply, { report, given, ending, shape, caller: request.caller.name });
  };
  const options = { config: { scope: report.scope } };
  const url = path.replaceAll(/\{(\w+)\}/g, ':$1');
  app.get(url, options, handle);
  // Long parameters may come as a form.
  if (isPipe(path)) app.post(url, options, handle);
}

function unknownPipe(reports: readonly Report[], file: string): WattduckError {
  const [, name, ending] = /^(.*?)(?:\.([a-z]+))?$/.exec(file) ?? [];
  if (reports.some((report) => report.name === name)) {
    return new WattduckError(
      'not_found',
      clipped`the pipe '${name}' does not answer as "${ending ?? ''}"`,
      `It answers as ${Object.keys(endings).join(', ')}.`,
    );
  }
  const near = suggest(
    name ?? file,
    reports.map((report) => report.name),
  );
  return new WattduckError(
    'not_found',
    clipped`The pipe '${name}' does not exist`,
    near.startsWith('Did') ? near : undefined,
  );
}
