import type { Report } from '../../catalog/definitions.ts';
import { pathParameters } from '../../catalog/routes.ts';
import { toDocument, zoneParameter } from '../../reports/document.ts';
import type { Row } from '../../warehouse/values.ts';
import { protocolOf, type Protocol } from '../http/error-responses.ts';
import { mediaTypes } from '../reports/formats.ts';
import { noteHeaderName } from '../reports/note-header.ts';
import { findGroup } from '../reports/groups.ts';
import { chartParameter, isPipe, pipePath } from '../reports/routes.ts';
import { authErrors, bodyErrors, errorResponses, security, type ResponseKind } from './errors.ts';
import {
  answerSchema,
  formSchema,
  json,
  pipeSchema,
  ref,
  rowSchema,
  urlParameters,
  type FactTypes,
  type OpenApiObject,
} from './schemas.ts';

/** Example responses of a report: its document, or its rows. */
export interface ReportExamples {
  document?: { given: Record<string, string>; document: Row };
  rows?: { given: Record<string, string>; rows: Row[]; total: number };
}

/** Context shared by all report operations. */
export interface ReportContext {
  /** Time zone of the settings. */
  tz: string | undefined;
  types: FactTypes;
  examples: Readonly<Record<string, ReportExamples>>;
}

/** Paths and components of a report. */
export interface ReportFragment {
  paths: OpenApiObject;
  parameters: OpenApiObject;
  schemas: OpenApiObject;
  requestBodies: OpenApiObject;
  examples: OpenApiObject;
}

const { json: _, svg: __, ...otherFormats } = mediaTypes;

/** Paths and components of a report: its own routes, and its pipe in each format, by URL and by form. */
export function reportFragment(report: Report, context: ReportContext): ReportFragment {
  const { answer, http, parameters } = report;
  const name = componentName(report.name);
  const [row, pipe] = [`${name}-row`, `${name}-pipe`];
  const ownPaths = http.filter((path) => !isPipe(path));
  const pipeExample = buildPipeExample(report, context);
  const documentExample =
    ownPaths.length > 0 && answer.shape !== 'tinybird' ? context.examples[report.name]?.document : undefined;
  const jsonContent = json(ref('schemas', pipe), pipeExample && { worked: ref('examples', pipe) });
  const queryParameters = urlParameters(parameters, [], context.tz);
  const namedParameters = queryParameters.map((parameter): [string, OpenApiObject] => [
    `${name}.${parameter['name'] as string}`,
    parameter,
  ]);
  const get = (protocol: Protocol, inPath: readonly string[], content: OpenApiObject): OpenApiObject => ({
    parameters: urlParameters(parameters, inPath, context.tz).map((parameter) =>
      parameter['in'] === 'path' ? parameter : ref('parameters', `${name}.${parameter['name'] as string}`),
    ),
    responses: {
      200: { description: report.title, headers: { ...etagHeader(report), ...noteHeader }, content },
      ...notModified(report),
      ...errorResponses(protocol, errorsOf(report)),
    },
  });
  const post = (content: OpenApiObject): OpenApiObject => ({
    requestBody: ref('requestBodies', name),
    responses: {
      200: { description: report.title, headers: noteHeader, content },
      ...errorResponses('tinybird', errorsOf(report, bodyErrors)),
    },
  });
  const operation = (id: string, variant?: string): OpenApiObject =>
    operationFields(report, componentName(id), variant);
  const ownPathItems = ownPaths.map((path, at): [string, OpenApiObject] => {
    const content = json(
      ref('schemas', name),
      documentExample && at === 0 ? { worked: ref('examples', name) } : undefined,
    );
    return [
      path,
      {
        get: {
          ...operation(at === 0 ? name : `${name}-${at + 1}`),
          ...get(protocolOf(path), pathParameters(path), content),
        },
      },
    ];
  });
  return {
    paths: {
      ...Object.fromEntries(ownPathItems),
      [pipePath(report, 'json')]: {
        get: {
          ...operation(`${name}-json`, ownPaths.length > 0 ? 'as a pipe' : undefined),
          ...get('tinybird', [], jsonContent),
        },
        post: { ...operation(`${name}-json-form`, 'as a pipe, by form'), ...post(jsonContent) },
      },
      [`/v0/pipes/${report.name}.{format}`]: {
        parameters: [ref('parameters', formatName)],
        get: { ...operation(`${name}-format`, 'in other formats'), ...get('tinybird', [], otherContent) },
        post: { ...operation(`${name}-format-form`, 'in other formats, by form'), ...post(otherContent) },
      },
      ...(report.charts.length > 0
        ? {
            [pipePath(report, 'svg')]: {
              parameters: chartParameters(report),
              get: { ...operation(`${name}-svg`, 'as a chart'), ...get('tinybird', [], svgContent) },
              post: { ...operation(`${name}-svg-form`, 'as a chart, by form'), ...post(svgContent) },
            },
          }
        : {}),
    },
    parameters: Object.fromEntries(namedParameters),
    schemas: {
      [row]: rowSchema(report, true),
      [pipe]: pipeSchema(report, ref('schemas', row)),
      ...(ownPaths.length > 0 ? { [name]: answerSchema(report, context.types) } : {}),
    },
    requestBodies: {
      [name]: {
        description: 'Parameters that are too long for a URL.',
        required: parameters.some(({ required }) => required),
        content: { 'application/x-www-form-urlencoded': { schema: formSchema(parameters, context.tz) } },
      },
    },
    examples: {
      ...(pipeExample ? { [pipe]: pipeExample } : {}),
      ...(documentExample
        ? {
            [name]: {
              summary: exampleUrl(ownPaths[0]!, documentExample.given),
              value: { ...documentExample.document, ...exampleZone(report, documentExample.given) },
            },
          }
        : {}),
    },
  };
}

