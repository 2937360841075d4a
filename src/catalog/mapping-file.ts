import { suggest } from '../text/names.ts';
import { clipMessage } from '../text/plain-text.ts';
import type { CatalogDatabase } from './catalog-database.ts';
import type { DateOrder, DecimalMark, Format, Mapping, Source } from './definitions.ts';
import { validateObject, type SqlFile } from './front-matter.ts';
import { childNodes, type Node } from './parse-tree.ts';
import { sqlFileError, statementError } from './sql-text.ts';

interface MappingFrontMatter {
  title: string;
  description: string;
  details?: string[];
  source: string;
  detect_by: string[];
  exact_fields?: boolean;
  unnest?: string[];
  null_values?: Record<string, unknown>;
  duplicates?: 'merge' | 'keep';
  tz?: string;
  date_order?: DateOrder;
  decimal_mark?: DecimalMark;
}

/** Reads the front matter of a mapping: the format of its files. The select is not checked. */
export function readFormat(name: string, file: SqlFile): Format {
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
      exact_fields: 'flag',
      unnest: 'texts',
      null_values: 'map',
      duplicates: 'text',
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

  const {
    title,
    description,
    details = [],
    source,
    detect_by: detectBy,
    exact_fields: exactFields = false,
    unnest = [],
    duplicates = 'merge',
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
    exactFields,
    unnest,
    nullValues,
    duplicates,
    ...(tz ? { tz } : {}),
    ...(dateOrder ? { dateOrder } : {}),
    ...(decimalMark ? { decimalMark } : {}),
  };
}

/** Reads a mapping and checks that its select returns one row for each row of the file, with columns of its source. */
export async function readMapping(
  name: string,
  file: SqlFile,
  text: string,
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
  const node = await parseRowSelect(file, database);
  const inputFields = collectFields(node);
  const input = inputFields.map((field) => `null::varchar as "${field.replaceAll('"', '""')}"`).join(', ');
  const withInput = (rows: string): string => `with input as (select ${input} from ${rows}) ${file.sql}`;
  const { columns } = await database.describeSchema(withInput('range(3)')).catch((error: unknown) => {
    throw statementError(error, file.path, file.sqlLine);
  });
  const targetColumns = columns.map((column) => column.name);
  const known = source.columns.map((column) => column.name);
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
  for (const column of source.columns) {
    if (column.required && column.default === undefined && !targetColumns.includes(column.name)) {
      throw sqlFileError(file.path, file.sqlLine, 'sql_file_missing_required_column', {
        column: column.name,
        table: source.name,
      });
    }
  }
  if ((await database.countRows(withInput('range(3)'))) !== 3) {
    throw sqlFileError(file.path, file.sqlLine, 'sql_file_mapping_row_count');
  }
  return { ...format, inputFields, targetColumns, sourceFields, sql: file.sql.trim(), text };
}

/** Parse tree of the select; throws unless it reads one row at a time. */
async function parseRowSelect(file: SqlFile, database: CatalogDatabase): Promise<Node> {
  const tree = (await database.parseTree(file.sql)) as {
    error?: boolean;
    error_message?: string;
    statements?: { node: Node }[];
  };
  if (tree.error)
    throw sqlFileError(file.path, file.sqlLine, 'sql_file_invalid_mapping_select', {
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
    throw sqlFileError(file.path, file.sqlLine, code);
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
function collectFields(node: Node): string[] {
  const found = new Map<string, string>();
  const visit = (each: Node): void => {
    if (each['class'] === 'COLUMN_REF') {
      const [first = '', second] = each['column_names'] as string[];
      const name = first === 'input' && second !== undefined ? second : first;
      if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), name);
    }
    childNodes(each).forEach(visit);
  };
  visit(node);
  return [...found.values()];
}
