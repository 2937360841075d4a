import { suggest } from '../text/names.ts';
import { clipMessage } from '../text/plain-text.ts';
import type { CatalogDatabase } from './catalog-database.ts';
import type {
  DateOrder,
  DecimalMark,
  FillDown,
  Format,
  Mapping,
  MappingExpression,
  Source,
  Unpivot,
} from './definitions.ts';
import { validateObject, type SqlFile } from './front-matter.ts';
import { childNodes, type Node } from './parse-tree.ts';
import { canFail, triedExpression } from './safe-expression.ts';
import { firstLineOf, sqlFileError, statementError } from './sql-text.ts';

interface MappingFrontMatter {
  title: string;
  description: string;
  details?: string[];
  source: string;
  detect_by: string[];
  ignored_fields?: string[];
  exact_fields?: boolean;
  local_times?: boolean;
  unnest?: string[];
  unpivot?: unknown;
  fill_down?: unknown;
  null_values?: Record<string, unknown>;
  duplicates?: 'merge' | 'keep';
  key_from?: string[];
  separate_by?: string[];
  skip_when?: string;
  tz?: string;
  date_order?: DateOrder;
  decimal_mark?: DecimalMark;
}

/** Reads the front matter of a mapping: the format of its files. The select is not checked. */
function readFormat(name: string, file: SqlFile): Format {
  const frontMatter = validateObject<MappingFrontMatter>(
    file,
    [],
    file.frontMatter,
    {
      title: 'text',
      description: 'text',
      details: 'texts',
      source: 'text',
      detect_by: 'texts',
      ignored_fields: 'texts',
      exact_fields: 'flag',
      local_times: 'flag',
      unnest: 'texts',
      unpivot: 'map',
      fill_down: 'map',
      null_values: 'map',
      duplicates: 'text',
      key_from: 'texts',
      separate_by: 'texts',
      skip_when: 'text',
      tz: 'text',
      date_order: 'text',
      decimal_mark: 'text',
    },
    ['title', 'description', 'source', 'detect_by'],
  );
  const checkChoice = (
    key: keyof MappingFrontMatter,
    known: readonly string[],
    renamed: Record<string, string> = {},
  ): void => {
    const value = frontMatter[key];
    if (value === undefined || known.includes(String(value))) return;
    const newValue = Object.hasOwn(renamed, String(value)) ? renamed[String(value)] : undefined;
    if (newValue !== undefined)
      throw sqlFileError(file.path, file.lineOf([key]), 'sql_file_renamed_choice', { key, value, new_value: newValue });
    throw sqlFileError(file.path, file.lineOf([key]), 'sql_file_invalid_choice', {
      key,
      value,
      suggestion: suggest(String(value), known),
    });
  };
  checkChoice('duplicates', ['merge', 'keep'], { one: 'merge', counted: 'keep' });
  checkChoice('date_order', ['dmy', 'mdy']);
  checkChoice('decimal_mark', [',', '.']);
  if (frontMatter.detect_by.length === 0)
    throw sqlFileError(file.path, file.lineOf(['detect_by']), 'sql_file_empty_detect_by');
  const nullValues = validateObject<Record<string, string[]>>(
    file,
    ['null_values'],
    frontMatter.null_values ?? {},
    Object.fromEntries(Object.keys(frontMatter.null_values ?? {}).map((field) => [field, 'texts' as const])),
  );

  const unpivot =
    frontMatter.unpivot === undefined
      ? undefined
      : validateObject<Unpivot>(
          file,
          ['unpivot'],
          frontMatter.unpivot,
          { name: 'text', value: 'text', columns: 'texts' },
          ['name', 'value'],
        );
  const fillDown =
    frontMatter.fill_down === undefined
      ? undefined
      : validateObject<FillDown>(file, ['fill_down'], frontMatter.fill_down, { by: 'text', columns: 'texts' }, [
          'by',
          'columns',
        ]);

  const {
    title,
    description,
    details = [],
    source,
    detect_by: detectBy,
    ignored_fields: ignoredFields = [],
    exact_fields: exactFields = false,
    local_times: localTimes = false,
    unnest = [],
    duplicates = 'merge',
    key_from: keyFrom = [],
    separate_by: separateBy = [],
    skip_when: skipWhen,
    tz,
    date_order: dateOrder,
    decimal_mark: decimalMark,
  } = frontMatter;
  return {
    name,
    path: file.path,
    title,
    description,
    details,
    source,
    detectBy,
    ignoredFields,
    exactFields,
    localTimes,
    unnest,
    ...(unpivot ? { unpivot } : {}),
    ...(fillDown ? { fillDown } : {}),
    nullValues,
    duplicates,
    keyFrom,
    separateBy,
    ...(skipWhen === undefined ? {} : { skipWhen }),
    ...(tz ? { tz } : {}),
    ...(dateOrder ? { dateOrder } : {}),
    ...(decimalMark ? { decimalMark } : {}),
  };
}

