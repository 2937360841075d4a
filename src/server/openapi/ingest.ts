import type { Scope } from '../access/tokens.ts';
import { authErrors, bodyErrors, errorResponses, security, writeErrors, type ResponseKind } from './errors.ts';
import { json, objectOf, ref, type OpenApiObject } from './schemas.ts';

/** Tags of {@link ingestPaths}. */
export const ingestTags = [
  { name: 'Ingest', description: 'Import rows and files; list, empty and edit data sources.' },
  { name: 'SQL', description: 'Run read-only SQL.' },
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
  errors: readonly ResponseKind[],
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

const sourceName = inQuery('name', text('Source to import into', { examples: ['charging_sessions'] }), {
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
  'Import JSON rows',
  'Imports rows of a source: NDJSON, one JSON object over any number of lines, or an array. The content type is ignored; the body may be gzipped. ' +
    'A row replaces an older row with the same key. Invalid rows go to quarantine and are counted. The maximum is 10 MiB per request.',
  {
    parameters: [
      sourceName,
      inQuery('wait', {
        type: 'boolean',
        default: false,
        description: 'Return 200 instead of 202; the rows are written before the response in either case',
      }),
      inQuery(
        'format',
        text('Body format: NDJSON lines, or one JSON value (default: detected)', {
          enum: ['ndjson', 'json'],
        }),
      ),
      {
        name: 'Content-Encoding',
        in: 'header',
        description: 'gzip, if the body is gzipped',
        schema: { type: 'string', enum: ['gzip'] },
      },
    ],
    requestBody: {
      required: true,
      content: {
        'application/x-ndjson': {
          schema: text('One JSON object per line'),
          examples: { one: { summary: 'One row', value: `${JSON.stringify(event)}\n` } },
        },
        'application/json': {
          schema: { oneOf: [{ type: 'object' }, { type: 'array', items: { type: 'object' } }] },
          examples: { one: { summary: 'One row', value: event } },
        },
        'text/plain': { schema: text('Same as the other types') },
        'application/x-www-form-urlencoded': {
          schema: { type: 'object', description: 'Same as the other types: curl -d sends this type for any body' },
        },
      },
    },
    responses: {
      200: {
        description: 'The rows were imported (with wait).',
        headers: rateLimitHeaders,
        content: json(ref('schemas', 'Imported')),
      },
      202: {
        description: 'The rows were imported.',
        headers: rateLimitHeaders,
        content: json(ref('schemas', 'Imported')),
      },
    },
  },
  ['not_found', 'failed', ...bodyErrors, ...writeErrors],
);

const upload = operation(
  'Ingest',
  'append',
  'append-file',
  'Import a file',
  'Imports a file into a source, sent as the body or as the one file of a form. Invalid rows go to quarantine and are counted. The file may be gzipped. Remote files are not fetched.',
  {
    parameters: [
      sourceName,
      inQuery(
        'mode',
        text('`append` adds rows; `replace` deletes existing rows first (requires the scope admin)', {
          enum: ['append', 'replace'],
          default: 'append',
        }),
      ),
      inQuery('format', text('File format (default: detected)', { enum: ['csv', 'ndjson', 'parquet'] })),
      inQuery('dialect_delimiter', text('Field delimiter of a CSV file (default: detected)')),
      inQuery(
        'dialect_escapechar',
        text('Escape character before a quote inside a quoted value', { enum: ['"', '\\'], default: '"' }),
      ),
      inQuery('dialect_new_line', text('Line end of a CSV file; always detected')),
    ],
    requestBody: {
      required: true,
      content: {
        'multipart/form-data': {
          schema: objectOf(
            { csv: { type: 'string', format: 'binary', description: 'The file; the field can have any name' } },
            [],
          ),
        },
        'text/csv': { schema: text('The file itself') },
        'application/x-ndjson': { schema: text('The file itself') },
        'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
      },
    },
    responses: { 200: { description: 'The file was imported.', content: json(ref('schemas', 'ImportedFile')) } },
  },
  ['not_found', 'failed', ...bodyErrors, ...writeErrors],
);

const nameInPath: OpenApiObject = {
  name: 'name',
  in: 'path',
  required: true,
  description: 'Name of the source',
  schema: { type: 'string' },
  example: 'charging_sessions',
};

const listDatasources = operation(
  'Ingest',
  'read',
  'list-datasources',
  'List data sources',
  'All sources with their columns and row counts.',
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
  'Get a data source',
  'One source with its columns and row counts.',
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
  'Empty a data source',
  'Deletes all rows of a source.',
  {
    parameters: [nameInPath],
    responses: { 200: { description: 'All rows were deleted.', content: json({ type: 'object' }) } },
  },
  ['not_found', 'failed', ...writeErrors],
);

const deleteRows = operation(
  'Ingest',
  'admin',
  'delete-from-datasource',
  'Delete rows of a data source',
  'Deletes the rows that match a condition, or only counts them.',
  {
    parameters: [nameInPath],
    requestBody: {
      required: true,
      content: {
        'application/x-www-form-urlencoded': {
          schema: objectOf(
            {
              delete_condition: text('SQL condition over the columns of the source', {
                examples: ["start_time < '2020-01-01'"],
              }),
              dry_run: {
                type: 'boolean',
                default: false,
                description: 'Count matching rows without deleting them',
              },
            },
            ['delete_condition'],
          ),
        },
      },
    },
    responses: {
      200: {
        description: 'The finished deletion, or the count of matching rows.',
        content: json(ref('schemas', 'Deletion')),
      },
    },
  },
  ['not_found', 'failed', ...bodyErrors, ...writeErrors],
);

const jobIdInPath: OpenApiObject = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'ID of the deletion',
  schema: { type: 'string' },
};

const getJob = operation(
  'Ingest',
  'admin',
  'get-job',
  'Get a deletion',
  'A deletion since the server started. Deletions are already done when they are returned.',
  {
    parameters: [jobIdInPath],
    responses: { 200: { description: 'The deletion.', content: json(ref('schemas', 'Job')) } },
  },
  ['not_found'],
);

const selectResponses: OpenApiObject = {
  200: {
    description: 'The result, as JSON unless the select ends in another FORMAT.',
    content: {
      ...json(ref('schemas', 'Selected')),
      'application/x-ndjson': { schema: text('One JSON object per row and line (FORMAT JSONEachRow)') },
      'text/csv': { schema: text('One line per row (FORMAT CSV), after a header (FORMAT CSVWithNames)') },
      'application/vnd.apache.parquet': { schema: text('A Parquet file (FORMAT Parquet)', { format: 'binary' }) },
    },
  },
};
const query = text(
  'One select in DuckDB SQL. The table x_quarantine has the rejected rows of source x. A trailing FORMAT is accepted',
  { examples: ['select count(*) as n from charging_sessions FORMAT JSON'] },
);
const sqlDescription =
  'Runs one select. It can read the tables of the sources and call functions from an allow-list (docs/sql.md). It cannot change data or read files.';

/** Paths for ingest, data sources and SQL, compatible with the hosted service. */
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
      'Run a select',
      sqlDescription,
      { parameters: [inQuery('q', query, { required: true, example: 'select 1 as one' })], responses: selectResponses },
      ['failed', 'timeout'],
    ),
    post: operation(
      'SQL',
      'sql',
      'query-by-body',
      'Run a select in the body',
      `${sqlDescription} For selects that are too long for a URL.`,
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

/** Schemas of {@link ingestPaths}. */
export const ingestSchemas: OpenApiObject = {
  Imported: objectOf({ successful_rows: count('Imported rows'), quarantined_rows: count('Rejected rows') }),
  ImportedFile: objectOf({
    successful_rows: count('Imported rows'),
    quarantined_rows: count('Rejected rows'),
    import_id: text('ID of this import, also in the quarantine table'),
    datasource: objectOf({ name: text('Name of the source') }, ['name'], { description: 'The source' }),
    quarantine_rows: count('Quarantined rows with an invalid value'),
    invalid_lines: count('Quarantined lines that are not rows'),
    error: { description: 'false, or an error message', type: ['boolean', 'string'] },
  }),
  Datasource: objectOf({ name: text('Name of the source') }, ['name'], {
    description: 'A source with its columns and statistics',
  }),
  Deletion: {
    type: 'object',
    description: 'The finished deletion; with dry_run, the count of matching rows',
  },
  Job: {
    type: 'object',
    description: 'A deletion: its ID, status (always done), times, and number of deleted rows',
  },
  Selected: objectOf({
    meta: ref('schemas', 'Meta'),
    data: { type: 'array', items: { type: 'object', description: 'Values by column name' } },
    rows: count('Number of rows in data'),
    statistics: ref('schemas', 'Statistics'),
  }),
};
