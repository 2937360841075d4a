import type { Node } from '../../catalog/parse-tree.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { clipMessage } from '../../text/plain-text.ts';
import type { DuckDb } from '../duckdb.ts';
import { excerptAt } from './excerpt.ts';
import { limits, tooComplex } from './limits.ts';

/**
 * Parses one select.
 * @throws WattduckError (usage) if the text is not exactly one select, or is too complex for the parser
 */
export async function parseSelect(duckdb: DuckDb, sql: string): Promise<Node> {
  checkText(sql);
  const tree = (await duckdb.parseTree(sql).catch(rejectInfinity)) as {
    error?: boolean;
    error_message?: string;
    position?: string;
    statements?: Node[];
  };
  if (tree.error) {
    if (!tree.error_message?.startsWith('Only SELECT'))
      throw Object.assign(
        new WattduckError('invalid_sql', { message: clipMessage(String(tree.error_message)), suggestion: '' }),
        excerptAt(sql, Number(tree.position)),
      );
    throw new WattduckError('not_a_select');
  }
  const [statement, ...others] = tree.statements ?? [];
  if (!statement) throw new WattduckError('empty_statement');
  if (others.length > 0) throw new WattduckError('multiple_statements', { count: others.length + 1 });
  return statement;
}

/** DuckDB writes a number above 1e308 into the tree as Infinity, which is not JSON. */
function rejectInfinity(error: unknown): never {
  if (!(error instanceof SyntaxError)) throw error;
  throw new WattduckError('sql_number_too_large', {}, error);
}

/** @throws WattduckError (statement_too_complex) for a statement that is too long */
export function checkLength(sql: string): void {
  if (sql.length > limits.characters) throw tooComplex(`${sql.length} characters`, limits.characters);
}

/**
 * Rejects text that is too complex for the parser: it copies the operand of `case x when …` for every `when`, expands
 * grouping sets, and is slow for nested types.
 */
function checkText(sql: string): void {
  checkLength(sql);
  if (sql.includes('\0')) throw new WattduckError('nul_character');
  if (countMatches(sql, /\b(cube|rollup|sets)\b/gi) > 4)
    throw tooComplex('more than 4 groupings by cube, rollup or grouping sets', 4);
  if (countMatches(sql, /\b(map|struct|union|row)\s*\(|\[\s*\d*\s*\]/gi) > 100)
    throw tooComplex('more than 100 maps, structs and lists', 100);
  if (nestedCases(sql) > 1) throw tooComplex('"case" inside the operand of "case x when"', 1);
  if (countMatches(sql, /\bwhen\b/gi) > 500) throw tooComplex('"when" more than 500 times', 500);
}

const countMatches = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/**
 * Counts operands of `case x when` that could contain another case. An operand with a quote, a comment or a dollar sign
 * counts too, because only DuckDB's tokenizer could read it with certainty.
 */
function nestedCases(sql: string): number {
  return [...sql.matchAll(/\bcase\b(?!\s+when\b)/gi)].filter(({ index }) => {
    const after = sql.slice(index + 'case'.length);
    const end = after.search(/\bwhen\b/i);
    return end >= 0 && /["'$]|--|\/\*|\bcase\b/i.test(after.slice(0, end));
  }).length;
}
