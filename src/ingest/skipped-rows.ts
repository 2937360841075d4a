import { identifier, literal, type DuckDb } from '../warehouse/duckdb.ts';
import type { RowCheck } from './row-check.ts';
import type { RowIssue } from './row-issues.ts';
import { rowColumn, suppliedColumns, type ReadPlan } from './text-rows.ts';

/** Reasons to skip a row: it is counted, but neither imported nor rejected. */
const reasons = {
  empty: 'every field is empty',
  totals: 'is a totals row',
  header: 'repeats the header',
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

/** The same words in the usual cases. Looking for them is cheaper than lower-casing the texts of all rows. */
export const casedTotalWords = [
  ...new Set(
    totalWords.flatMap((word) => [
      word,
      word.toUpperCase(),
      `${word[0]!.toUpperCase()}${word.slice(1)}`,
      word.replaceAll(/(^| )\p{L}/gu, (letter) => letter.toUpperCase()),
    ]),
  ),
];

/** Texts that stand for an empty field in a filler row. */
export const emptyWords = [
  '#N/A',
  '#NV',
  '#REF!',
  '#VALUE!',
  '#DIV/0!',
  'N/A',
  'NA',
  'NaN',
  'null',
  'none',
  'nil',
  '-',
  '--',
  '–',
  '—',
];

/** Checks for valid rows to skip. Over HTTP no row is skipped: its client expects each row to be imported or rejected. */
export function skipChecks(plan: ReadPlan): RowCheck[] {
  const { source, mapping, rowByRow, hasTotals } = plan;
  if (rowByRow) return [];
  const key = source.key[0]!;
  const totals = hasTotals ? totalsCondition(plan) : undefined;
  return [
    ...(mapping?.skipWhen === undefined ? [] : [{ when: rowColumn.skip, column: key, reason: reasons.mapping }]),
    ...(totals === undefined ? [] : [{ when: totals, column: key, reason: reasons.totals }]),
  ];
}

/** Condition for a valid totals row: `Total` in each key and required text. A single text may be a name, such as a charge point's. */
function totalsCondition(plan: ReadPlan): string | undefined {
  const supplied = suppliedColumns(plan);
  const texts = plan.source.columns.filter(
    ({ name, type, required, default: defaultSql }) =>
      type === 'VARCHAR' &&
      supplied.includes(name) &&
      (plan.source.key.includes(name) || (required && defaultSql === undefined)),
  );
  if (texts.length < 2) return undefined;
  return texts
    .map(({ name }) => `${identifier(name)} in (${casedTotalWords.map(literal).join(', ')})`)
    .toReversed()
    .join(' and ');
}

/** Whether valid rows of a file, in `table`, are totals. Much cheaper than to check each row while it is read. */
export async function hasTotalsRows(duckdb: DuckDb, plan: ReadPlan, table: string): Promise<boolean> {
  const totals = plan.rowByRow ? undefined : totalsCondition(plan);
  return totals !== undefined && duckdb.hasRows(`from ${table} where ${totals}`);
}

/** Rows that are neither imported nor rejected: their number, and why. */
export interface SkippedRows {
  skipped: number;
  skips: RowIssue[];
}

/** Removes skipped rows from `bad_rows`, and returns their reasons and numbers. */
export async function removeSkippedRows(duckdb: DuckDb, plan: ReadPlan): Promise<SkippedRows> {
  if (plan.rowByRow || !(await duckdb.hasRows('from bad_rows'))) return { skipped: 0, skips: [] };
  await duckdb.run(
    `update bad_rows set column_name = null, value = null, reason = case when ${isFiller(plan)} then ${literal(reasons.empty)} when ${isHeaderRow(plan)} then ${literal(reasons.header)} else ${literal(reasons.totals)} end
     where ${isFiller(plan)} or ${isHeaderRow(plan)} or (${isTotalsRow(plan)})`,
  );
  const isSkipped = `reason in (${Object.values(reasons).map(literal).join(', ')})`;
  const rows = await duckdb.rows(
    `select reason, count(*) as n, min(line) as line from bad_rows where ${isSkipped} group by reason order by n desc, line`,
  );
  if (rows.length > 0) await duckdb.run(`delete from bad_rows where ${isSkipped}`);
  const skips = rows.map(({ reason, n, line }) => ({
    column: null,
    reason: String(reason),
    rows: Number(n),
    value: null,
    first: String(line ?? '?'),
  }));
  return { skipped: skips.reduce((sum, each) => sum + each.rows, 0), skips };
}

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

/** A rejected row with the names of the header, as in files that were joined. */
const isHeaderRow = ({ layout }: ReadPlan): string =>
  layout.format === 'ndjson' || layout.hasHeader === false
    ? 'false'
    : `trim(replace(raw, '"', '')) = ${literal(layout.names.join(layout.delimiter).replaceAll('"', '').trim())}`;

/** A rejected row that begins with `Total`, and that lacks a required value or repeats the word in it. */
function isTotalsRow({ layout }: ReadPlan): string {
  if (layout.format === 'ndjson') return 'false';
  const delimiter = escapeRegexp(layout.delimiter);
  const words = anyOf(totalWords);
  return `regexp_matches(raw, ${literal(`(?is)^([\\s\\p{Z}"]|${delimiter})*(${words})[\\s\\p{Z}]*:?[\\s\\p{Z}]*("|${delimiter}|$)`)})
    and (column_name is null or value is null or lower(trim(value, ' :')) in (${totalWords.map(literal).join(', ')}))`;
}
