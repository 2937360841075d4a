import type { Node } from '../../catalog/parse-tree.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { clipMessage, clipped } from '../../text/plain-text.ts';
import type { DuckDb } from '../duckdb.ts';
import { limits, tooComplex } from './limits.ts';

/**
 * Parses one select.
 * @throws WattduckError (usage) if the text is not exactly one select, or would be too large once parsed
 */
export async function parseSelect(duckdb: DuckDb, sql: string): Promise<Node> {
  checkText(sql);
  const tree = (await duckdb.parseTree(sql).catch(rejectInfinity)) as {
    error?: boolean;
    error_message?: string;
    statements?: Node[];
  };
  if (tree.error) {
    if (!tree.error_message?.startsWith('Only SELECT'))
      throw new WattduckError('usage', clipMessage(String(tree.error_message)));
    throw new WattduckError('usage', 'only a select is run here', 'Nothing can be changed or set by SQL.');
  }
  const [statement, ...others] = tree.statements ?? [];
  if (!statement) throw new WattduckError('usage', 'there is no statement', 'Give one select.');
  if (others.length > 0)
    throw new WattduckError(
      'usage',
      clipped`${others.length + 1} statements`,
      'Give one select, without a semicolon inside.',
    );
  return statement;
}

/** DuckDB writes a number that is too large into the tree as Infinity, which is not JSON. */
function rejectInfinity(error: unknown): never {
  if (!(error instanceof SyntaxError)) throw error;
  throw new WattduckError(
    'usage',
    'the statement has a number that is too large',
    'Write a number of at most 1e308.',
    error,
  );
}

/** @throws WattduckError (usage) for a statement whose length alone is too much */
export function checkLength(sql: string): void {
  if (sql.length > limits.characters) throw tooComplex(`${sql.length} characters`, `${limits.characters}`);
}

/**
 * Rejects what would already be too large for the parser: it copies the operand of
 * `case x when …` for every `when`, writes out grouping sets, and takes long for types inside types.
 */
function checkText(sql: string): void {
  checkLength(sql);
  if (sql.includes('\0')) throw new WattduckError('usage', 'the statement has a NUL character in it', 'Leave it out.');
  if (countMatches(sql, /\b(cube|rollup|sets)\b/gi) > 4)
    throw tooComplex('more than 4 groupings by cube, rollup or grouping sets', '4');
  if (countMatches(sql, /\b(map|struct|union|row)\s*\(|\[\s*\d*\s*\]/gi) > 100)
    throw tooComplex('more than 100 maps, structs and lists', '100');
  if (nestedCases(sql) > 1) throw tooComplex('"case" inside the operand of "case x when"', '1');
  if (countMatches(sql, /\bwhen\b/gi) > 500) throw tooComplex('more than 500 times "when"', '500');
}

const countMatches = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/**
 * How often the operand of `case x when` could hold another case. Without a tokenizer that is certain to read quotes and
 * comments as DuckDB does, an operand with a quote, a comment or a dollar in it counts.
 */
function nestedCases(sql: string): number {
  return [...sql.matchAll(/\bcase\b(?!\s+when\b)/gi)].filter(({ index }) => {
    const after = sql.slice(index + 'case'.length);
    const end = after.search(/\bwhen\b/i);
    return end >= 0 && /["'$]|--|\/\*|\bcase\b/i.test(after.slice(0, end));
  }).length;
}
