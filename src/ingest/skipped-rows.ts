import { literal, type DuckDb } from '../warehouse/duckdb.ts';
import type { RowCheck } from './row-check.ts';
import type { RowIssue } from './row-issues.ts';
import { rowColumn, suppliedColumns, textColumn, type ReadPlan } from './text-rows.ts';

/** Reasons to skip a row: it is counted, but neither imported nor rejected. */
const reasons = {
  empty: 'every field is empty',
  totals: 'is a totals row',
  mapping: 'matches skip_when of the mapping',
} as const;

/** Words in the first field of a totals row, in lower case. */
const totalWords = [
  'total',
  'totals',
  'grand total',
  'subtotal',
  'sub-total',
  'sum',
  'summe',
  'gesamt',
  'gesamtsumme',
  'zwischensumme',
  'insgesamt',
  'somme',
  'total général',
  'sous-total',
  'totaal',
  'subtotaal',
  'totale',
  'suma',
  'summa',
  'totalt',
  'i alt',
  'yhteensä',
];

/** The same words in the usual cases: comparing them is cheaper than lower-casing the key of each row. */
const casedTotalWords = totalWords.flatMap((word) => [
  word,
  word.toUpperCase(),
  `${word[0]!.toUpperCase()}${word.slice(1)}`,
  word.replaceAll(/(^| )\p{L}/gu, (letter) => letter.toUpperCase()),
]);

/** Texts that stand for an empty field in a filler row. */
const emptyWords = ['#N/A', '#NV', '#REF!', '#VALUE!', 'N/A', 'NA', 'NaN', 'null', 'none', 'nil', '-', '–', '—'];

/** Checks for valid rows to skip. Over HTTP no row is skipped: its client expects each row to be imported or rejected. */
export function skipChecks(plan: ReadPlan): RowCheck[] {
  const { source, mapping, rowByRow } = plan;
  if (rowByRow) return [];
  const supplied = suppliedColumns(plan);
  const [key, ...others] = source.columns.filter(
    ({ name, type, required, default: defaultSql }) =>
      type === 'VARCHAR' &&
      supplied.includes(name) &&
      (source.key.includes(name) || (required && defaultSql === undefined)),
  );
  const checks: RowCheck[] = [];
  if (mapping?.skipWhen !== undefined)
    checks.push({ when: rowColumn.skip, column: source.key[0]!, reason: reasons.mapping });
  // A single text may be a name, such as the charge point `Total`.
  if (key && others.length > 0)
    checks.push({
      when: [key, ...others]
        .map(({ name }) => `${textColumn(name)} in (${casedTotalWords.map(literal).join(', ')})`)
        .join(' and '),
      column: key.name,
      reason: reasons.totals,
    });
  return checks;
}

/** Removes skipped rows from `bad_rows`, and returns their reasons and numbers. */
export async function removeSkippedRows(duckdb: DuckDb, plan: ReadPlan): Promise<RowIssue[]> {
  if (plan.rowByRow || !(await duckdb.hasRows('from bad_rows'))) return [];
  await duckdb.run(
    `update bad_rows set column_name = null, value = null, reason = case when ${isFiller(plan)} then ${literal(reasons.empty)} else ${literal(reasons.totals)} end
     where ${isFiller(plan)} or (${isTotalsRow(plan)})`,
  );
  const isSkipped = `reason in (${Object.values(reasons).map(literal).join(', ')})`;
  const rows = await duckdb.rows(
    `select reason, count(*) as n, min(line) as line from bad_rows where ${isSkipped} group by reason order by n desc, line`,
  );
  if (rows.length > 0) await duckdb.run(`delete from bad_rows where ${isSkipped}`);
  return rows.map(({ reason, n, line }) => ({
    column: null,
    reason: String(reason),
    rows: Number(n),
    value: null,
    first: String(line ?? '?'),
  }));
}

/** Number of skipped rows. */
export const sumSkipped = (skips: readonly RowIssue[]): number => skips.reduce((sum, { rows }) => sum + rows, 0);

/** Characters with a meaning in a regular expression. */
const escapeRegexp = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|\-/]/g, '\\$&');

const anyOf = (words: readonly string[]): string => words.map(escapeRegexp).join('|');

function isFiller({ layout }: ReadPlan): string {
  const empty = `(?:${anyOf(emptyWords)})?`;
  if (layout.format === 'ndjson')
    return `regexp_full_match(raw, '(?is)\\s*\\{(\\s*"[^"]*"\\s*:\\s*(null|"[\\s\\p{Z}]*${empty}[\\s\\p{Z}]*")\\s*,?)*\\s*\\}\\s*')`;
  const field = `[\\s\\p{Z}]*"?[\\s\\p{Z}]*${empty}[\\s\\p{Z}]*"?[\\s\\p{Z}]*`;
  return `regexp_full_match(raw, ${literal(`(?is)${field}(${escapeRegexp(layout.delimiter)}${field})*`)})`;
}

/** A rejected row that begins with `Total`, and that lacks a required value or repeats the word in it. */
function isTotalsRow({ layout }: ReadPlan): string {
  if (layout.format === 'ndjson') return 'false';
  const delimiter = escapeRegexp(layout.delimiter);
  const words = anyOf(totalWords);
  return `regexp_matches(raw, ${literal(`(?is)^([\\s\\p{Z}"]|${delimiter})*(${words})[\\s\\p{Z}]*:?[\\s\\p{Z}]*("|${delimiter}|$)`)})
    and (column_name is null or value is null or lower(trim(value, ' :')) in (${totalWords.map(literal).join(', ')}))`;
}
