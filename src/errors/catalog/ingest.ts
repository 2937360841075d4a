import type { ErrorDefinition } from '../definition.ts';

/** Failures of opening, reading and importing files. */
export const ingestErrors = {
  folder_without_tables: {
    kind: 'not_found',
    message: '{folder}: no CSV, NDJSON, JSON or Parquet files found',
    hint: 'Name the files themselves if they have other extensions, or accept an empty folder with --allow-empty.',
  },
  no_matching_files: {
    kind: 'not_found',
    message: 'no files match "{pattern}"',
    hint: 'Check the pattern.',
  },
  file_name_not_utf8: {
    kind: 'not_found',
    message: '{file}: not found, or its name is not valid UTF-8',
    hint: 'Rename it, or pipe it in: `wattduck ingest - < FILE`.',
  },
  not_a_regular_file: {
    kind: 'usage',
    message: '{file}: is a device or a socket, expected a file',
    hint: 'Pipe its content to `wattduck ingest -`.',
  },
  file_changed: {
    kind: 'conflict',
    message: '{file}: changed while it was being read; nothing was imported',
    hint: 'Import it again once it is complete.',
  },
  empty_file: {
    kind: 'failed',
    message: '{file}: empty file, expected at least a header',
    hint: 'Check the export.',
  },
  blank_file: { kind: 'failed', message: '{file}: only blank lines', hint: 'Check the export.' },
  binary_file: {
    kind: 'failed',
    message: '{file}: binary file',
    hint: 'Expected CSV, NDJSON or JSON (plain, gzip or zstd), or Parquet.',
  },
  file_is_database: {
    kind: 'failed',
    message: '{file}: is a DuckDB database',
    hint: 'Use --db to run reports on it.',
  },
  file_is_archive: {
    kind: 'failed',
    message: '{file}: is a zip archive or a spreadsheet',
    hint: 'Save the sheet as CSV, or extract the archive.',
  },
  broken_gzip: {
    kind: 'failed',
    message: '{file}: broken gzip file: {reason}',
    hint: 'Download or export it again; nothing was imported.',
  },
  broken_parquet: {
    kind: 'failed',
    message: '{file}: broken Parquet file: {reason}',
    hint: 'Export it again; nothing was imported.',
  },
  broken_json: {
    kind: 'failed',
    message: '{file}: broken JSON: {reason}',
    hint: 'Export it again, or write one object per line.',
  },
  json_document_too_large: {
    kind: 'failed',
    message: '{file}: the JSON document does not fit in memory, the only limit of its size',
    hint: 'Raise --memory-limit, or write one object per line.',
  },
  unknown_encoding: {
    kind: 'usage',
    message: 'invalid value "{encoding}" for --encoding: unknown encoding',
    hint: 'Use latin-1, windows-1252, utf-16le or another name from the WHATWG encoding standard.',
  },
  header_not_utf8: {
    kind: 'failed',
    message: '{file}: the first line is not UTF-8',
    hint: 'Name its encoding, such as --encoding windows-1252 (which includes latin-1).',
  },
  no_text_lines: {
    kind: 'failed',
    message: '{file}: no line of UTF-8 text up to 16 MB found',
    hint: 'Check the line ends, or name its encoding, such as --encoding utf-16le.',
  },
  line_too_long: {
    kind: 'failed',
    message: '{file}: a line is longer than {+max} MB; nothing was imported',
    hint: 'Check the line ends and the quotes.',
  },
  header_missing: {
    kind: 'failed',
    message: '{file}: the first row is not a header: {row}',
    hint: 'Name its {+fields}: `wattduck ingest FILE --no-header --columns session_id,station_id,…`, or use --skip-lines N if the header is below.',
  },
  columns_do_not_fit_row: {
    kind: 'usage',
    message: '{file}: --columns names {+columns}, but the first row has {+fields}: {row}',
    hint: 'Name each field once, in the order of the row; any name that is not a column is ignored.',
  },
  nothing_below_skipped_lines: {
    kind: 'usage',
    message: '{file}: no text below the first {+lines} lines',
    hint: 'Use a smaller --skip-lines.',
  },
  unreadable_header: { kind: 'failed', message: '{file}: invalid header: {reason}', hint: 'Check its quotes.' },
  too_many_columns: {
    kind: 'failed',
    message: '{file}: {+columns} columns, the maximum is {+max}',
    hint: 'Export only the columns you need.',
  },
  rows_do_not_fit_header: {
    kind: 'failed',
    message: '{file}: none of the first {+lines} lines has the {+columns} columns of the header',
    hint: 'Check the delimiter and the quotes.',
  },
  unbalanced_quotes: {
    kind: 'failed',
    message: '{file}: unbalanced quotes',
    hint: 'Double every quote inside a quoted value.',
  },
  unexpected_format: {
    kind: 'usage',
    message: '{file}: is {+actual}, expected {+expected}',
    hint: 'Correct the format, or omit it to detect it.',
  },
  unknown_source: { kind: 'usage', message: 'source "{source}" not found', hint: '{+suggestion}' },
  map_standard_input: {
    kind: 'usage',
    message: 'cannot map standard input, which can be read only once',
    hint: 'Save it to a file first.',
  },
  map_no_rows: { kind: 'failed', message: '{file}: no rows below the header', hint: 'Check the export.' },
  map_open_questions: {
    kind: 'usage',
    message: '{file}: {questions} open; no mapping was written',
    hint: 'Answer with {+options}.',
  },
  map_not_confirmed: {
    kind: 'usage',
    message: '{file}: no mapping was written',
    hint: 'Check the proposal above, then run again with --yes to write {+path}.',
  },
  map_target_exists: {
    kind: 'conflict',
    message: '{path}: already exists',
    hint: 'Choose another name with -o, or replace it with --force.',
  },
  map_field_format: {
    kind: 'usage',
    message: 'invalid {+option} "{value}": expected COLUMN=TEXT',
    hint: 'For example {+example}.',
  },
  map_unknown_target: {
    kind: 'usage',
    message: 'invalid {+option} "{value}": {source} has no column {column}',
    hint: '{+suggestion}',
  },
  map_unknown_field: {
    kind: 'usage',
    message: 'invalid --field "{value}": {file} has no column "{column}"',
    hint: '{+suggestion}',
  },
  map_unsupported_source: {
    kind: 'usage',
    message: 'cannot propose a mapping to {source}',
    hint: 'Start one with `wattduck sources describe {+source} --template > map.sql`.',
  },
  unrecognized_format: {
    kind: 'failed',
    message: '{file}: layout not recognized. {+label}: {names}',
    hint: 'Run `wattduck map {+file_argument}` to propose a mapping.',
  },
  ambiguous_format: {
    kind: 'failed',
    message: '{file}: matches more than one format: {formats}',
    hint: 'Choose one with --{+option}.',
  },
  ambiguous_columns: {
    kind: 'failed',
    message: '{file}: layout not recognized because of the columns {columns}',
    hint: 'Run `wattduck map {+file_argument}` to propose a mapping, or use --source {+source} to import by column names.',
  },
  missing_source_columns: {
    kind: 'failed',
    message: '{file}: does not fit source {source}: missing {missing}. {+label}: {names}',
    hint: 'Rename its columns (`wattduck sources describe {+source}` lists the accepted names), or run `wattduck map {+file_argument} --source {+source}` to propose a mapping.',
  },
  missing_mapping_fields: {
    kind: 'failed',
    message: '{file}: does not fit mapping {mapping}: {problems}. {+label}: {names}',
    hint: 'Run `wattduck sources mappings` to see the known formats, or start a mapping with `wattduck sources describe {+source} --template > map.sql` and import with --mapping map.sql.',
  },
  mapping_failed: {
    kind: 'failed',
    message: '{file}: mapping {mapping} failed: {+reason}; nothing was imported',
    hint: 'Use try_cast() or try_strptime() in its select for values that may not convert.',
  },
  ambiguous_date: {
    kind: 'failed',
    message: '{file}: ambiguous date "{date}": day first or month first',
    hint: 'Use --date-order dmy or --date-order mdy; dates that do not fit are rejected.',
  },
  mixed_date_orders: {
    kind: 'failed',
    message: '{file}: some dates are day first ("{dayFirst}"), others month first ("{monthFirst}")',
    hint: 'Use --date-order dmy or --date-order mdy; dates that do not fit are rejected.',
  },
  two_digit_year_first: {
    kind: 'failed',
    message: '{file}: ambiguous date "{date}": begins with a year or a day',
    hint: 'Export dates with a four-digit year, or use --date-order dmy if they begin with the day.',
  },
  ambiguous_number: {
    kind: 'failed',
    message: '{file}: ambiguous number "{number}": a comma for decimals or for thousands',
    hint: 'Use --decimal-mark , or --decimal-mark .; numbers that do not fit are rejected.',
  },
  mixed_decimal_marks: {
    kind: 'failed',
    message: '{file}: some numbers have a decimal comma ("{comma}"), others a point ("{point}")',
    hint: 'Use --decimal-mark , or --decimal-mark .; numbers that do not fit are rejected.',
  },
  retry_with_other_mark: {
    kind: 'failed',
    message: '{file}: other rows of the file were imported with {+used}, these would be read with {+new}',
    hint: 'Import the whole file again with --force and the same option, or correct the rows: `wattduck quarantine export`.',
  },
  too_many_rejected_rows: {
    kind: 'rejected',
    message: '{file}: {+rejected}, {+max} allowed; first on line {line}: {issue}; nothing was imported',
    hint: 'Fix the rejected rows, or import only the valid ones without --strict and --max-errors.',
  },
  no_rejected_rows_match: {
    kind: 'not_found',
    message: 'no rejected rows match',
    hint: 'Run `wattduck quarantine list` to see the rejected rows.',
  },
  not_a_quarantine_export: {
    kind: 'usage',
    message: '{file}: not a quarantine export, expected the columns quarantine_id and raw',
    hint: 'Create one with `wattduck quarantine export -o rows.csv`.',
  },
  ingest_too_old_to_retry: {
    kind: 'failed',
    message: '{file}: imported by an older wattduck, which did not store how it was read',
    hint: 'Import it again with `wattduck ingest --force {file}`.',
  },
} as const satisfies Record<string, ErrorDefinition>;
