import { isMap } from '../catalog/frontmatter.ts';
import { suggest } from '../catalog/names.ts';
import { parts, type Node } from '../catalog/parse-tree.ts';
import { WattduckError } from '../errors.ts';
import { clipMessage, clipped } from '../plain-text.ts';
import { literal, type Engine } from './engine.ts';

/** Where a select of one's own may look: these tables, and functions that read nothing but their arguments. */
export interface Fence {
  tables: readonly string[];
  functions: ReadonlySet<string>;
}

/** A select that keeps to its fence. */
export interface OwnSelect {
  tree: Node;
  /** Tables it names, in lower case. */
  tables: string[];
}

/** Functions over rows of their own making. */
const tableFunctions = ['range', 'generate_series', 'unnest', 'json_each', 'json_tree'];

/** Scalar functions that tell of the machine, of settings, or of tables by way of a text. */
const telling = ['current_setting', 'getvariable', 'json_serialize_plan', 'get_block_size'];

/** Not the same at every call, and yet harmless. */
const harmless = ['now', 'today', 'current_date', 'get_current_time', 'get_current_timestamp', 'transaction_timestamp', 'random', 'uuid', 'uuidv4', 'uuidv7', 'gen_random_uuid', 'error'];

/** Functions of rows and values: what DuckDB says gives the same for the same arguments, and macros that read no table. */
export async function pureFunctions(engine: Engine): Promise<ReadonlySet<string>> {
  const rows = await engine.rows(
    `select function_name as name from duckdb_functions()
     where function_type in ('scalar', 'aggregate', 'macro') and not starts_with(function_name, '__') and function_name not in (${telling.map(literal).join(', ')})
     group by all
     having bool_and(function_type = 'aggregate' or (function_type = 'scalar' and stability = 'CONSISTENT')
       or (function_type = 'macro' and schema_name <> 'pg_catalog' and not regexp_matches(macro_definition, '\\b(select|from)\\b', 'i')))`,
  );
  return new Set([...rows.map(({ name }) => String(name).toLowerCase()), ...harmless, 'unnest']);
}

/** How far a statement may go: beyond, DuckDB may plan for minutes, and can't be interrupted while it does. */
const most = { letters: 16_384, tables: 50, expanded: 1000, selects: 10, lambdas: 8, expressions: 100 };

/**
 * Takes a statement apart and refuses all but one select that keeps to its fence.
 * @throws WattduckError (usage)
 */
export async function ownSelect(engine: Engine, sql: string, fence: Fence): Promise<OwnSelect> {
  refuseLong(sql);
  if (sql.includes('\0')) throw new WattduckError('usage', 'the statement has a NUL character in it', 'Leave it out.');
  const tree = (await engine.parseTree(sql)) as { error?: boolean; error_message?: string; statements?: Node[] };
  if (tree.error) {
    if (!tree.error_message?.startsWith('Only SELECT')) throw new WattduckError('usage', clipMessage(String(tree.error_message)));
    throw new WattduckError('usage', 'only a select is run here', 'Nothing can be changed or set by SQL.');
  }
  const [statement, ...others] = tree.statements ?? [];
  if (!statement) throw new WattduckError('usage', 'there is no statement', 'Give one select.');
  if (others.length > 0) throw new WattduckError('usage', clipped`${others.length + 1} statements`, 'Give one select, without a semicolon inside.');
  const walk = new Walk(fence);
  walk.node(statement['node'], { names: new Map(), selects: 0, lambdas: 0, expressions: 0 });
  return { tree: statement, tables: [...new Set(walk.tables)] };
}

/** @throws WattduckError (usage) for a statement whose length alone is too much */
export function refuseLong(sql: string): void {
  if (sql.length > most.letters) throw beyond(`${sql.length} characters`, `${most.letters}`);
}

const beyond = (what: string, limit: string): WattduckError => new WattduckError('usage', clipped`the statement has ${what}`, clipped`At most ${limit} are accepted: make it simpler, or ask for less at once.`);

/** What surrounds a node. */
interface Within {
  /** Common table expressions that are in sight: their names in lower case, and how many tables each is made of. */
  names: ReadonlyMap<string, number>;
  /** How deep it stands in each. */
  selects: number;
  lambdas: number;
  expressions: number;
}

const queries = ['SELECT_NODE', 'SET_OPERATION_NODE', 'RECURSIVE_CTE_NODE'];

/** Everything else a select can be made of, beside expressions: what is not here is refused. */
const elsewhere = ['JOIN', 'SUBQUERY', 'EXPRESSION_LIST', 'EMPTY', 'PIVOT', 'ORDER_MODIFIER', 'LIMIT_MODIFIER', 'LIMIT_PERCENT_MODIFIER', 'DISTINCT_MODIFIER', 'ORDER_DEFAULT', 'ASCENDING', 'DESCENDING'];
const expressions = [
  'FUNCTION', 'WINDOW', 'COLUMN_REF', 'CONSTANT', 'CAST', 'CASE', 'COMPARISON', 'CONJUNCTION', 'OPERATOR', 'SUBQUERY', 'STAR', 'LAMBDA', 'LAMBDA_REF', 'COLLATE', 'BETWEEN',
  'POSITIONAL_REFERENCE', 'TYPE',
];

