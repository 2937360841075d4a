import type { Scope } from '../access/tokens.ts';
import { authErrors, bodyErrors, errorResponses, security, writeErrors, type ErrorCode } from './errors.ts';
import { json, objectOf, ref, type OpenApiObject } from './schemas.ts';

/** Tags of {@link ingestPaths}. */
export const ingestTags = [
  { name: 'Ingest', description: 'Taking in rows and files, and what there is of each source.' },
  { name: 'SQL', description: 'Selects written by the client.' },
];

const text = (description: string, others: OpenApiObject = {}): OpenApiObject => ({
  type: 'string',
  description,
  ...others,
});
const count = (description: string): OpenApiObject => ({ type: 'integer', minimum: 0, description });
const inQuery = (name: string, schema: OpenApiObject, others: OpenApiObject = {}): OpenApiObject => ({
  name,
  in: 'query',
  description: schema['description'],
  schema,
  ...others,
});

const operation = (
  tag: string,
  scope: Scope,
  operationId: string,
  summary: string,
  description: string,
  rest: OpenApiObject,
  errors: readonly ErrorCode[],
): OpenApiObject => ({
  operationId,
  tags: [tag],
  summary,
  description,
  security: security(scope),
  ...rest,
  responses: {
    ...(rest['responses'] as OpenApiObject),
    ...errorResponses('tinybird', ['usage', ...authErrors, ...errors]),
  },
});

const sourceName = inQuery('name', text('Source to take the rows in for', { examples: ['charging_sessions'] }), {
  required: true,
  example: 'charging_sessions',
});

const event = {
  session_id: 'ses_1',
  station_id: 'cp_001',
  user_id: 'user_1',
  start_time: '2025-06-01 10:00:00',
  end_time: '2025-06-01 11:00:00',
  energy_consumed: 15.5,
  amount_paid: 10,
  timestamp: '2025-06-01 11:00:00',
};

const rateLimitHeaders = {
  'X-RateLimit-Limit': ref('headers', 'X-RateLimit-Limit'),
  'X-RateLimit-Remaining': ref('headers', 'X-RateLimit-Remaining'),
  'X-RateLimit-Reset': ref('headers', 'X-RateLimit-Reset'),
};

const events = operation(
  'Ingest',
  'append',
  'append-events',
  'Take in rows as JSON',
  'Takes in rows of a source: NDJSON, one JSON object even over many lines, or an array. The content type does not matter; the body may be gzipped. ' +
    'A row whose key is known replaces the older one. Rows that can not be taken in go to quarantine and are counted. 10 MiB a request.',
  {
    parameters: [
      sourceName,
      inQuery('wait', {
        type: 'boolean',
        default: false,
        description: 'Whether to answer only when the rows are written: then 200, otherwise 202',
      }),
      inQuery(
        'format',
        text('Whether the body is NDJSON, or one JSON text; found out where it is not said', {
          enum: ['ndjson', 'json'],
        }),
      ),
      {
        name: 'Content-Encoding',
        in: 'header',
        description: 'gzip, where the body is gzipped',
        schema: { type: 'string', enum: ['gzip'] },
      },
    ],
    requestBody: {
      required: true,
      content: {
        'application/x-ndjson': {
          schema: text('One JSON object a line'),
          examples: { one: { summary: 'One row', value: `${JSON.stringify(event)}\n` } },
        },
        'application/json': {
          schema: { oneOf: [{ type: 'object' }, { type: 'array', items: { type: 'object' } }] },
          examples: { one: { summary: 'One row', value: event } },
        },
        'text/plain': { schema: text('The same as any other type') },
        'application/x-www-form-urlencoded': {
          schema: { type: 'object', description: 'The same: curl -d sends this type, whatever the body is' },
        },
      },
    },
    responses: {
      200: {
        description: 'The rows are written (with wait).',
        headers: rateLimitHeaders,
        content: json(ref('schemas', 'Taken')),
      },
      202: { description: 'The rows are taken in.', headers: rateLimitHeaders, content: json(ref('schemas', 'Taken')) },
    },
  },
  ['not_found', 'failed', ...bodyErrors, ...writeErrors],
);

