import type { ErrorDefinition } from '../definition.ts';

/** Problems of a SQL file, each with its file and line. `{key}` is the path of a front matter key: `params.least.min`. */
export const sqlFileErrors = {
  sql_file_invalid_statement: { kind: 'failed', message: '{path}:{line}: {+reason}' },
  sql_file_duplicate_name: {
    kind: 'failed',
    message: '{path}:{line}: name "{name}" is already used by {other}',
    hint: 'Rename the file.',
  },

  // Front matter
  sql_file_missing_front_matter: {
    kind: 'failed',
    message: '{path}:{line}: no front matter',
    hint: 'Begin the file with /*---, then YAML, then ---*/.',
  },
  sql_file_unclosed_front_matter: {
    kind: 'failed',
    message: '{path}:{line}: the front matter is not closed',
    hint: 'End it with ---*/.',
  },
  sql_file_invalid_yaml: { kind: 'failed', message: '{path}:{line}: invalid YAML: {+reason}' },
  sql_file_front_matter_not_map: {
    kind: 'failed',
    message: '{path}:{line}: the front matter must be key: value pairs',
  },
  sql_file_unknown_key: {
    kind: 'failed',
    message: '{path}:{line}: unknown key "{key}"',
    hint: '{+suggestion}',
  },
  sql_file_renamed_key: {
    kind: 'failed',
    message: '{path}:{line}: key "{key}" was renamed',
    hint: 'Use {+new_name}.',
  },
  sql_file_missing_key: {
    kind: 'failed',
    message: '{path}:{line}: missing key "{key}"',
    hint: 'Add it to the front matter.',
  },
  sql_file_invalid_type: {
    kind: 'failed',
    message: '{path}:{line}: "{key}" must be {+expected}, not {value}',
  },
  sql_file_invalid_choice: {
    kind: 'failed',
    message: '{path}:{line}: invalid value "{value}" for "{key}"',
    hint: '{+suggestion}',
  },
  sql_file_renamed_choice: {
    kind: 'failed',
    message: '{path}:{line}: value "{value}" of "{key}" was renamed',
    hint: 'Use {+new_value}.',
  },

  // Pages
  page_file_not_map: {
    kind: 'failed',
    message: '{path}:{line}: the file of a page must be key: value pairs',
    hint: 'Begin it with title: and path:.',
  },
  page_without_tiles: {
    kind: 'failed',
    message: '{path}:{line}: the page has no tiles',
    hint: 'Add one, such as: - report: revenue_trends.',
  },
  page_invalid_address: {
    kind: 'failed',
    message: '{path}:{line}: "{address}" is not an address of a page',
    hint: 'Use lower-case words, such as /fleet, or end it with one of these in braces: {+roles}.',
  },
  page_reserved_address: {
    kind: 'failed',
    message: '{path}:{line}: address "{address}" is reserved',
    hint: 'Use another first word.',
  },
  page_unknown_subject: {
    kind: 'failed',
    message: '{path}:{line}: a page cannot be about one "{role}"',
    hint: '{+suggestion}',
  },
  page_order_with_subject: {
    kind: 'failed',
    message: '{path}:{line}: a page with the address {address} cannot be in the navigation',
    hint: 'Remove order.',
  },
  page_unknown_chart: {
    kind: 'failed',
    message: '{path}:{line}: chart "{chart}" not found in report {report}',
    hint: '{+suggestion}',
  },
  page_report_without_chart: {
    kind: 'failed',
    message: '{path}:{line}: report "{report}" has no chart',
    hint: 'Remove chart: true to show a table.',
  },
  page_report_without_subject: {
    kind: 'failed',
    message:
      '{path}:{line}: report "{report}" has no parameter with the role {+role}, which the address of the page sets',
    hint: 'Its numbers would include everything else. Use another report.',
  },
  page_missing_parameter: {
    kind: 'failed',
    message: '{path}:{line}: report "{report}" requires {parameter}, which the page does not set',
    hint: 'Add it under params.',
  },
  page_report_not_public: {
    kind: 'failed',
    message: '{path}:{line}: report "{report}" is about tokens, and cannot be on a page',
    hint: 'Use a report with the scope read and without a token.',
  },

  // References
  sql_file_total_not_number: {
    kind: 'failed',
    message: '{path}:{line}: column "{column}" has no total, because it is a key, an ID or not a number',
    hint: 'Remove it from total.',
  },
  sql_file_partition_not_time: {
    kind: 'failed',
    message: '{path}:{line}: partition_by column "{column}" is not a timestamp or date',
    hint: 'Choose a column with the time of the row, or omit partition_by.',
  },
  sql_file_unknown_column: {
    kind: 'failed',
    message: '{path}:{line}: column "{column}" not found in {object}',
    hint: '{+suggestion}',
  },
  sql_file_unknown_parameter: {
    kind: 'failed',
    message: '{path}:{line}: parameter "{parameter}" not found in this report',
    hint: '{+suggestion}',
  },
  sql_file_unknown_report: {
    kind: 'failed',
    message: '{path}:{line}: report "{report}" not found',
    hint: '{+suggestion}',
  },
  sql_file_unknown_view: { kind: 'failed', message: '{path}:{line}: view "{view}" not found', hint: '{+suggestion}' },
  sql_file_unknown_source: {
    kind: 'failed',
    message: '{path}:{line}: source "{source}" not found',
    hint: '{+suggestion}',
  },
  sql_file_circular_view: {
    kind: 'failed',
    message: '{path}:{line}: circular reference: {+cycle}',
    hint: 'A view cannot read from itself.',
  },

  // Columns
  sql_file_undescribed_column: {
    kind: 'failed',
    message: '{path}:{line}: column "{column}" is not described',
    hint: 'Add it under columns.',
  },
  sql_file_unselected_column: {
    kind: 'failed',
    message: '{path}:{line}: the SQL returns no column "{column}"',
    hint: '{+suggestion}',
  },

  // Parameters
  sql_file_undescribed_parameter: {
    kind: 'failed',
    message: '{path}:{line}: parameter {parameter} is not described',
    hint: 'Add it under params.',
  },
  sql_file_unused_parameter: {
    kind: 'failed',
    message: '{path}:{line}: parameter {parameter} is not used in the SQL',
    hint: 'Use {parameter}::type there, or remove it from params.',
  },
  sql_file_untyped_parameter: {
    kind: 'failed',
    message: '{path}:{line}: parameter {parameter} has no type',
    hint: 'Write {parameter}::varchar, or another type.',
  },
  sql_file_parameter_type_not_supported: {
    kind: 'failed',
    message: '{path}:{line}: type {type} of parameter {parameter} is not supported',
    hint: 'Use varchar, bigint, integer, double, boolean, date, timestamp or decimal(p, s).',
  },
  sql_file_parameter_type_conflict: {
    kind: 'failed',
    message: '{path}:{line}: parameter {parameter} is {type} here, but {other_type} in {view}',
    hint: 'Use one type in both.',
  },
  sql_file_reserved_parameter: {
    kind: 'failed',
    message: '{path}:{line}: parameter name "{name}" is reserved',
    hint: 'Choose another name.',
  },
  sql_file_parameter_needs_role: {
    kind: 'failed',
    message: '{path}:{line}: parameter name "{name}" is reserved for role {+role}',
    hint: 'Set role: {+role}, or choose another name.',
  },
  sql_file_forecast_role: {
    kind: 'failed',
    message: '{path}:{line}: role forecast is only for parameter {+parameter}',
    hint: 'Rename the parameter, or remove the role.',
  },
  sql_file_role_type: {
    kind: 'failed',
    message: '{path}:{line}: role {+role} needs type {+expected}, not {type}',
    hint: 'Change the cast in the SQL.',
  },
  sql_file_duplicate_short_name: {
    kind: 'failed',
    message: '{path}:{line}: short name "{name}" is already used by another parameter',
    hint: 'Choose another short name.',
  },
  sql_file_invalid_default: {
    kind: 'failed',
    message: '{path}:{line}: default {value} is not a valid value of the parameter',
    hint: 'Use a value that its type, choices, min and max allow.',
  },

  // Portability
  sql_file_not_a_select: { kind: 'failed', message: '{path}:{line}: {+reason}', hint: 'Write a single select.' },
  sql_file_multiple_statements: {
    kind: 'failed',
    message: '{path}:{line}: expected one statement, found {count}',
    hint: 'Write a single select.',
  },
  sql_file_not_portable: { kind: 'failed', message: '{path}:{line}: {problem}', hint: 'Use {+suggestion}.' },

  // Reports
  sql_file_invalid_report_name: {
    kind: 'failed',
    message: '{path}:{line}: invalid report name "{name}"',
    hint: 'Use only letters, digits, _ and - in the name of the file.',
  },
  sql_file_page_without_key: {
    kind: 'failed',
    message: '{path}:{line}: paging needs a key',
    hint: 'Name the columns that identify a row.',
  },
  sql_file_invalid_page_size: {
    kind: 'failed',
    message: '{path}:{line}: invalid page size {value}',
    hint: 'Use an integer from 1 to {+max}.',
  },
  sql_file_optional_list: {
    kind: 'failed',
    message: '{path}:{line}: all columns of the list are optional',
    hint: 'Add a column that every row has.',
  },

  // HTTP paths
  sql_file_invalid_path: {
    kind: 'failed',
    message: '{path}:{line}: invalid HTTP path "{http_path}"',
    hint: 'Write it like {+example}: letters, digits, _ - . ~ and parameters in braces.',
  },
  sql_file_reserved_path: {
    kind: 'failed',
    message: '{path}:{line}: HTTP path "{http_path}" is reserved for the server',
    hint: 'Choose another path. Every report is also available at {pipe}.',
  },
  sql_file_duplicate_path: {
    kind: 'failed',
    message: '{path}:{line}: HTTP path "{http_path}" is already used by {other}',
    hint: 'Choose another path.',
  },
  sql_file_repeated_path_parameter: {
    kind: 'failed',
    message: '{path}:{line}: HTTP path "{http_path}" has the same parameter twice',
    hint: 'Use each parameter once.',
  },

  // Forecasts
  sql_file_missing_forecast: {
    kind: 'failed',
    message: '{path}:{line}: the SQL reads a forecast, but none is defined',
    hint: 'Set forecast.series to the view of a daily series.',
  },
  sql_file_unused_forecast: {
    kind: 'failed',
    message: '{path}:{line}: the SQL does not read the forecast',
    hint: 'Select from forecast_totals, forecast_days or forecast_models.',
  },
  sql_file_series_without_column: {
    kind: 'failed',
    message: '{path}:{line}: view {view} has no column "{column}"',
    hint: 'A daily series returns {+expected}.',
  },
  sql_file_series_column_type: {
    kind: 'failed',
    message: '{path}:{line}: column "{column}" of view {view} is {type}',
    hint: 'A daily series returns {+expected}.',
  },
  sql_file_other_series: {
    kind: 'failed',
    message: '{path}:{line}: report "{report}" forecasts another series',
    hint: 'Set its forecast.series to {view}.',
  },
  sql_file_missing_fan_chart: {
    kind: 'failed',
    message: '{path}:{line}: report "{report}" has no fan chart',
    hint: 'Add a chart of kind fan with x, y, forecast, low and high.',
  },

  // Charts
  sql_file_chart_column_type: {
    kind: 'failed',
    message: '{path}:{line}: "{key}": column "{column}" is {type}, expected {+expected}',
    hint: 'Choose another column.',
  },
  sql_file_chart_not_unique: {
    kind: 'failed',
    message:
      '{path}:{line}: the chart has several rows per mark: its columns do not include {missing}, part of the key {key}',
    hint: 'Add it as x, series or id, or fix it with a parameter under with.',
  },
  sql_file_chart_stacks_shares: {
    kind: 'failed',
    message: '{path}:{line}: parts of a bar cannot be a {unit}: "{column}" does not add up',
    hint: 'Omit series, or use a column that adds up.',
  },
  sql_file_invalid_chart_name: {
    kind: 'failed',
    message: '{path}:{line}: chart name "{name}" is invalid',
    hint: 'Use lower-case letters, digits, _ and -.',
  },
  sql_file_duplicate_chart_name: {
    kind: 'failed',
    message: '{path}:{line}: chart name "{name}" is already used in this report',
    hint: 'Choose another name.',
  },

  sql_file_view_without_note: {
    kind: 'failed',
    message: '{path}:{line}: view {view} has no text column "{column}"',
    hint: 'A view under notes returns one text per note, in the column {column}.',
  },

  // Rules
  sql_file_invalid_rule_columns: {
    kind: 'failed',
    message: '{path}:{line}: invalid columns of a rule: {+actual}',
    hint: 'A rule returns {+expected}.',
  },

  // Sources
  sql_file_missing_table: {
    kind: 'failed',
    message: '{path}:{line}: the statement does not create table "{table}"',
    hint: 'File and table must have the same name.',
  },

  // Mappings
  sql_file_empty_detect_by: {
    kind: 'failed',
    message: '{path}:{line}: detect_by is empty',
    hint: 'Name the fields that identify the format.',
  },
  sql_file_repeated_column: {
    kind: 'failed',
    message: '{path}:{line}: column "{column}" is selected twice',
    hint: 'Select each column once.',
  },
  sql_file_missing_required_column: {
    kind: 'failed',
    message: '{path}:{line}: required column "{column}" of {table} is missing',
    hint: 'Add … as {column} to the select.',
  },
  sql_file_skip_when_type: {
    kind: 'failed',
    message: '{path}:{line}: skip_when must be a condition, not {type}',
    hint: 'Write a condition on fields of the file, such as "Site" = \'Total\'.',
  },
  sql_file_key_column_not_selected: {
    kind: 'failed',
    message: '{path}:{line}: column "{column}" of {key} is not selected',
    hint: '{+suggestion}',
  },
  sql_file_key_from_source: {
    kind: 'failed',
    message: '{path}:{line}: key_from and separate_by need a source with one key column, unlike {source}',
    hint: 'Select the key columns.',
  },
  sql_file_key_selected_twice: {
    kind: 'failed',
    message: '{path}:{line}: the select returns {column}, and key_from makes it too',
    hint: 'Remove {column} from the select, or add it to key_from.',
  },
  sql_file_invalid_mapping_select: {
    kind: 'failed',
    message: '{path}:{line}: invalid select: {+reason}',
    hint: 'Write one select from input.',
  },
  sql_file_mapping_not_plain_select: {
    kind: 'failed',
    message: '{path}:{line}: a mapping must be one plain select',
    hint: 'Write one select from input.',
  },
  sql_file_mapping_from: {
    kind: 'failed',
    message: '{path}:{line}: a mapping must select from input',
    hint: 'Other tables, files and joins are not allowed.',
  },
  sql_file_mapping_clause: {
    kind: 'failed',
    message: '{path}:{line}: a mapping cannot use where, group by, order by, limit, distinct or with',
    hint: 'The select must return one row for each row of the file.',
  },
  sql_file_mapping_subquery: {
    kind: 'failed',
    message: '{path}:{line}: a mapping cannot use subqueries or window functions',
    hint: 'The select must read one row at a time.',
  },
  sql_file_mapping_star: {
    kind: 'failed',
    message: '{path}:{line}: a mapping cannot use *',
    hint: 'Select the columns by name.',
  },
  sql_file_mapping_row_count: {
    kind: 'failed',
    message: '{path}:{line}: the select does not return one row for each row of the file',
    hint: 'Do not use aggregates or unnest.',
  },
} as const satisfies Record<string, ErrorDefinition>;

/** Failures of the SQL catalog. */
export const catalogErrors = {
  unknown_report: { kind: 'usage', message: 'report "{name}" not found', hint: '{+suggestion}' },
  unknown_mapping: { kind: 'usage', message: 'mapping "{name}" not found', hint: '{+suggestion}' },
  unknown_view: { kind: 'usage', message: 'view "{name}" not found', hint: '{+suggestion}' },
  unknown_action: { kind: 'usage', message: 'action "{name}" not found', hint: '{+suggestion}' },
  sql_file_unknown_folder: {
    kind: 'failed',
    message: '{path}: not in a known folder',
    hint: 'Move it to sources/, mappings/, views/, rules/, reports/<group>/, pages/, actions/ or prelude/.',
  },
  ...sqlFileErrors,
} as const satisfies Record<string, ErrorDefinition>;