/** Component name of a report; user reports may have names OpenAPI does not allow. */
const componentName = (name: string): string => name.replaceAll(/[^\w.-]/g, '.');

/** Fields of an operation. Only the first route of a report has the description. */
const operationFields = (
  { title, description, group, scope }: Report,
  operationId: string,
  variant?: string,
): OpenApiObject => ({
  operationId,
  tags: [findGroup(group).title],
  ...(variant === undefined ? { summary: title, description } : { summary: `${title}, ${variant}` }),
  security: security(scope),
});

/** False for reports on the request log or tokens, which change with every request. */
const isCacheable = ({ tables }: Report): boolean => !tables.includes('requests') && !tables.includes('tokens');
const etagHeader = (report: Report): OpenApiObject => (isCacheable(report) ? { ETag: ref('headers', 'ETag') } : {});
const noteHeader: OpenApiObject = { [noteHeaderName]: ref('headers', noteHeaderName) };
const notModified = (report: Report): OpenApiObject =>
  isCacheable(report) ? { 304: ref('responses', 'unchanged') } : {};

const errorsOf = ({ answer }: Report, others: readonly ResponseKind[] = []): ResponseKind[] => {
  const canMiss = answer.shape !== 'tinybird' && answer.missing !== undefined;
  return ['usage', ...authErrors, ...(canMiss ? ['not_found' as const] : []), 'failed', 'timeout', ...others];
};

const formatName = 'pipe-format';

/** The format parameter of all pipes. */
export const formatParameter: OpenApiObject = {
  [formatName]: {
    name: 'format',
    in: 'path',
    required: true,
    description: 'Response format; csv and csvwithnames both start with a header',
    schema: { type: 'string', enum: Object.keys(otherFormats) },
  },
};

/** The parameter that names one of several charts. */
function chartParameters({ charts }: Report): OpenApiObject[] {
  const names = charts.flatMap(({ name }) => name ?? []);
  return names.length === 0
    ? []
    : [
        {
          name: chartParameter,
          in: 'query',
          description: 'Name of the chart; by default the first one',
          schema: { type: 'string', enum: names },
        },
      ];
}

const svgContent: OpenApiObject = {
  [mediaTypes.svg.split(';')[0]!]: { schema: { type: 'string', description: 'An SVG file' } },
};

const formatSchemas: Record<keyof typeof otherFormats, OpenApiObject> = {
  ndjson: { type: 'string', description: 'One JSON object per row and line' },
  csv: { type: 'string', description: 'A header, then one line per row' },
  csvwithnames: { type: 'string', description: 'A header, then one line per row' },
  parquet: { type: 'string', format: 'binary', description: 'A Parquet file' },
  prometheus: { type: 'string', description: 'Numbers as gauges, with the text columns as labels' },
};

const otherContent: OpenApiObject = Object.fromEntries(
  Object.entries(formatSchemas).map(([format, schema]) => [
    mediaTypes[format as keyof typeof mediaTypes].split(';')[0],
    { schema },
  ]),
);

function buildPipeExample(report: Report, { examples, tz }: ReportContext): OpenApiObject | undefined {
  const example = examples[report.name]?.rows;
  if (!example) return undefined;
  const { given, rows, total } = example;
  const answer = {
    report,
    rows,
    total,
    totals: {},
    rawValues: { tz: tz ?? 'UTC', ...given },
    seconds: 0.005,
    rowsRead: total,
  };
  return { summary: exampleUrl(pipePath(report, 'json'), given), value: toDocument(answer, { shape: 'tinybird' }) };
}

/** The time zone in an example document. */
const exampleZone = (report: Report, given: Record<string, string>): Row =>
  zoneParameter(report) === undefined ? {} : { tz: given['tz'] ?? 'UTC' };

/** URL of an example request. */
function exampleUrl(path: string, params: Record<string, string>): string {
  const inPath = pathParameters(path);
  const query = new URLSearchParams(Object.entries(params).filter(([name]) => !inPath.includes(name))).toString();
  const filledPath = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  return query === '' ? filledPath : `${filledPath}?${query}`;
}
