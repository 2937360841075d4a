import type { ErrorDefinition } from '../definition.ts';

/** Failures of HTTP requests, and of the server that answers them. */
export const httpErrors = {
  // The request itself.
  malformed_request: { kind: 'usage', message: 'malformed HTTP request', hint: 'Encode spaces in the URL as %20.' },
  malformed_url: {
    kind: 'usage',
    message: 'malformed percent-encoding in the URL',
    hint: 'Encode % itself as %25.',
  },
  headers_too_large: {
    kind: 'usage',
    message: 'request headers are too large',
    hint: 'Send long parameters in the body of a POST.',
  },
  request_timeout: { kind: 'timeout', message: 'request timed out', hint: 'Send the whole request at once.' },
  path_segment_too_long: {
    kind: 'usage',
    message: 'a segment of the path is too long',
    hint: 'The maximum is 1000 characters.',
  },
  content_length_mismatch: {
    kind: 'usage',
    message: 'request body is shorter or longer than its Content-Length',
    hint: 'Send the whole body.',
  },
  body_too_large: {
    kind: 'payload_too_large',
    message: 'request body is too large',
    hint: 'Send it in parts, or run wattduck ingest on the machine of the database.',
  },
  unsupported_content_type: {
    kind: 'unsupported_media_type',
    message: 'unsupported content type',
    hint: 'See /docs for the accepted types.',
  },
  invalid_json: {
    kind: 'usage',
    message: 'request body is not valid JSON',
    hint: 'Check it with a JSON validator.',
  },
  empty_json_body: {
    kind: 'usage',
    message: 'request body is empty, expected JSON',
    hint: 'Send an empty JSON object, or no Content-Type.',
  },
  invalid_request: { kind: 'usage', message: '{+reason}' },
  request_too_large: { kind: 'payload_too_large', message: '{+reason}' },
  route_not_found: { kind: 'not_found', message: 'route {path} not found', hint: '{+suggestion}' },
  method_not_supported: {
    kind: 'method_not_allowed',
    message: '{method} is not supported',
    hint: 'Supported: {+methods}.',
  },
  method_not_allowed: {
    kind: 'method_not_allowed',
    message: '{method} is not allowed on {+route}',
    hint: 'Allowed: {+methods}.',
  },
  query_failed: { kind: 'failed', message: 'query failed: {+reason}' },
  query_timeout: {
    kind: 'timeout',
    message: 'query took longer than {+limit}',
    hint: 'Choose a shorter period, or start the server with a longer --timeout.',
  },
  internal_error: { kind: 'failed', message: 'internal error', hint: 'See the server log.' },
  page_not_found: { kind: 'not_found', message: 'page "{name}" not found', hint: '{+suggestion}' },
  tile_not_found: {
    kind: 'not_found',
    message: 'page "{page}" has no tile {index}',
    hint: 'Its tiles are numbered from 0; it has {+count}.',
  },
  page_script_not_built: {
    kind: 'not_found',
    message: 'the script of the pages is not built',
    hint: 'Run npm run build in the source folder.',
  },
  docs_not_built: {
    kind: 'not_found',
    message: 'the documentation page is not built',
    hint: 'Run npm run build in the source folder; /openapi.json works without it.',
  },

  // Access.
  token_required: {
    kind: 'unauthorized',
    message: 'a token is required',
    hint: 'Send it as Authorization: Bearer TOKEN.',
  },
  invalid_token: {
    kind: 'unauthorized',
    message: 'unknown or revoked token',
    hint: 'Create one with wattduck token create.',
  },
  session_needs_own_page: {
    kind: 'forbidden',
    message: 'a session is valid only for requests from a page of this server',
    hint: 'Send a token as Authorization: Bearer TOKEN.',
  },
  login_needs_scope: {
    kind: 'forbidden',
    message: 'this token cannot see pages: it lacks the scope read',
    hint: 'Create one with wattduck token create NAME.',
  },
  login_limit_reached: {
    kind: 'too_many_requests',
    message: 'too many failed logins',
    hint: 'Retry in {+wait}.',
  },
  conflicting_tokens: {
    kind: 'usage',
    message: 'the request has two different tokens',
    hint: 'Send one, as Authorization: Bearer TOKEN.',
  },
  scope_required: {
    kind: 'forbidden',
    message: 'token "{token}" lacks the scope {+scope}',
    hint: 'Use a token with that scope: wattduck token create NAME --scope {+scope}.',
  },
  other_token_forbidden: {
    kind: 'forbidden',
    message: 'token "{token}" can query its own usage only, not that of "{other}"',
    hint: 'Use a token with the scope admin.',
  },
  cross_site_request: {
    kind: 'forbidden',
    message: 'the request comes from another site ({+header}: {value})',
    hint: 'To allow a site, start the server with --cors ORIGIN.',
  },
  wrong_host: {
    kind: 'forbidden',
    message: 'the request is for host {host}, not for this machine',
    hint: 'Use 127.0.0.1 or localhost.',
  },
  missing_host_header: { kind: 'usage', message: 'the request has no Host header' },
  repeated_host_header: { kind: 'usage', message: 'the request has more than one Host header' },
  invalid_host_port: {
    kind: 'usage',
    message: 'invalid port "{port}" in the Host header',
    hint: 'Expected a number from 1 to 65535.',
  },
  cors_requires_token: {
    kind: 'usage',
    message: '--cors "*" lets any web page use this server without a token',
    hint: 'List the origins, or create a token first: wattduck token create NAME.',
  },
  rate_limit_exceeded: {
    kind: 'too_many_requests',
    message: 'daily limit of {+limit} reached',
    hint: 'Resets in {+reset} (midnight UTC).',
  },

  // Parameters and bodies.
  unknown_query_parameter: { kind: 'usage', message: 'unknown parameter {name}', hint: '{+suggestion}' },
  repeated_query_parameter: {
    kind: 'usage',
    message: 'parameter {name} is repeated',
    hint: 'Pass it once.',
  },
  invalid_query_value: { kind: 'usage', message: 'invalid value "{value}" for {+name}', hint: '{+suggestion}' },
  parameter_not_scalar: { kind: 'usage', message: '{name} must be a string or a number' },
  body_not_form: {
    kind: 'usage',
    message: 'request body has no parameters',
    hint: 'Send them as a form: name=value&name=value.',
  },
  unknown_form_field: { kind: 'usage', message: 'unknown field {name}', hint: 'Known: {+known}.' },
  note_content_type: {
    kind: 'unsupported_media_type',
    message: 'unsupported content type text/plain',
    hint: 'Send a JSON object with the key note as application/json, or no body.',
  },
  note_body_not_object: {
    kind: 'usage',
    message: 'request body is not a JSON object',
    hint: 'Send a JSON object with the key note, or no body.',
  },
  unknown_body_field: {
    kind: 'usage',
    message: 'unknown field "{name}" in the request body',
    hint: 'Send a JSON object with the key note, or no body.',
  },
  note_not_string: {
    kind: 'usage',
    message: 'note must be a string, not {value}',
    hint: 'Send a JSON object with the key note, or no body.',
  },

  // Pages.
  report_page_not_found: { kind: 'not_found', message: 'report {name} not found', hint: '{+suggestion}' },

  // Pipes.
  pipe_not_found: { kind: 'not_found', message: "The pipe '{name}' does not exist", hint: '{+suggestion}' },
  pipe_format_not_found: {
    kind: 'not_found',
    message: `The pipe '{name}' has no format "{format}"`,
    hint: 'Available: {+formats}.',
  },
  pipe_without_chart: { kind: 'not_found', message: `The pipe '{name}' has no chart`, hint: '{+hint}' },
  too_many_metrics: {
    kind: 'usage',
    message: 'the result has more than {+max} rows, too many for Prometheus',
    hint: 'Set limit, add filters, or choose another format.',
  },

  // Data sources.
  datasource_required: { kind: 'usage', message: 'name is required', hint: 'Known: {+known}.' },
  datasource_not_found: {
    kind: 'not_found',
    message: 'Data Source "{name}" does not exist',
    hint: '{+suggestion}',
  },
  job_not_found: {
    kind: 'not_found',
    message: 'job {id} not found',
    hint: 'Jobs are forgotten when the server stops.',
  },
  delete_condition_not_string: {
    kind: 'usage',
    message: 'delete_condition must be a single string',
    hint: 'Pass one condition.',
  },
  invalid_delete_condition: {
    kind: 'usage',
    message: 'invalid delete_condition: {+reason}',
    hint: "Pass the text after where, for example: status = 'invalid'.",
  },

  // Rows.
  unsupported_encoding: {
    kind: 'unsupported_media_type',
    message: 'unsupported content encoding {encoding}',
    hint: 'Supported: {+known}.',
  },
  corrupt_body: {
    kind: 'usage',
    message: 'failed to decompress the request body ({+encoding}): {reason}',
    hint: 'Compress it again, or send it uncompressed.',
  },
  decompressed_body_too_large: {
    kind: 'payload_too_large',
    message: 'decompressed request body is larger than {+max} MB',
    hint: 'Send it in parts, or as a file to /v0/datasources.',
  },
  body_not_utf8: { kind: 'usage', message: 'request body is not UTF-8', hint: 'Send it in UTF-8.' },
  empty_body: { kind: 'usage', message: 'request body is empty', hint: 'Send one JSON object per line.' },
  no_json_object: {
    kind: 'usage',
    message: 'request body has no JSON object{reason}',
    hint: 'Send one JSON object per line, or an array of objects.',
  },
  row_too_long: {
    kind: 'payload_too_large',
    message: 'a row is longer than 16 MB: {row}…',
    hint: 'Send smaller rows.',
  },
  write_queue_full: { kind: 'too_many_requests', message: 'write queue is full', hint: 'Retry in 1 second.' },

  // Files.
  invalid_delimiter: {
    kind: 'usage',
    message: 'invalid dialect_delimiter "{value}"',
    hint: 'Expected one character, such as a comma, a semicolon, a bar or \\t.',
  },
  invalid_escape: {
    kind: 'usage',
    message: 'invalid dialect_escapechar "{value}"',
    hint: 'Expected a double quote or a backslash.',
  },
  escape_requires_csv: {
    kind: 'usage',
    message: 'dialect_escapechar applies to CSV only',
    hint: 'Remove it, or upload a CSV file.',
  },
  escape_with_zstd: {
    kind: 'usage',
    message: 'dialect_escapechar is not supported for zstd files',
    hint: 'Send the file uncompressed or gzipped.',
  },
  create_not_supported: {
    kind: 'usage',
    message: 'mode=create is not supported',
    hint: 'Define a source in an SQL file under sources/, or append to an existing one.',
  },
  remote_url_not_supported: {
    kind: 'usage',
    message: 'url is not supported: remote files are not fetched',
    hint: 'Send the file itself, as the body or in a form.',
  },
  unsupported_file_encoding: {
    kind: 'unsupported_media_type',
    message: 'unsupported content encoding {encoding}',
    hint: 'Send the file uncompressed, or as a gzip file.',
  },
  form_field_not_file: {
    kind: 'usage',
    message: 'form field {name} is not a file',
    hint: 'Send one file, and parameters in the URL.',
  },
  repeated_file: { kind: 'usage', message: 'the form has more than one file', hint: 'Send one file per request.' },
  missing_file: { kind: 'usage', message: 'the form has no file', hint: 'Send it like curl -F csv=@FILE.' },
  empty_upload: { kind: 'usage', message: 'the file is empty', hint: 'Check the export.' },
  upload_too_large: {
    kind: 'payload_too_large',
    message: 'the file is larger than 2 GB',
    hint: 'Send it in parts, or run wattduck ingest on the machine of the database.',
  },
  upload_failed: {
    kind: 'usage',
    message: 'upload failed: {reason}',
    hint: 'Send the file again; no rows were imported.',
  },

  // SQL.
  statement_required: {
    kind: 'usage',
    message: 'no SQL statement',
    hint: 'Pass it as q, or as the body of a POST.',
  },
  repeated_statement: {
    kind: 'usage',
    message: 'more than one SQL statement',
    hint: 'Pass it as q, or as the body of a POST.',
  },
  statement_not_json: {
    kind: 'usage',
    message: 'request body is not valid JSON',
    hint: 'Send an object with the key q, or the statement as text/plain.',
  },
  statement_not_string: { kind: 'usage', message: 'q must be a single string', hint: 'Pass one select.' },

  // The database that is served.
  already_served: {
    kind: 'database_locked',
    message: '{path} is already served at {url} (process {pid})',
    hint: 'Use that server, or stop it first.',
  },
  database_file_lost: {
    kind: 'failed',
    message: '{path} {+damage} while the server had it open',
    hint: 'Restore it from a backup.',
  },
  database_file_saved: {
    kind: 'failed',
    message: '{path} {+damage} while the server had it open',
    hint: 'Its rows are saved in {+saved}.',
  },
} as const satisfies Record<string, ErrorDefinition>;
