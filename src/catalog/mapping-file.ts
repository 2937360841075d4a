import type { DateOrder, DecimalMark, Format, Mapping, Source } from './definitions.ts';
import type { EngineView } from './engine-view.ts';
import { catalogFault, readMap, statementFault, type SqlFile } from './frontmatter.ts';
import { suggest } from '../text/names.ts';
import { children, type Node } from './parse-tree.ts';

interface Head {
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
  const head = readMap<Head>(
    file,
    [],
    file.head,
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
  const choice = (key: keyof Head, known: readonly string[]): void => {
    const value = head[key];
    if (value === undefined || known.includes(String(value))) return;
    throw catalogFault(
      file.path,
      file.lineOf([key]),
      `${key}: "${String(value)}" is not known`,
      suggest(String(value), known),
    );
  };
  choice('twins', ['one', 'counted']);
  choice('date_order', ['dmy', 'mdy']);
  choice('decimal_mark', [',', '.']);
  if (head.recognise.length === 0)
    throw catalogFault(
      file.path,
      file.lineOf(['recognise']),
      'recognise: names no field',
      'Name the fields that tell the format.',
    );
  const sentinels = readMap<Record<string, string[]>>(
    file,
    ['sentinels'],
    head.sentinels ?? {},
    Object.fromEntries(Object.keys(head.sentinels ?? {}).map((field) => [field, 'texts' as const])),
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
  } = head;
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
  engine: EngineView,
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
  const node = await rowwise(file, engine);
  const reads = fieldsRead(node);
  const input = reads.map((field) => `null::varchar as "${field.replaceAll('"', '""')}"`).join(', ');
  const over = (rows: string): string => `with input as (select ${input} from ${rows}) ${file.sql}`;
  const { columns } = await engine.describe(over('range(3)')).catch((error: unknown) => {
    throw statementFault(error, file.path, file.sqlLine);
  });
  const fills = columns.map((column) => column.name);
  const known = source.columns.map((column) => column.name);
  const items = node['select_list'] as Node[];
  const madeOf = Object.fromEntries(fills.map((column, at) => [column, fieldsRead(items[at]!)]));
  for (const [at, column] of fills.entries()) {
    if (!known.includes(column))
      throw catalogFault(file.path, file.sqlLine, `"${column}" is no column of ${source.name}`, suggest(column, known));
    if (fills.indexOf(column) !== at) throw catalogFault(file.path, file.sqlLine, `"${column}" is given twice`);
  }
  for (const column of source.columns) {
    if (column.required && column.default === undefined && !fills.includes(column.name)) {
      throw catalogFault(
        file.path,
        file.sqlLine,
        `"${column.name}" of ${source.name} is missing`,
        `Select … as ${column.name}.`,
      );
    }
  }
  if ((await engine.countRows(over('range(3)'))) !== 3) {
    throw catalogFault(
      file.path,
      file.sqlLine,
      'the select does not give one row for each row of the file',
      'Select values of the row alone, without aggregates and unnest.',
    );
  }
  return { ...format, reads, fills, madeOf, sql: file.sql.trim(), text };
}

/** The select's parse tree, once it is known to look at one row at a time. */
async function rowwise(file: SqlFile, engine: EngineView): Promise<Node> {
  const tree = (await engine.parseTree(file.sql)) as {
    error?: boolean;
    error_message?: string;
    statements?: { node: Node }[];
  };
  const refuse = (what: string): never => {
    throw catalogFault(file.path, file.sqlLine, what, 'Write one: select … from input.');
  };
  if (tree.error) refuse(`no select: ${String(tree.error_message).split('\n')[0]}`);
  const [statement, second] = tree.statements ?? [];
  const node = statement?.node;
  if (!node || second || node['type'] !== 'SELECT_NODE') return refuse('a mapping is one plain select');
  const from = node['from_table'] as Node;
  if (from['type'] !== 'BASE_TABLE' || from['table_name'] !== 'input') refuse('a mapping selects from input alone');
  const parts = ['where_clause', 'having', 'qualify', 'sample'].filter((part) => node[part] !== null);
  const clauses = [
    ...(node['modifiers'] as unknown[]),
    ...(node['group_expressions'] as unknown[]),
    ...(node['cte_map'] as { map: unknown[] }).map,
  ];
  if (parts.length > 0 || clauses.length > 0)
    refuse('a mapping has neither where, group, order, limit, distinct nor with: each row of the file gives one row');
  if (some(node, (each) => each['class'] === 'SUBQUERY' || each['class'] === 'WINDOW'))
    refuse('a mapping looks at one row at a time: no subquery, no window');
  if (some(node, (each) => each['class'] === 'STAR')) refuse('a mapping names its columns, without *');
  return node;
}

const some = (node: Node, wanted: (node: Node) => boolean): boolean =>
  wanted(node) || children(node).some((child) => some(child, wanted));

/** Names of the file's fields in a select; DuckDB does not tell them apart by case. */
function fieldsRead(node: Node): string[] {
  const found = new Map<string, string>();
  const visit = (each: Node): void => {
    if (each['class'] === 'COLUMN_REF') {
      const [first = '', second] = each['column_names'] as string[];
      const name = first === 'input' && second !== undefined ? second : first;
      if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), name);
    }
    children(each).forEach(visit);
  };
  visit(node);
  return [...found.values()];
}