const upload = operation(
  'Ingest',
  'append',
  'append-file',
  'Take in a file',
  'Takes in a file of a source, as the body or as the one file of a form. Rows that can not be taken in go to quarantine and are counted. The file may be gzipped. Files at an address elsewhere are not fetched.',
  {
    parameters: [
      sourceName,
      inQuery(
        'mode',
        text('Whether the rows are added, or stand for all there are: that takes a token with the scope admin', {
          enum: ['append', 'replace'],
          default: 'append',
        }),
      ),
      inQuery(
        'format',
        text('Format of the file; found out where it is not said', { enum: ['csv', 'ndjson', 'parquet'] }),
      ),
      inQuery('dialect_delimiter', text('What stands between the values of a CSV; found out where it is not said')),
      inQuery(
        'dialect_escapechar',
        text('What stands before a quote in a quoted value', { enum: ['"', '\\'], default: '"' }),
      ),
      inQuery('dialect_new_line', text('What ends a line; made out by itself, whatever is said')),
    ],
    requestBody: {
      required: true,
      content: {
        'multipart/form-data': {
          schema: objectOf(
            { csv: { type: 'string', format: 'binary', description: 'The file; the field may have any name' } },
            [],
          ),
        },
        'text/csv': { schema: text('The file itself') },
        'application/x-ndjson': { schema: text('The file itself') },
        'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
      },
    },
    responses: { 200: { description: 'The file is taken in.', content: json(ref('schemas', 'TakenFile')) } },
  },
  ['not_found', 'failed', ...bodyErrors, ...writeErrors],
);

const nameInPath: OpenApiObject = {
  name: 'name',
  in: 'path',
  required: true,
  description: 'Name of a source',
  schema: { type: 'string' },
  example: 'charging_sessions',
};

const listDatasources = operation(
  'Ingest',
  'read',
  'list-datasources',
  'Sources',
  'Every source, with its columns and how much there is of it.',
  {
    responses: {
      200: {
        description: 'All sources.',
        content: json(objectOf({ datasources: { type: 'array', items: ref('schemas', 'Datasource') } })),
      },
    },
  },
  [],
);

const getDatasource = operation(
  'Ingest',
  'read',
  'get-datasource',
  'A source',
  'One source, with its columns and how much there is of it.',
  {
    parameters: [nameInPath],
    responses: { 200: { description: 'The source.', content: json(ref('schemas', 'Datasource')) } },
  },
  ['not_found'],
);

const truncateDatasource = operation(
  'Ingest',
  'admin',
  'truncate-datasource',
  'Empty a source',
  'Deletes all rows of a source.',
  {
    parameters: [nameInPath],
    responses: { 200: { description: 'No row is left.', content: json({ type: 'object' }) } },
  },
  ['not_found', 'failed', ...writeErrors],
);

const deleteRows = operation(
  'Ingest',
  'admin',
  'delete-from-datasource',
  'Delete rows of a source',
  'Deletes the rows of a source for which a condition is true, or tells how many they are.',
  {
    parameters: [nameInPath],
    requestBody: {
      required: true,
      content: {
        'application/x-www-form-urlencoded': {
          schema: objectOf(
            {
              delete_condition: text('A condition on its columns, in SQL', { examples: ["start_time < '2020-01-01'"] }),
              dry_run: {
                type: 'boolean',
                default: false,
                description: 'Whether only to tell how many rows that would be',
              },
            },
            ['delete_condition'],
          ),
        },
      },
    },
    responses: { 200: { description: 'What was, or would be, deleted.', content: json(ref('schemas', 'Deletion')) } },
  },
  ['not_found', 'failed', ...bodyErrors, ...writeErrors],
);

const jobIdInPath: OpenApiObject = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The deletion, as it was answered',
  schema: { type: 'string' },
};

