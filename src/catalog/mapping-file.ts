import { suggest } from '../text/names.ts';
import type { CatalogDatabase } from './catalog-database.ts';
import type { DateOrder, DecimalMark, Format, Mapping, Source } from './definitions.ts';
import { catalogError, statementError, validateObject, type SqlFile } from './front-matter.ts';
import { childNodes, type Node } from './parse-tree.ts';

interface MappingFrontMatter {
  title: string;
  description: string;
  source: string;
  recognise: string[];
  alone?: boolean;
  each?: string[];
  sentinels?: Record<string, unknown>;
  twins?: 'one' | 'counted';
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
      source: 'text',
      recognise: 'texts',
      alone: 'flag',
      each: 'texts',
      sentinels: 'map',
      twins: 'text',
      tz: 'text',
      date_order: 'text',
      decimal_mark: 'text',
    },
    ['title', 'description', 'source', 'recognise'],
  );
  const checkChoice = (key: keyof MappingFrontMatter, known: readonly string[]): void => {
    const value = frontMatter[key];
    if (value === undefined || known.includes(String(value))) return;
    throw catalogError(
      file.path,
      file.lineOf([key]),
      `${key}: "${String(value)}" is not known`,
      suggest(String(value), known),
    );
  };
  checkChoice('twins', ['one', 'counted']);
  checkChoice('date_order', ['dmy', 'mdy']);
  checkChoice('decimal_mark', [',', '.']);
  if (frontMatter.recognise.length === 0)
    throw catalogError(
      file.path,
      file.lineOf(['recognise']),
      'recognise: names no field',
      'Name the fields that tell the format.',
    );
  const sentinels = validateObject<Record<string, string[]>>(
    file,
    ['sentinels'],
    frontMatter.sentinels ?? {},
    Object.fromEntries(Object.keys(frontMatter.sentinels ?? {}).map((field) => [field, 'texts' as const])),
  );

  const {
    title,
    description,
    source,
    recognise,
    alone = false,
    each = [],
    twins = 'one',
    tz,
    date_order: dateOrder,
    decimal_mark: decimalMark,
  } = frontMatter;
  return {
    name,
    path: file.path,
    title,
    description,
    source,
    recognise,
    alone,
    each,
    sentinels,
    twins,
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
    throw catalogError(
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
      throw catalogError(file.path, file.sqlLine, `"${column}" is no column of ${source.name}`, suggest(column, known));
    if (targetColumns.indexOf(column) !== index)
      throw catalogError(file.path, file.sqlLine, `"${column}" is given twice`);
  }
  for (const column of source.columns) {
    if (column.required && column.default === undefined && !targetColumns.includes(column.name)) {
      throw catalogError(
        file.path,
        file.sqlLine,
        `"${column.name}" of ${source.name} is missing`,
        `Select … as ${column.name}.`,
      );
    }
  }
  if ((await database.countRows(withInput('range(3)'))) !== 3) {
    throw catalogError(
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
    throw catalogError(file.path, file.sqlLine, what, 'Write one: select … from input.');
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
