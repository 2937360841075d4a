import type { Report } from '../../catalog/definitions.ts';
import { pathParameters } from '../../catalog/routes.ts';
import { toDocument } from '../../reports/document.ts';
import type { Row } from '../../warehouse/values.ts';
import { endings } from '../reports/formats.ts';
import { protocolOf, type Protocol } from '../http/error-responses.ts';
import { groupOf } from '../reports/groups.ts';
import { failures, ofBodies, ofTokens, security, type Fault } from './errors.ts';
import {
  answerSchema,
  formSchema,
  json,
  pipeSchema,
  ref,
  rowSchema,
  urlParameters,
  type Part,
  type TypesBeside,
} from './schemas.ts';
import { isPipe, pipePath } from '../reports/routes.ts';

/** Worked answers of a report: its whole document, or its rows alone. */
export interface WorkedAnswers {
  document?: { given: Record<string, string>; document: Row };
  rows?: { given: Record<string, string>; rows: Row[]; total: number };
}

/** What operations of reports are made from. */
export interface ReportContext {
  /** Zone of dates, where none is asked for. */
  tz: string;
  types: TypesBeside;
  examples: Readonly<Record<string, WorkedAnswers>>;
}

/** Paths and components of one report. */
export interface ReportParts {
  paths: Part;
  parameters: Part;
  schemas: Part;
  requestBodies: Part;
  examples: Part;
}

const { json: _, ...otherEndings } = endings;

/** Everything of one report: its own routes, and the pipe in each format, by URL and by form. */
export function reportParts(report: Report, context: ReportContext): ReportParts {
  const { answer, http, parameters } = report;
  const name = named(report.name);
  const [row, pipe] = [`${name}-row`, `${name}-pipe`];
  const own = http.filter((path) => !isPipe(path));
  const asPipe = pipeExample(report, context);
  const asOwn = own.length > 0 && answer.shape !== 'tinybird' ? context.examples[report.name]?.document : undefined;
  const asJson = json(ref('schemas', pipe), asPipe && { worked: ref('examples', pipe) });
  const by = urlParameters(parameters, [], context.tz);
  const byName = by.map((parameter): [string, Part] => [`${name}.${parameter['name'] as string}`, parameter]);
  const get = (protocol: Protocol, inPath: readonly string[], content: Part): Part => ({
    parameters: urlParameters(parameters, inPath, context.tz).map((parameter) =>
      parameter['in'] === 'path' ? parameter : ref('parameters', `${name}.${parameter['name'] as string}`),
    ),
    responses: {
      200: { description: report.title, headers: etagOf(report), content },
      ...unchanged(report),
      ...failures(protocol, faultsOf(report)),
    },
  });
  const post = (content: Part): Part => ({
    requestBody: ref('requestBodies', name),
    responses: { 200: { description: report.title, content }, ...failures('tinybird', faultsOf(report, ofBodies)) },
  });
  const head = (id: string, how?: string): Part => headOf(report, named(id), how);
  const ownPaths = own.map((path, at): [string, Part] => {
    const content = json(ref('schemas', name), asOwn && at === 0 ? { worked: ref('examples', name) } : undefined);
    return [
      path,
      {
        get: {
          ...head(at === 0 ? name : `${name}-${at + 1}`),
          ...get(protocolOf(path), pathParameters(path), content),
        },
      },
    ];
  });
  return {
    paths: {
      ...Object.fromEntries(ownPaths),
      [pipePath(report, 'json')]: {
        get: { ...head(`${name}-json`, own.length > 0 ? 'as a pipe' : undefined), ...get('tinybird', [], asJson) },
        post: { ...head(`${name}-json-form`, 'as a pipe, by form'), ...post(asJson) },
      },
      [`/v0/pipes/${report.name}.{format}`]: {
        parameters: [ref('parameters', formatName)],
        get: { ...head(`${name}-format`, 'in other formats'), ...get('tinybird', [], otherContent) },
        post: { ...head(`${name}-format-form`, 'in other formats, by form'), ...post(otherContent) },
      },
    },
    parameters: Object.fromEntries(byName),
    schemas: {
      [row]: rowSchema(report, true),
      [pipe]: pipeSchema(ref('schemas', row)),
      ...(own.length > 0 ? { [name]: answerSchema(report, context.types) } : {}),
    },
    requestBodies: {
      [name]: {
        description: 'Parameters, where they are too long for a URL.',
        required: parameters.some(({ required }) => required),
        content: { 'application/x-www-form-urlencoded': { schema: formSchema(parameters, context.tz) } },
      },
    },
    examples: {
      ...(asPipe ? { [pipe]: asPipe } : {}),
      ...(asOwn ? { [name]: { summary: requestOf(own[0]!, asOwn.given), value: asOwn.document } } : {}),
    },
  };
}

