import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Action, Report } from '../../catalog/definitions.ts';
import { reportCte, selectFromReport, selectScalar } from '../../catalog/views.ts';
import { packageRoot, packageVersion } from '../../paths.ts';
import { identifier, type DuckDb } from '../../warehouse/duckdb.ts';
import { findGroup, groupReports } from '../reports/groups.ts';
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

/** What the document is made from. */
export interface DocumentInput extends ReportContext {
  reports: readonly Report[];
  acknowledgeAction: Action;
}

/** The OpenAPI document of all routes: those of reports from their definitions, the others as they are described by hand. */
export function openapiDocument({ reports, acknowledgeAction, ...context }: DocumentInput): OpenApiObject {
  const fragments = groupReports(reports)
    .flatMap(([, all]) => all)
    .map((report) => reportFragment(report, context));
  const all = (kind: keyof ReportFragment): OpenApiObject =>
    Object.assign({}, ...fragments.map((each) => each[kind])) as OpenApiObject;
  const paths = { ...all('paths'), ...acknowledgePath(acknowledgeAction), ...ingestPaths, ...serverPaths };
  return {
    openapi: '3.1.1',
    info: {
      title: 'wattduck',
      version: packageVersion,
      summary: 'Analytics for charging networks and their customers',
      description: about,
    },
    servers: [{ url: '/', description: 'Where this document is from' }],
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
          description: 'Names the answer; sent back as If-None-Match it is answered by 304 until something was written',
          schema: { type: 'string' },
        },
        ...rateLimitHeaders,
      },
      responses: {
        unchanged: {
          description: 'The answer is still the one that If-None-Match names.',
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

const about = `Reports over one DuckDB file, taking in data, and SQL.

- Dates are written \`2025-01-31\`, times \`2025-01-31 23:59:59\` or in ISO 8601 with an offset. Without one they are read in \`tz\`. A bare date that ends a period counts whole.
- Pipes answer times in UTC as \`YYYY-MM-DD HH:MM:SS\`, the other routes in ISO 8601. Whole numbers beyond 2^53 are answered as texts, lest a digit be lost.
- Unknown parameters are refused; \`token\`, \`utm_*\`, \`__tb__*\`, \`cli_version\`, and \`from\` where it is no date, pass unread.
- A token is needed from the moment the first was made, by any of three ways. What it must allow stands with each route: read (reports), append, sql or admin; each stands for itself, admin may do all. Two tokens that differ are an error.
- What a browser sends for a page of another site is refused (403), unless the server was started with \`--cors\` and its origin.
- Every GET answers HEAD too, and every path OPTIONS.
- A status from 500 on means that nothing was written.`;

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
            description: 'The issue as it is now; without the scope read, only that it is acknowledged.',
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

/** Types of what reports tell beside their rows; a type DuckDB can't tell is left out. */
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
  // DuckDB tells types of parameters, and then of columns, only where the report that has them is read.
  const { columns } = await duckdb
    .describeInFile(`${reportCte(report)} select beside.* from (${select(list)}) as beside, report`)
    .catch(() => ({ columns: [] }));
  return Object.fromEntries(columns.map(({ name, type }) => [name, type]));
}

/** Worked answers of reports, which the build brings along. */
export function loadExamples(): Readonly<Record<string, ReportExamples>> {
  const path = join(packageRoot, 'dist', 'examples.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, ReportExamples>) : {};
}