const getJob = operation(
  'Ingest',
  'admin',
  'get-job',
  'A deletion',
  'A deletion of this run of the server, which was done when it was answered.',
  {
    parameters: [jobIdInPath],
    responses: { 200: { description: 'The deletion.', content: json(ref('schemas', 'Job')) } },
  },
  ['not_found'],
);

const selectResponses: OpenApiObject = {
  200: {
    description: 'What the select answers; as JSON, unless it ends in FORMAT and another.',
    content: {
      ...json(ref('schemas', 'Selected')),
      'application/x-ndjson': { schema: text('One row a line, as JSON (FORMAT JSONEachRow)') },
      'text/csv': { schema: text('One row a line (FORMAT CSV), with a head (FORMAT CSVWithNames)') },
      'application/vnd.apache.parquet': { schema: text('A Parquet file (FORMAT Parquet)', { format: 'binary' }) },
    },
  },
};
const query = text(
  'One select, in the SQL of DuckDB; a source x has its rejected rows in x_quarantine. A trailing FORMAT is accepted',
  { examples: ['select count(*) as n from charging_sessions FORMAT JSON'] },
);
const sqlDescription =
  'Runs one select. It reads the tables of the sources and calls functions from an allow-list (docs/sql.md); it can not change anything or read files.';

/** Ingest, data sources and SQL, as clients of the hosted service ask for them. */
export const ingestPaths: OpenApiObject = {
  '/v0/events': { post: events },
  '/v0/datasources': { get: listDatasources, post: upload },
  '/v0/datasources/{name}': { get: getDatasource },
  '/v0/datasources/{name}/truncate': { post: truncateDatasource },
  '/v0/datasources/{name}/delete': { post: deleteRows },
  '/v0/jobs/{id}': { get: getJob },
  '/v0/sql': {
    get: operation(
      'SQL',
      'sql',
      'query',
      'Select',
      sqlDescription,
      { parameters: [inQuery('q', query, { required: true, example: 'select 1 as one' })], responses: selectResponses },
      ['failed', 'timeout'],
    ),
    post: operation(
      'SQL',
      'sql',
      'query-by-body',
      'Select, by body',
      `${sqlDescription} For selects too long for a URL.`,
      {
        requestBody: {
          required: true,
          content: {
            'text/plain': { schema: query },
            'application/x-www-form-urlencoded': { schema: objectOf({ q: query }) },
            ...json(objectOf({ q: query })),
          },
        },
        responses: selectResponses,
      },
      ['failed', 'timeout', ...bodyErrors],
    ),
  },
};

export const ingestSchemas: OpenApiObject = {
  Taken: objectOf({ successful_rows: count('Rows taken in'), quarantined_rows: count('Rows that could not be') }),
  TakenFile: objectOf({
    successful_rows: count('Rows taken in'),
    quarantined_rows: count('Rows that could not be'),
    import_id: text('Names this file, also in the quarantine'),
    datasource: objectOf({ name: text('Name of the source') }, ['name'], { description: 'The source' }),
    quarantine_rows: count('Of the quarantined rows, those one of whose values is at fault'),
    invalid_lines: count('Of the quarantined rows, those that are no rows at all'),
    error: { description: 'false, or what was wrong with some of the rows', type: ['boolean', 'string'] },
  }),
  Datasource: objectOf({ name: text('Name of the source') }, ['name'], {
    description: 'A source, its columns and statistics',
  }),
  Deletion: {
    type: 'object',
    description: 'The deletion, which is done when it is answered; with dry_run, how many rows it would take',
  },
  Job: {
    type: 'object',
    description: 'A deletion: its id, its status, which is done, when, and how many rows it took',
  },
  Selected: objectOf({
    meta: ref('schemas', 'Meta'),
    data: { type: 'array', items: { type: 'object', description: 'Values by the names of their columns' } },
    rows: count('Rows answered'),
    statistics: ref('schemas', 'Statistics'),
  }),
};
