import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Action, PageDefinition, Report } from '../../catalog/definitions.ts';
import { reportCte, selectFromReport, selectScalar } from '../../catalog/views.ts';
import { packageRoot, packageVersion } from '../../paths.ts';
import { identifier, type DuckDb } from '../../warehouse/duckdb.ts';
import { findGroup, groupReports } from '../reports/groups.ts';
import { noteHeaderName } from '../reports/note-header.ts';
import {
  authErrors,
  bodyErrors,
  errorResponseComponents,
  errorResponses,
  errorSchemas,
  rateLimitHeaders,
  security,
  securitySchemes,
  writeErrors,
} from './errors.ts';
import { pagePaths } from './pages.ts';
import { ingestPaths, ingestSchemas, ingestTags } from './ingest.ts';
import {
  formatParameter,
  reportFragment,
  type ReportContext,
  type ReportExamples,
  type ReportFragment,
} from './reports.ts';
import { json, objectOf, ref, sharedSchemas, type FactTypes, type OpenApiObject } from './schemas.ts';
import { serverPaths, serverTag } from './server.ts';

/** Input of the OpenAPI document. */
export interface DocumentInput extends ReportContext {
  reports: readonly Report[];
  pages: readonly PageDefinition[];
  acknowledgeAction: Action;
}

/** The OpenAPI document of all routes. Report routes are generated from their definitions; the others are written by hand. */
export function openapiDocument({ reports, pages, acknowledgeAction, ...context }: DocumentInput): OpenApiObject {
  const fragments = groupReports(reports)
    .flatMap(([, all]) => all)
    .map((report) => reportFragment(report, context));
  const all = (kind: keyof ReportFragment): OpenApiObject =>
    Object.assign({}, ...fragments.map((each) => each[kind])) as OpenApiObject;
  const paths = {
    ...all('paths'),
    ...acknowledgePath(acknowledgeAction),
    ...ingestPaths,
    ...pagePaths(pages),
    ...serverPaths,
  };
  return {
    openapi: '3.1.1',
    info: {
      title: 'wattduck',
      version: packageVersion,
      summary: 'Analytics for charging networks and their customers',
      description: about,
    },
    servers: [{ url: '/', description: 'This server' }],
    tags: [
      ...groupReports(reports).map(([{ title, description }]) => ({ name: title, description })),
      ...ingestTags,
      serverTag,
    ],
    paths,
    components: {
      securitySchemes,
      headers: {
        ETag: {
          description: 'Version of the response; send it as If-None-Match to get 304 until the next write',
          schema: { type: 'string' },
        },
        [noteHeaderName]: {
          description:
            'Notes on the answer, such as why a forecast is empty; one line, with `%` and all but ASCII percent-encoded',
          schema: { type: 'string' },
        },
        ...rateLimitHeaders,
      },
      responses: {
        unchanged: {
          description: 'The response has not changed since the ETag in If-None-Match.',
          headers: { ETag: ref('headers', 'ETag') },
        },
        ...errorResponseComponents(JSON.stringify(paths)),
      },
      parameters: { ...formatParameter, ...all('parameters') },
      requestBodies: all('requestBodies'),
      schemas: {
        ...sharedSchemas,
        ...errorSchemas,
        ...ingestSchemas,
        Acknowledged: acknowledgedSchema,
        ...all('schemas'),
      },
      examples: all('examples'),
    },
  };
}

const about = `Reports, ingest and SQL over one DuckDB database.

- Write dates as \`2025-01-31\`, and times as \`2025-01-31 23:59:59\` or in ISO 8601 with an offset. Times without an offset are in \`tz\`. A date at the end of a period includes the whole day.
- Pipes return times in UTC as \`YYYY-MM-DD HH:MM:SS\`, other routes in ISO 8601. Integers above 2^53 are returned as strings to keep full precision.
- Unknown parameters are rejected. \`token\`, \`utm_*\`, \`__tb__*\`, \`cli_version\`, and \`from\` if it is not a date, are ignored.
- Once a token exists, every request needs one, sent in any of three ways. Each route lists the scope it requires: read (reports), append, sql or admin. No scope includes another, except that admin includes all. Two different tokens in one request are an error.
- Requests from pages of other sites are rejected (403), unless the server was started with \`--cors\` and their origin.
- Every GET route also answers HEAD, and every path OPTIONS.
- A status of 500 or above means that nothing was written.`;

const acknowledgedSchema = objectOf({
  issue_id: { type: 'string', description: 'The issue' },
  status: { type: 'string', const: 'acknowledged' },
});

const acknowledgePath = ({ title, description, parameters }: Action): OpenApiObject => {
  const propertySchema = (name: string): OpenApiObject => {
    const { description: text, example } = parameters.find((parameter) => parameter.name === name)!;
    return { type: 'string', description: text, examples: [example] };
  };
  const note = objectOf({ note: { ...propertySchema('note'), type: ['string', 'null'] } }, []);
  return {
    '/api/v1/analytics/issues/{issue_id}/acknowledge': {
      post: {
        operationId: 'acknowledge-issue',
        tags: [findGroup('issues').title],
        summary: title,
        description,
        security: security('append'),
        parameters: [{ name: 'issue_id', in: 'path', required: true, schema: propertySchema('issue_id') }],
        requestBody: { content: { ...json(note), 'application/x-www-form-urlencoded': { schema: note } } },
        responses: {
          200: {
            description: 'The issue after the change; without the scope read, only its ID and status.',
            content: json({ anyOf: [ref('schemas', 'issue'), ref('schemas', 'Acknowledged')] }),
          },
          ...errorResponses('analytics', [
            'usage',
            ...authErrors,
            'not_found',
            'conflict',
            'failed',
            ...bodyErrors,
            ...writeErrors,
          ]),
        },
      },
    },
  };
};

/** Types of the totals and facts of each report; types that DuckDB cannot infer are omitted. */
export async function factTypes(duckdb: DuckDb, reports: readonly Report[]): Promise<FactTypes> {
  const types: Record<string, Record<string, string>> = {};
  for (const report of reports) {
    if (report.answer.shape !== 'list') continue;
    const { totals, facts } = report.answer;
    types[report.name] = {
      ...(await typesOf(duckdb, report, totals, selectFromReport)),
      ...(await typesOf(duckdb, report, facts, selectScalar)),
    };
  }
  return types;
}

async function typesOf(
  duckdb: DuckDb,
  report: Report,
  expressions: Record<string, string>,
  select: (list: string) => string,
): Promise<Record<string, string>> {
  const list = Object.entries(expressions)
    .map(([name, sql]) => `${sql} as ${identifier(name)}`)
    .join(', ');
  if (list === '') return {};
  // DuckDB infers the types of parameters only in a select that reads the report.
  const { columns } = await duckdb
    .describeInFile(`${reportCte(report)} select facts.* from (${select(list)}) as facts, report`)
    .catch(() => ({ columns: [] }));
  return Object.fromEntries(columns.map(({ name, type }) => [name, type]));
}

/** Example responses of reports, written by the build. */
export function loadExamples(): Readonly<Record<string, ReportExamples>> {
  const path = join(packageRoot, 'dist', 'examples.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, ReportExamples>) : {};
}