/** A mapping's file: its parsed parts, its text, and whether it is part of the package. */
export interface MappingSource {
  file: SqlFile;
  text: string;
  isBuiltIn: boolean;
}

/** Reads a mapping and checks that its select returns one row for each row of the file, with columns of its source. */
export async function readMapping(
  name: string,
  { file, text, isBuiltIn }: MappingSource,
  database: CatalogDatabase,
  sources: readonly Source[],
): Promise<Mapping> {
  const format = readFormat(name, file);
  const source = sources.find((each) => each.name === format.source);
  if (!source) {
    throw sqlFileError(file.path, file.lineOf(['source']), 'sql_file_unknown_source', {
      source: format.source,
      suggestion: suggest(
        format.source,
        sources.map((each) => each.name),
      ),
    });
  }
  const node = await parseRowSelect(file, file.sql, file.sqlLine, database);
  const skipNode =
    format.skipWhen === undefined
      ? undefined
      : await parseRowSelect(file, `select (${format.skipWhen}) from input`, file.lineOf(['skip_when']), database);
  const inputFields = collectFields(node, skipNode);
  const input = inputFields.map((field) => `null::varchar as "${field.replaceAll('"', '""')}"`).join(', ');
  const withInput = (rows: string): string => `with input as (select ${input} from ${rows}) ${file.sql}`;
  const { columns } = await database.describeSchema(withInput('range(3)')).catch((error: unknown) => {
    throw statementError(error, file.path, file.sqlLine);
  });
  const targetColumns = columns.map((column) => column.name);
  const known = [...source.columns, ...source.inputs].map((column) => column.name);
  const selectList = node['select_list'] as Node[];
  const sourceFields = Object.fromEntries(
    targetColumns.map((column, index) => [column, collectFields(selectList[index]!)]),
  );
  for (const [index, column] of targetColumns.entries()) {
    if (!known.includes(column))
      throw sqlFileError(file.path, file.sqlLine, 'sql_file_unknown_column', {
        column,
        object: source.name,
        suggestion: suggest(column, known),
      });
    if (targetColumns.indexOf(column) !== index)
      throw sqlFileError(file.path, file.sqlLine, 'sql_file_repeated_column', { column });
  }
  const skipWhen =
    format.skipWhen === undefined || skipNode === undefined
      ? undefined
      : await readSkipCondition(file, format.skipWhen, skipNode, input, database);
  checkKeyColumns(file, format, source, targetColumns);
  for (const column of source.columns) {
    const isMadeByKey = format.keyFrom.length > 0 && source.key.includes(column.name);
    if (column.required && column.default === undefined && !isMadeByKey && !targetColumns.includes(column.name)) {
      throw sqlFileError(file.path, file.sqlLine, 'sql_file_missing_required_column', {
        column: column.name,
        table: source.name,
      });
    }
  }
  const rows = await database.countRows(withInput('range(3)')).catch((error: unknown) => {
    throw statementError(error, file.path, file.sqlLine);
  });
  if (rows !== 3) throw sqlFileError(file.path, file.sqlLine, 'sql_file_mapping_row_count');
  // Built-in mappings are written so that no expression fails.
  const expressions = isBuiltIn ? undefined : await readExpressions(targetColumns, selectList, input, database);
  return {
    ...format,
    ...(skipWhen === undefined ? {} : { skipWhen }),
    isBuiltIn,
    inputFields,
    targetColumns,
    numberColumns: columns.filter(({ type }) => /^(DECIMAL|DOUBLE|FLOAT)/.test(type)).map((column) => column.name),
    sourceFields,
    sql: file.sql.trim(),
    ...(expressions ? { expressions } : {}),
    text,
  };
}

/** The expressions of a select, if any of them can fail. */
async function readExpressions(
  columns: readonly string[],
  selectList: readonly Node[],
  input: string,
  database: CatalogDatabase,
): Promise<Record<string, MappingExpression> | undefined> {
  if (!selectList.some(canFail)) return undefined;
  const expressions: Record<string, MappingExpression> = {};
  for (const [index, column] of columns.entries()) {
    const node = selectList[index]!;
    const tried = canFail(node) ? await triedExpression(node, collectFields(node), input, database) : undefined;
    expressions[column] =
      tried === undefined
        ? { sql: await database.formatExpression({ ...node, alias: '' }), isTried: false }
        : { sql: tried, isTried: true };
  }
  return expressions;
}