/** A component's name: a file of one's own may have any. */
const named = (name: string): string => name.replaceAll(/[^\w.-]/g, '.');

/** What a report is about stands with the first of its routes alone. */
const headOf = ({ title, description, group, scope }: Report, operationId: string, how?: string): Part => ({
  operationId,
  tags: [groupOf(group).title],
  ...(how === undefined ? { summary: title, description } : { summary: `${title}, ${how}` }),
  security: security(scope),
});

/** What is asked of the log of requests is never the same twice. */
const isKept = ({ tables }: Report): boolean => !tables.includes('requests') && !tables.includes('tokens');
const etagOf = (report: Report): Part => (isKept(report) ? { ETag: ref('headers', 'ETag') } : {});
const unchanged = (report: Report): Part => (isKept(report) ? { 304: ref('responses', 'unchanged') } : {});

const faultsOf = ({ answer }: Report, others: readonly Fault[] = []): Fault[] => {
  const canMiss = answer.shape !== 'tinybird' && answer.missing !== undefined;
  return ['usage', ...ofTokens, ...(canMiss ? ['not_found' as const] : []), 'failed', 'timed_out', ...others];
};

const formatName = 'pipe-format';

/** The parameter all pipes share. */
export const formatParameter: Part = {
  [formatName]: {
    name: 'format',
    in: 'path',
    required: true,
    description: 'Format of the answer; csv and csvwithnames both begin with the names of the columns',
    schema: { type: 'string', enum: Object.keys(otherEndings) },
  },
};

const describedFormats: Record<keyof typeof otherEndings, Part> = {
  ndjson: { type: 'string', description: 'One row a line, as JSON' },
  csv: { type: 'string', description: 'Names of the columns, then one row a line' },
  csvwithnames: { type: 'string', description: 'Names of the columns, then one row a line' },
  parquet: { type: 'string', format: 'binary', description: 'A Parquet file' },
  prometheus: { type: 'string', description: 'Numbers as gauges, with the texts of their row as labels' },
};

const otherContent: Part = Object.fromEntries(
  Object.entries(describedFormats).map(([ending, schema]) => [
    endings[ending as keyof typeof endings].split(';')[0],
    { schema },
  ]),
);

function pipeExample(report: Report, { examples, tz }: ReportContext): Part | undefined {
  const worked = examples[report.name]?.rows;
  if (!worked) return undefined;
  const { given, rows, total } = worked;
  const answer = { report, rows, total, totals: {}, rawValues: { tz, ...given }, seconds: 0.005, rowsRead: total };
  return { summary: requestOf(pipePath(report, 'json'), given), value: toDocument(answer, { shape: 'tinybird' }) };
}

/** The request an example is the answer to. */
function requestOf(path: string, given: Record<string, string>): string {
  const inPath = pathParameters(path);
  const query = new URLSearchParams(Object.entries(given).filter(([name]) => !inPath.includes(name))).toString();
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(given[name] ?? ''));
  return query === '' ? filled : `${filled}?${query}`;
}
