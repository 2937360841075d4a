import type { CatalogDatabase } from './catalog-database.ts';
import { childNodes, type Node } from './parse-tree.ts';

/** Functions, operators and macros that never fail, whatever the text. */
const safeFunctions: ReadonlySet<string> = new Set(
  `|| concat concat_ws lower upper trim ltrim rtrim replace left right substr substring regexp_replace regexp_extract regexp_matches
  regexp_full_match starts_with ends_with prefix suffix contains length strlen split_part md5 ~~ !~~ ~~* !~~* nullif ifnull
  times member day_and_time zone_offset clock_seconds ocpp_connector ocpp_event ocpp_field ocpp_reading ocpi_component`.split(
    /\s+/,
  ),
);

/** Whether evaluating an expression over texts can fail, as a cast of a text to a number can. */
export function canFail(node: Node): boolean {
  if (node['class'] === 'CAST' && node['try_cast'] !== true && castType(node) !== 'VARCHAR') return true;
  if (node['class'] === 'FUNCTION' && !safeFunctions.has(String(node['function_name']).toLowerCase())) return true;
  // A text compared with a number is cast to it.
  const isComparison =
    node['class'] === 'COMPARISON' || node['class'] === 'BETWEEN' || /COMPARE|IN$/.test(String(node['type']));
  if (isComparison && childNodes(node).some(isNotText)) return true;
  return childNodes(node).some(canFail);
}

const castType = (node: Node): unknown => (node['cast_type'] as Node | undefined)?.['id'];

const isNotText = (node: Node): boolean => {
  if (node['class'] !== 'CONSTANT') return node['class'] === 'CAST' && castType(node) !== 'VARCHAR';
  const value = node['value'] as Node;
  return value['is_null'] !== true && (value['type'] as Node)['id'] !== 'VARCHAR';
};

const hasLambda = (node: Node): boolean => node['class'] === 'LAMBDA' || childNodes(node).some(hasLambda);

/** Name of the fields of a row in an expression that {@link triedExpression} evaluates. */
const rowName = 'input_row';

/**
 * SQL for a list of the value of an expression, or null if evaluating it fails. It evaluates the expression in a lambda: DuckDB would
 * move an expression that occurs twice out of `try`.
 * @param fields fields of the file that the expression reads
 * @returns undefined if the expression has lambdas of its own, or cannot be tried
 */
export async function triedExpression(
  node: Node,
  fields: readonly string[],
  input: string,
  database: CatalogDatabase,
): Promise<string | undefined> {
  if (hasLambda(node)) return undefined;
  const body = await database.formatExpression(withRowFields(node));
  const row =
    fields.length === 0 ? "{'none': null}" : `{${fields.map((name) => `${quoted(name)}: ${quoted(name)}`).join(', ')}}`;
  const sql = `list_transform([${row}], lambda ${rowName}: try([${body}]))[1]`;
  // DuckDB does not try volatile functions.
  return database.describeSchema(`with input as (select ${input} from range(1)) select ${sql} from input`).then(
    () => sql,
    () => undefined,
  );
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The expression with each field of the file as a member of the row. */
function withRowFields(node: Node): Node {
  const rewrite = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rewrite);
    if (typeof value !== 'object' || value === null) return value;
    const each = value as Node;
    const copy = Object.fromEntries(Object.entries(each).map(([key, item]) => [key, rewrite(item)]));
    if (each['class'] !== 'COLUMN_REF') return copy;
    const names = each['column_names'] as string[];
    return { ...copy, column_names: [rowName, ...(names[0] === 'input' && names.length > 1 ? names.slice(1) : names)] };
  };
  return { ...(rewrite(node) as Node), alias: '' };
}