/** Checks that `skip_when` is a condition. Returns SQL that is false if it is null or cannot be computed. */
async function readSkipCondition(
  file: SqlFile,
  condition: string,
  node: Node,
  input: string,
  database: CatalogDatabase,
): Promise<string> {
  const line = file.lineOf(['skip_when']);
  const { columns } = await database
    .describeSchema(`with input as (select ${input} from range(1)) select (${condition}) from input`)
    .catch((error: unknown) => {
      throw sqlFileError(file.path, line, 'sql_file_invalid_statement', { reason: firstLineOf(error) });
    });
  if (columns[0]?.type !== 'BOOLEAN' || columns.length > 1)
    throw sqlFileError(file.path, line, 'sql_file_skip_when_type', { type: columns[0]?.type });
  const [expression] = node['select_list'] as Node[];
  const tried = canFail(expression!)
    ? await triedExpression(expression!, collectFields(expression), input, database)
    : undefined;
  return `coalesce(${tried === undefined ? `(${condition})` : `${tried}[1]`}, false)`;
}

/** Checks the columns of `key_from` and `separate_by`. */
function checkKeyColumns(file: SqlFile, format: Format, source: Source, targetColumns: readonly string[]): void {
  for (const [key, columns] of [
    ['key_from', format.keyFrom],
    ['separate_by', format.separateBy],
  ] as const) {
    for (const [index, column] of columns.entries())
      if (!targetColumns.includes(column))
        throw sqlFileError(file.path, file.lineOf([key, index]), 'sql_file_key_column_not_selected', {
          key,
          column,
          suggestion: suggest(column, targetColumns, 'Selected'),
        });
  }
  if (format.separateBy.length > 0 && format.keyFrom.length === 0)
    throw sqlFileError(file.path, file.lineOf(['separate_by']), 'sql_file_missing_key', { key: 'key_from' });
  const [keyColumn, second] = source.key;
  if (format.keyFrom.length === 0 && format.separateBy.length === 0) return;
  if (second !== undefined)
    throw sqlFileError(file.path, file.lineOf(['key_from']), 'sql_file_key_from_source', { source: source.name });
  if (
    format.keyFrom.length > 0 &&
    targetColumns.includes(String(keyColumn)) &&
    !format.keyFrom.includes(String(keyColumn))
  )
    throw sqlFileError(file.path, file.lineOf(['key_from']), 'sql_file_key_selected_twice', { column: keyColumn });
}

/** Parse tree of a select; throws unless it reads one row at a time. */
async function parseRowSelect(file: SqlFile, sql: string, line: number, database: CatalogDatabase): Promise<Node> {
  const tree = (await database.parseTree(sql)) as {
    error?: boolean;
    error_message?: string;
    statements?: { node: Node }[];
  };
  if (tree.error)
    throw sqlFileError(file.path, line, 'sql_file_invalid_mapping_select', {
      reason: clipMessage(String(tree.error_message).split('\n')[0] ?? ''),
    });
  const fail = (
    code:
      | 'sql_file_mapping_not_plain_select'
      | 'sql_file_mapping_from'
      | 'sql_file_mapping_clause'
      | 'sql_file_mapping_subquery'
      | 'sql_file_mapping_star',
  ): never => {
    throw sqlFileError(file.path, line, code);
  };
  const [statement, second] = tree.statements ?? [];
  const node = statement?.node;
  if (!node || second || node['type'] !== 'SELECT_NODE') return fail('sql_file_mapping_not_plain_select');
  const from = node['from_table'] as Node;
  if (from['type'] !== 'BASE_TABLE' || from['table_name'] !== 'input') fail('sql_file_mapping_from');
  const parts = ['where_clause', 'having', 'qualify', 'sample'].filter((part) => node[part] !== null);
  const clauses = [
    ...(node['modifiers'] as unknown[]),
    ...(node['group_expressions'] as unknown[]),
    ...(node['cte_map'] as { map: unknown[] }).map,
  ];
  if (parts.length > 0 || clauses.length > 0) fail('sql_file_mapping_clause');
  if (someNode(node, (each) => each['class'] === 'SUBQUERY' || each['class'] === 'WINDOW'))
    fail('sql_file_mapping_subquery');
  if (someNode(node, (each) => each['class'] === 'STAR')) fail('sql_file_mapping_star');
  return node;
}

const someNode = (node: Node, predicate: (node: Node) => boolean): boolean =>
  predicate(node) || childNodes(node).some((child) => someNode(child, predicate));

/** Names of the file's fields in a select, each once; DuckDB ignores their case. */
function collectFields(...nodes: (Node | undefined)[]): string[] {
  const found = new Map<string, string>();
  const visit = (each: Node): void => {
    if (each['class'] === 'COLUMN_REF') {
      const [first = '', second] = each['column_names'] as string[];
      const name = first === 'input' && second !== undefined ? second : first;
      if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), name);
    }
    childNodes(each).forEach(visit);
  };
  for (const node of nodes) if (node) visit(node);
  return [...found.values()];
}
