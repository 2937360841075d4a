import type { ErrorDefinition } from '../definition.ts';

/** Rejected SQL statements of users, and results that are too large. */
export const sqlErrors = {
  invalid_sql: { kind: 'usage', message: '{+message}', hint: '{+suggestion}' },
  empty_statement: { kind: 'usage', message: 'the SQL statement is empty', hint: 'Write one select.' },
  missing_statement: {
    kind: 'usage',
    message: 'a SQL statement is required',
    hint: 'Write it in quotes, use --file FILE, or - for standard input.',
  },
  statement_with_file: {
    kind: 'usage',
    message: 'a statement cannot be combined with --file {path}',
    hint: 'Use one of them.',
  },
  multiple_statements: {
    kind: 'usage',
    message: 'expected one statement, found {count}',
    hint: 'Write one select, without a semicolon inside.',
  },
  not_a_select: {
    kind: 'usage',
    message: 'only select statements are allowed',
    hint: 'SQL cannot change data or settings.',
  },
  nul_character: { kind: 'usage', message: 'the statement contains a NUL character', hint: 'Remove it.' },
  sql_number_too_large: {
    kind: 'usage',
    message: 'the statement contains a number that is too large',
    hint: 'Use numbers up to 1e308.',
  },
  statement_too_complex: {
    kind: 'usage',
    message: 'the statement has {+found}',
    hint: 'The maximum is {+max}. Simplify the statement, or select less at once.',
  },
  unknown_table: { kind: 'usage', message: 'table {table} not found', hint: '{+suggestion}' },
  qualified_table: {
    kind: 'usage',
    message: 'table {table} is named with a database or schema',
    hint: 'Use the name of the table alone.',
  },
  table_version: { kind: 'usage', message: 'table {table}: "at" is not allowed', hint: 'Remove it.' },
  parameter_in_statement: {
    kind: 'usage',
    message: 'the statement has a parameter: {parameter}',
    hint: 'Write the value instead.',
  },
  syntax_not_allowed: { kind: 'usage', message: '{syntax} is not allowed', hint: 'Write a plain select.' },
  function_not_allowed: {
    kind: 'usage',
    message: 'function {function}() is not allowed',
    hint: 'Use functions of numbers, strings, dates, lists and JSON that read only their arguments.',
  },
  table_function_not_allowed: {
    kind: 'usage',
    message: 'function {function}() is not allowed in from',
    hint: 'Allowed: {+allowed}.',
  },
  type_not_allowed: {
    kind: 'usage',
    message: 'type {type} is not allowed',
    hint: 'Cast to a number, string, date, list or struct.',
  },
  window_not_allowed: {
    kind: 'usage',
    message: '{function}() over a window is not allowed',
    hint: 'Group the rows instead.',
  },
  moving_window_not_allowed: {
    kind: 'usage',
    message: '{+call} over a window with an order or a frame is not allowed',
    hint: 'Use over (partition by …), or group the rows.',
  },
  argument_not_allowed: { kind: 'usage', message: '{function}() requires {+requirement}', hint: '{+hint}' },
  pattern_too_long: { kind: 'usage', message: 'the pattern has {length} characters, the maximum is {max}' },
  unbounded_value: {
    kind: 'usage',
    message: '{+operation} is not allowed on the result of list(), string_agg() or a similar aggregate',
    hint: 'Select the result itself or its length. Use list(x order by x) to sort it and list(distinct x) to filter it.',
  },
  growing_recursion: {
    kind: 'usage',
    message: 'recursive query "{cte}" makes a longer text or list in every round',
    hint: 'Select only numbers, dates and unchanged columns.',
  },
  call_too_slow: {
    kind: 'usage',
    message: '{function}() could take too long on values of this length',
    hint: 'Search for a short constant text, or select shorter columns.',
  },
  row_size_unbounded: {
    kind: 'usage',
    message: 'the statement could make more than {kilobytes} KB of text and lists for one row',
    hint: 'Join fewer or shorter values, or select the columns as they are.',
  },
  result_row_too_large: {
    kind: 'failed',
    message: 'a row of the result is too large',
    hint: 'Select fewer columns, or turn lists into rows with unnest(…).',
  },
  result_value_too_large: {
    kind: 'failed',
    message: 'a value of the result is too large to write',
    hint: 'Select less at once.',
  },
} as const satisfies Record<string, ErrorDefinition>;
