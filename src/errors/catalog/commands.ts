import type { ErrorDefinition } from '../definition.ts';

/** Failures of single commands and their options. */
export const commandErrors = {
  unknown_command: { kind: 'usage', message: 'unknown command "{name}"', hint: '{+hint}' },
  options_conflict: {
    kind: 'usage',
    message: '--{+first} cannot be combined with --{+second}',
    hint: 'Omit one of them.',
  },
  option_requires_option: { kind: 'usage', message: '--{+option} requires {+required}' },
  format_needs_all_rows: {
    kind: 'usage',
    message: '--all cannot be combined with the {+format} format, which needs all rows at once',
    hint: 'Use --format json, ndjson or csv.',
  },
  report_without_chart: {
    kind: 'usage',
    message: '{+label}: {+report} has no chart',
    hint: 'Use --format json or csv, or a report whose help lists --chart.',
  },
  unknown_chart: { kind: 'usage', message: '{+label}: unknown chart "{name}"', hint: '{+suggestion}' },
  svg_without_chart: {
    kind: 'usage',
    message: '-o {path}: only charts of reports can be written as SVG',
    hint: 'Use another file extension.',
  },
  invalid_chart_size: {
    kind: 'usage',
    message: 'invalid value "{value}" for --size: expected width and height from {+min} to {+max} pixels',
    hint: 'For example: --size 1140x300.',
  },
  chart_needs_one_series: { kind: 'usage', message: '--chart draws one series, but several match', hint: '{+hint}' },
  chart_output_format: {
    kind: 'usage',
    message: '-o {path}: a chart cannot be written as {+format}',
    hint: 'Use a file name that ends in .svg or .txt, or omit --chart.',
  },
  chart_rows_not_unique: {
    kind: 'usage',
    message: 'the chart has several rows for {label}',
    hint: 'Select one with a parameter of the report, or use another chart.',
  },
  chart_too_many_marks: {
    kind: 'usage',
    message: 'the chart has {+marks} marks, the maximum is {+max}',
    hint: 'Choose a shorter period, a coarser granularity or fewer rows.',
  },
  chart_x_not_ordered: {
    kind: 'usage',
    message: 'the chart cannot draw a line over {column}: "{value}" is not a date',
    hint: 'Use another chart, or group the report by date.',
  },
  export_target_not_folder: {
    kind: 'usage',
    message: '{target}: expected a folder, or an .xlsx file',
    hint: 'Write a single report with `wattduck report NAME -o FILE`.',
  },
  export_format_not_xlsx: {
    kind: 'usage',
    message: '{target} cannot be written as {+format}',
    hint: 'Use a folder, or omit --format.',
  },
  export_needs_parameter: {
    kind: 'usage',
    message: 'report {+report} cannot be exported without {+parameter}',
    hint: 'Write it with `wattduck report {+report} {+parameter} … -o FILE`.',
  },
  export_page_needs_id: {
    kind: 'usage',
    message: 'page {+page} is about one ID',
    hint: 'Use --page {+page}/ID.',
  },
  export_page_without_id: {
    kind: 'usage',
    message: 'page {+page} is about the whole network',
    hint: 'Use --page {+page}.',
  },
  report_not_exported: { kind: 'failed', message: '{+report}: {reason}' },
  reports_not_exported: { kind: 'failed', message: '{+failed} of {+total} reports were not written' },
  statement_without_holder: {
    kind: 'usage',
    message: 'statement needs --user, --id-tag or --all',
    hint: 'List users with `wattduck report user-usage`.',
  },
  statement_target_not_html: {
    kind: 'usage',
    message: '-o {target}: statements are HTML',
    hint: 'Use a file name that ends in .html, or a folder.',
  },
  invalid_month: {
    kind: 'usage',
    message: 'invalid value "{value}" for --month: expected a month',
    hint: 'Use 2025-11, last-month or this-month.',
  },
  invalid_vat: {
    kind: 'usage',
    message: 'invalid value "{value}" for --vat: expected a percentage from 0 to 100',
    hint: 'For example: --vat 19.',
  },
  no_statement: { kind: 'not_found', message: 'no sessions{whose} in {month}', hint: '{+reason}' },
  unknown_prompt_command: { kind: 'usage', message: 'unknown command "{name}"', hint: 'Use .help for help.' },
  pivot_needs_values: {
    kind: 'usage',
    message: 'PIVOT needs the values that become columns',
    hint: "List them, as in ON status IN ('completed', 'failed'), or use --pivot status.",
  },
  pivot_without_value: {
    kind: 'usage',
    message: '--pivot {name}: the query has no other column to fill the new columns with',
    hint: 'Select a value last, such as count(*).',
  },
  pivot_too_wide: {
    kind: 'usage',
    message: '--pivot {name}: {+count} values, but at most {+max} columns are possible',
    hint: 'Filter or group the values in the query.',
  },
  pivot_name_taken: {
    kind: 'usage',
    message: '--pivot {name}: the value "{value}" is also the name of a column',
    hint: 'Rename the column in the query.',
  },
  pivot_not_unique: {
    kind: 'usage',
    message: '--pivot {name}: several rows have the value "{value}" and the same other columns',
    hint: 'Group by the other columns in the query.',
  },
  doctor_found_problem: { kind: 'failed', message: 'doctor found a problem' },
  files_not_imported: { kind: 'failed', message: '{+failed} of {+total} files were not imported' },
  file_failed_unexpectedly: {
    kind: 'failed',
    message: '{file}: unexpected: {reason}',
    hint: 'Use --debug for a stack trace.',
  },
  invalid_delimiter_option: {
    kind: 'usage',
    message: 'invalid value "{value}" for --delimiter: expected {+names} or one character',
    hint: 'Use a name such as semicolon, or quote the character.',
  },
  invalid_skip_lines: {
    kind: 'usage',
    message: 'invalid value "{value}" for --skip-lines: expected an integer from 0 to {+max}',
    hint: 'Use the number of lines above the header.',
  },
  columns_without_no_header: {
    kind: 'usage',
    message: '--columns names the fields of a file without a header',
    hint: 'Add --no-header, or leave out --columns.',
  },
  invalid_max_errors: {
    kind: 'usage',
    message: 'invalid value "{value}" for --max-errors: expected an integer of 0 or more',
    hint: 'Use a number such as 10.',
  },
  unknown_issues_command: { kind: 'usage', message: 'issues: unknown command "{name}"', hint: '{+suggestion}' },
  clear_needs_filter: {
    kind: 'usage',
    message: 'quarantine clear requires --source, --file or --all',
    hint: 'Choose which rejected rows to delete.',
  },
  host_needs_token: {
    kind: 'usage',
    message: '{+setting} {host} exposes the server without authentication',
    hint: 'Create a token first with `wattduck token create NAME`, or set WATTDUCK_TOKEN.',
  },
  weak_first_token: {
    kind: 'usage',
    message: '{+variable} must be a random token of {+min} to {+max} characters without spaces',
    hint: 'Generate one with `openssl rand -hex 32`.',
  },
  port_in_use: {
    kind: 'database_locked',
    message: 'port {port} on {host} is already in use',
    hint: 'Choose another with --port, or use --port 0 for any free port.',
  },
  port_forbidden: {
    kind: 'forbidden',
    message: 'port {port}: permission denied',
    hint: 'Choose a port above 1023.',
  },
  host_not_local: {
    kind: 'usage',
    message: 'invalid value "{host}" for --host: not an address of this machine',
  },
  unknown_scope: {
    kind: 'usage',
    message: 'invalid value "{scope}" for --scope: unknown scope',
    hint: '{+suggestion}',
  },
  token_name_too_long: {
    kind: 'usage',
    message: 'invalid token name: {+length} characters, the maximum is {+max}',
    hint: 'Choose a shorter name.',
  },
  token_name_invisible_characters: {
    kind: 'usage',
    message: 'invalid token name {name}: contains invisible characters',
    hint: 'Use letters, digits and spaces.',
  },
  token_name_blank: {
    kind: 'usage',
    message: 'invalid token name "{name}": empty, or begins or ends with a space',
    hint: 'Use a name such as dashboard.',
  },
  token_name_reserved: {
    kind: 'usage',
    message: 'invalid token name "*": reserved for all tokens',
    hint: 'Use a name such as dashboard.',
  },
  token_exists: {
    kind: 'conflict',
    message: 'token "{name}" already exists',
    hint: 'Names cannot be reused, not even those of revoked tokens. Choose another name.',
  },
  token_not_found: { kind: 'not_found', message: 'token "{name}" not found', hint: '{+suggestion}' },
  token_already_revoked: { kind: 'conflict', message: 'token "{name}" was already revoked on {date} UTC' },
  page_needs_file: {
    kind: 'usage',
    message: 'a page is written to a file',
    hint: 'Add -o {+name}.html. To browse pages, run wattduck serve.',
  },
  page_extension: { kind: 'usage', message: '{path}: a page is an HTML file', hint: 'Use a name that ends in .html.' },
  page_option: {
    kind: 'usage',
    message: '--{+option} does not apply to a page',
    hint: 'Use it with wattduck report.',
  },
  prune_without_retention: {
    kind: 'usage',
    message: 'nothing says how long events are kept',
    hint: 'Add --keep meter=90d, or set retention in wattduck.config.json.',
  },
  prune_not_confirmed: {
    kind: 'usage',
    message: 'prune asks before it deletes, and the input is not a terminal',
    hint: 'Add --yes, or --dry-run to see what would be deleted.',
  },
  repeated_event_type: {
    kind: 'usage',
    message: '{parameter} has the event type "{type}" twice',
    hint: 'Omit one of them.',
  },
  unknown_event_type: { kind: 'usage', message: 'event type "{type}" not found', hint: '{+suggestion}' },
} as const satisfies Record<string, ErrorDefinition>;
