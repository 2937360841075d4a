import { suggest } from '../text/names.ts';
import type { CatalogDatabase } from './catalog-database.ts';
import type { DateOrder, DecimalMark, Format, Mapping, Source } from './definitions.ts';
import { catalogFault, statementFault, validateObject, type SqlFile } from './front-matter.ts';
import { childNodes, type Node } from './parse-tree.ts';

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

/** What a mapping says of the files it is for, before its select is looked at. */
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
    const now = Object.hasOwn(renamed, String(value)) ? renamed[String(value)] : undefined;
    if (now !== undefined)
      throw catalogFault(
        file.path,
        file.lineOf([key]),
        `${key}: "${String(value)}" is now "${now}"`,
        `Write ${key}: ${now}.`,
      );
    throw catalogFault(
      file.path,
      file.lineOf([key]),
      `${key}: "${String(value)}" is not known`,
      suggest(String(value), known),
    );
  };
  checkChoice('duplicates', ['merge', 'keep'], { one: 'merge', counted: 'keep' });
  checkChoice('date_order', ['dmy', 'mdy']);
  checkChoice('decimal_mark', [',', '.']);
  if (frontMatter.detect_by.length === 0)
    throw catalogFault(
      file.path,
      file.lineOf(['detect_by']),
      'detect_by: the list is empty',
      'Name the fields that identify the format.',
    );
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

/** Reads a mapping whole and checks that its select gives one row for each row of the file, in columns its source has. */
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
    throw catalogFault(
      file.path,
      file.lineOf(['source']),
      `source: "${format.source}" is not known`,
      suggest(
        format.source,
        sources.map((each) => each.name),
      ),
    );
  }
  const node = await parseRowSelect(file, database);
  const inputFields = collectFields(node);
  const input = inputFields.map((field) => `null::varchar as "${field.replaceAll('"', '""')}"`).join(', ');
  const withInput = (rows: string): string => `with input as (select ${input} from ${rows}) ${file.sql}`;
  const { columns } = await database.describeSchema(withInput('range(3)')).catch((error: unknown) => {
    throw statementFault(error, file.path, file.sqlLine);
  });
  const targetColumns = columns.map((column) => column.name);
  const known = source.columns.map((column) => column.name);
  const selectList = node['select_list'] as Node[];
  const sourceFields = Object.fromEntries(
    targetColumns.map((column, index) => [column, collectFields(selectList[index]!)]),
  );
  for (const [index, column] of targetColumns.entries()) {
    if (!known.includes(column))
      throw catalogFault(file.path, file.sqlLine, `"${column}" is no column of ${source.name}`, suggest(column, known));
    if (targetColumns.indexOf(column) !== index)
      throw catalogFault(file.path, file.sqlLine, `"${column}" is given twice`);
  }
  for (const column of source.columns) {
    if (column.required && column.default === undefined && !targetColumns.includes(column.name)) {
      throw catalogFault(
        file.path,
        file.sqlLine,
        `"${column.name}" of ${source.name} is missing`,
        `Select … as ${column.name}.`,
      );
    }
  }
  if ((await database.countRows(withInput('range(3)'))) !== 3) {
    throw catalogFault(
      file.path,
      file.sqlLine,
      'the select does not give one row for each row of the file',
      'Select values of the row alone, without aggregates and unnest.',
    );
  }
  return { ...format, inputFields, targetColumns, sourceFields, sql: file.sql.trim(), text };
}

/** The select's parse tree, once it is known to look at one row at a time. */
async function parseRowSelect(file: SqlFile, database: CatalogDatabase): Promise<Node> {
  const tree = (await database.parseTree(file.sql)) as {
    error?: boolean;
    error_message?: string;
    statements?: { node: Node }[];
  };
  const fail = (what: string): never => {
    throw catalogFault(file.path, file.sqlLine, what, 'Write one: select … from input.');
  };
  if (tree.error) fail(`no select: ${String(tree.error_message).split('\n')[0]}`);
  const [statement, second] = tree.statements ?? [];
  const node = statement?.node;
  if (!node || second || node['type'] !== 'SELECT_NODE') return fail('a mapping is one plain select');
  const from = node['from_table'] as Node;
  if (from['type'] !== 'BASE_TABLE' || from['table_name'] !== 'input') fail('a mapping selects from input alone');
  const parts = ['where_clause', 'having', 'qualify', 'sample'].filter((part) => node[part] !== null);
  const clauses = [
    ...(node['modifiers'] as unknown[]),
    ...(node['group_expressions'] as unknown[]),
    ...(node['cte_map'] as { map: unknown[] }).map,
  ];
  if (parts.length > 0 || clauses.length > 0)
    fail('a mapping has neither where, group, order, limit, distinct nor with: each row of the file gives one row');
  if (someNode(node, (each) => each['class'] === 'SUBQUERY' || each['class'] === 'WINDOW'))
    fail('a mapping looks at one row at a time: no subquery, no window');
  if (someNode(node, (each) => each['class'] === 'STAR')) fail('a mapping names its columns, without *');
  return node;
}

const someNode = (node: Node, predicate: (node: Node) => boolean): boolean =>
  predicate(node) || childNodes(node).some((child) => someNode(child, predicate));

/** Names of the file's fields in a select; DuckDB does not tell them apart by case. */
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