class Walk {
  readonly #fence: Fence;
  readonly #known: ReadonlySet<string>;
  readonly tables: string[] = [];
  #relations = 0;
  /** Tables there would be, were every common table expression written where it is named: DuckDB may plan it so. */
  #expanded = 0;

  constructor(fence: Fence) {
    this.#fence = fence;
    this.#known = new Set(fence.tables.map((name) => name.toLowerCase()));
  }

  node(node: unknown, within: Within): void {
    if (!isMap(node)) return;
    if (typeof node['class'] === 'string') return this.#expression(node, within);
    const { type } = node;
    if (typeof type !== 'string') return this.#parts(node, within);
    if (queries.includes(type)) return this.#query(node, within);
    if (type === 'BASE_TABLE') return this.#table(node, within);
    if (type === 'TABLE_FUNCTION') return this.#tableFunction(node, within);
    if (!elsewhere.includes(type) && !type.endsWith('_TYPE_INFO')) throw new WattduckError('usage', clipped`${type.toLowerCase().replaceAll('_', ' ')} is not accepted here`, 'Give a plain select.');
    this.#parts(node, within);
  }

  #parts(node: Node, within: Within, except: readonly string[] = []): void {
    for (const part of parts(node, except)) this.node(part, within);
  }

  /** A common table expression sees those before it; a recursive one sees itself in its second half. */
  #query(node: Node, around: Within): void {
    const within = { ...around, selects: around.selects + (node['type'] === 'SELECT_NODE' ? 1 : 0) };
    if (within.selects > most.selects) throw beyond(`selects more than ${most.selects} deep`, `${most.selects}`);
    let names = within.names;
    for (const { key, value } of ((node['cte_map'] as Node | undefined)?.['map'] ?? []) as { key: string; value: Node }[]) {
      const before = this.#expanded;
      this.#parts(value, { ...within, names });
      names = new Map([...names, [key.toLowerCase(), this.#expanded - before]]);
    }
    if (node['type'] !== 'RECURSIVE_CTE_NODE') return this.#parts(node, { ...within, names }, ['cte_map']);
    this.#parts(node, { ...within, names }, ['cte_map', 'right']);
    this.node(node['right'], { ...within, names: new Map([...names, [String(node['cte_name']).toLowerCase(), 1]]) });
  }

  #table(node: Node, within: Within): void {
    this.#countRelation();
    const [catalog, schema, name] = [node['catalog_name'], node['schema_name'], node['table_name']].map(String);
    if (catalog || schema) throw new WattduckError('usage', clipped`${[catalog, schema, name].filter(Boolean).join('.')} is named with its database or schema`, 'Name tables by their names alone.');
    if (node['at_clause']) throw new WattduckError('usage', clipped`${name} is asked for as it was at another time`, 'Leave out "at".');
    const lower = name!.toLowerCase();
    const made = within.names.get(lower);
    if (made !== undefined) return this.#expand(made);
    if (!this.#known.has(lower)) throw new WattduckError('usage', clipped`there is no table ${name} here`, suggest(name!, this.#fence.tables, 'There are'));
    this.tables.push(lower);
    this.#parts(node, within);
  }

  #tableFunction(node: Node, within: Within): void {
    this.#countRelation();
    const call = node['function'];
    const name = isMap(call) && call['class'] === 'FUNCTION' ? String(call['function_name']) : 'this';
    if (!tableFunctions.includes(name.toLowerCase())) throw new WattduckError('usage', clipped`the function ${name}() is not accepted in from`, `Accepted: ${tableFunctions.join(', ')}.`);
    this.#parts(call as Node, within);
    this.#parts(node, within, ['function']);
  }

  #countRelation(): void {
    this.#relations += 1;
    this.#expand(1);
    if (this.#relations > most.tables) throw beyond(`more than ${most.tables} tables in from`, `${most.tables}`);
  }

  #expand(tables: number): void {
    this.#expanded += tables;
    if (this.#expanded > most.expanded) throw beyond(`more than ${most.expanded} tables, counting those of each "with" wherever it is named`, `${most.expanded}`);
  }

  #expression(node: Node, around: Within): void {
    const kind = String(node['class']);
    if (kind === 'PARAMETER') throw new WattduckError('usage', clipped`the statement has a parameter, ${String(node['identifier'])}`, 'Write the value itself.');
    if (!expressions.includes(kind)) throw new WattduckError('usage', clipped`${kind.toLowerCase()} is not accepted here`, 'Give a plain select.');
    const within = { ...around, expressions: around.expressions + 1, lambdas: around.lambdas + (kind === 'LAMBDA' ? 1 : 0) };
    if (within.expressions > most.expressions) throw beyond(`expressions more than ${most.expressions} deep`, `${most.expressions}`);
    if (within.lambdas > most.lambdas) throw beyond(`lambdas more than ${most.lambdas} deep`, `${most.lambdas}`);
    if (kind === 'FUNCTION' || kind === 'WINDOW') this.#call(node);
    this.#parts(node, within, kind === 'CONSTANT' ? ['value'] : []);
  }

  /** Functions may stand in a schema: they are known by their names all the same. */
  #call(node: Node): void {
    const name = String(node['function_name']);
    if (this.#fence.functions.has(name.toLowerCase())) return;
    throw new WattduckError('usage', clipped`the function ${name}() is not accepted here`, 'Accepted are those that read nothing but their arguments.');
  }
}
