import type { ErrorDefinition } from '../definition.ts';

/** Invalid settings, options and report parameters. `{parameter}` is the name as the user writes it. */
export const parameterErrors = {
  unknown_parameter: { kind: 'usage', message: 'unknown parameter {parameter}', hint: '{+suggestion}' },
  missing_parameter: { kind: 'usage', message: '{parameter} is required', hint: '{+hint}' },
  missing_parameters: { kind: 'usage', message: '{+parameters} are required', hint: '{+hint}' },
  missing_bound: {
    kind: 'usage',
    message: '{parameter} is required',
    hint: 'Set both {start} and {end}, or {period}.',
  },
  invalid_choice: { kind: 'usage', message: 'invalid value "{value}" for {parameter}', hint: '{+suggestion}' },
  invalid_integer: {
    kind: 'usage',
    message: 'invalid value "{value}" for {parameter}: expected an integer',
    hint: 'For example: {parameter} {+example}.',
  },
  invalid_number: {
    kind: 'usage',
    message: 'invalid value "{value}" for {parameter}: expected a number',
    hint: 'Use a decimal point and no thousands separators.',
  },
  number_too_large: { kind: 'usage', message: 'invalid value "{value}" for {parameter}: too large' },
  value_out_of_range: { kind: 'usage', message: 'invalid value "{value}" for {parameter}: must be {+range}' },
  value_too_long: {
    kind: 'usage',
    message: '{parameter} has {length} characters, the maximum is {max}',
  },
  invalid_boolean: { kind: 'usage', message: 'invalid value "{value}" for {parameter}: expected true or false' },
  invalid_date: {
    kind: 'usage',
    message: 'invalid value "{value}" for {parameter}: expected a date',
    hint: 'For example: 2024-01-31.',
  },
  invalid_timestamp: {
    kind: 'usage',
    message: 'invalid value "{value}" for {parameter}: expected a date or time',
    hint: 'Use 2024-01-31, "2024-01-31 23:59:59" or ISO 8601 with an offset.',
  },
  invalid_time_zone: {
    kind: 'usage',
    message: 'invalid value "{value}" for {parameter}: expected an IANA time zone',
    hint: '{+suggestion}',
  },
  invalid_currency: {
    kind: 'usage',
    message: 'invalid value "{value}" for {parameter}: expected an ISO 4217 currency code',
    hint: 'For example: EUR.',
  },
  conflicting_parameter_names: {
    kind: 'usage',
    message: '{first} {first_value} and {second} {second_value} are the same bound with two values',
    hint: 'Use one of them.',
  },
  invalid_period: {
    kind: 'usage',
    message: 'invalid value "{value}" for {parameter}: expected a period',
    hint: '{+suggestion}',
  },
  compare_without_period: {
    kind: 'usage',
    message: '{parameter} needs a period to compare',
    hint: 'Add {period} or {start}.',
  },
  compare_future_period: {
    kind: 'usage',
    message: '{parameter} {start} is in the future, so the period has nothing to compare',
    hint: 'Choose a period that has begun.',
  },
  total_with_format: {
    kind: 'usage',
    message: '{parameter} cannot be combined with the format {format}, which has rows alone',
    hint: 'Use json, csv or a table.',
  },
  period_with_bounds: {
    kind: 'usage',
    message: '{parameter} cannot be combined with {bound}',
    hint: 'Use {parameter}, or a start and an end.',
  },
  exclusive_parameters: {
    kind: 'usage',
    message: '{parameter} cannot be combined with {other}',
    hint: 'Use one of them.',
  },
  reversed_period: {
    kind: 'usage',
    message: '{start_parameter} {start} is after {end_parameter} {end}',
    hint: 'Swap them.',
  },
  invalid_seconds: {
    kind: 'usage',
    message: 'invalid value "{value}" for {parameter}: expected a number of seconds',
    hint: 'For example: 60.',
  },
  timeout_too_short: {
    kind: 'usage',
    message: 'invalid value "0" for {parameter}: must be more than 0 seconds',
    hint: 'For example: 30.',
  },
  invalid_retention: {
    kind: 'usage',
    message: 'invalid value "{value}" for {parameter}: expected an event type and its age, in days or weeks',
    hint: 'For example: meter=90d or heartbeat=52w; the maximum is {+max}d.',
  },
  as_of_in_future: { kind: 'usage', message: '--as-of {value} is in the future', hint: 'Use a time up to now.' },
  invalid_port: {
    kind: 'usage',
    message: 'invalid value "{value}" for {parameter}: expected a port number',
    hint: 'Use a number from 0 to 65535; 0 picks a free port.',
  },
  invalid_origin: {
    kind: 'usage',
    message: 'invalid value "{value}" for {parameter}: expected an origin',
    hint: 'Use scheme, host and port without a path: https://example.com or http://localhost:3000.',
  },
  invalid_log_format: {
    kind: 'usage',
    message: 'invalid value "{value}" for {parameter}: unknown log format',
    hint: 'Expected one of: {+formats}.',
  },
  invalid_config_json: { kind: 'usage', message: '{path}: invalid JSON: {reason}' },
  config_not_object: {
    kind: 'usage',
    message: '{path}: expected a JSON object of settings',
    hint: 'For example: {+example}.',
  },
  unknown_setting: { kind: 'usage', message: '{path}: unknown setting "{name}"', hint: '{+suggestion}' },
  invalid_setting: { kind: 'usage', message: '{path}: "{name}" must be {+expected}, not {value}' },
  paging_with_all_rows: { kind: 'usage', message: '{parameter} cannot be combined with --all' },
  unknown_extension: {
    kind: 'usage',
    message: '{path}: unknown extension {extension}',
    hint: 'Known: {+known}. To write another one, add --format.',
  },
  columns_with_json: {
    kind: 'usage',
    message: '--columns cannot be combined with JSON output',
    hint: 'Use --format ndjson or csv.',
  },
  csv_safe_without_csv: {
    kind: 'usage',
    message: '--csv-safe cannot be combined with {+format} output',
    hint: 'Add --format csv.',
  },
  format_needs_file: {
    kind: 'usage',
    message: '--format {+format} needs a file',
    hint: 'Add -o FILE.{+format}.',
  },
  parquet_without_query: {
    kind: 'usage',
    message: 'only reports and queries can be written as Parquet',
    hint: 'Use --format csv.',
  },
  xlsx_too_large: {
    kind: 'usage',
    message:
      '{+rows} in {+columns} do not fit into an Excel sheet, which has {+maxRows} rows and {+maxColumns} columns',
    hint: 'Use --format csv or parquet, or a shorter period.',
  },
  csv_dialect_without_csv: {
    kind: 'usage',
    message: '--csv-dialect cannot be combined with {+format} output',
    hint: 'Add --format csv.',
  },
  unknown_column: { kind: 'usage', message: '--columns: column "{name}" not found', hint: '{+suggestion}' },
} as const satisfies Record<string, ErrorDefinition>;
