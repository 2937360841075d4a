import type { FileSummary, IngestOutcome, IngestResult } from '../ingest/result.ts';
import { describeIssue, type RowIssue } from '../ingest/row-issues.ts';
import type { Io } from '../io.ts';
import { formatCount, pluralize } from '../text/format-number.ts';
import { clipValue, plainLine } from '../text/plain-text.ts';

/** The account of a file: what was read, and where every row went. */
export function fileSummary(result: IngestOutcome): string {
  if ('alreadyIn' in result)
    return `${plainLine(result.file)}: already in since ${result.alreadyIn.slice(0, 19)} UTC, unchanged (${result.source}); --force takes it in again`;
  const { file, read, added, updated, unchanged, quarantined, seconds } = result;
  return `${plainLine(file)}: ${pluralize(read, 'row')} read = ${formatCount(added)} new + ${formatCount(updated)} updated + ${formatCount(unchanged)} unchanged + ${formatCount(quarantined)} quarantined (${describeFormat(result)}, ${seconds.toFixed(1)} s)`;
}

/** The account of all files of a run. */
export function runSummary(files: number, ingested: readonly IngestOutcome[], failed: number): string {
  const results = ingested.filter((each): each is IngestResult => !('alreadyIn' in each));
  const sum = (figure: 'read' | 'added' | 'updated' | 'unchanged' | 'quarantined'): string =>
    formatCount(results.reduce((subtotal, result) => subtotal + result[figure], 0));
  const skipped = ingested.length - results.length;
  const extra = [
    ...(skipped > 0 ? [`${formatCount(skipped)} already in`] : []),
    ...(failed > 0 ? [`${formatCount(failed)} not taken in`] : []),
  ]
    .map((each) => `; ${each}`)
    .join('');
  return `${pluralize(files, 'file')}: ${sum('read')} rows read = ${sum('added')} new + ${sum('updated')} updated + ${sum('unchanged')} unchanged + ${sum('quarantined')} quarantined${extra}`;
}

/** What a file was taken for: source, mapping, and the forms of its values where they are not the usual ones. */
export function describeFormat({ source, mapping, forms }: Pick<FileSummary, 'source' | 'mapping' | 'forms'>): string {
  const words = [
    mapping ? `${source} by ${mapping}` : source,
    ...(forms.zone === 'UTC' ? [] : [`times in ${forms.zone}`]),
    ...(forms.dateOrder ? [forms.dateOrder === 'dmy' ? 'day first' : 'month first'] : []),
    ...(forms.decimalMark === ',' ? ['decimal comma'] : []),
  ];
  return words.join(', ');
}

/** Reasons shown of each kind; the rest is in the quarantine. */
const maxReasons = 3;

/** Tells on stderr what a person should know of a file that was taken in. */
export function printNotes(io: Io, result: IngestResult): void {
  for (const line of noteLines(result)) io.stderr.write(`${plainLine(clipValue(result.file))}: ${plainLine(line)}\n`);
  if (result.quarantined > 0)
    io.stderr.write(
      `${plainLine(clipValue(result.file))}: wattduck quarantine list tells of all ${formatCount(result.quarantined)}\n`,
    );
}

/** What was left out, left empty, rejected and doubted. */
export function noteLines(summary: FileSummary): string[] {
  const { source, ignored, emptied, rejected, doubtful, toldByDates, forms, quarantined, read } = summary;
  const emptiedFields = Object.entries(emptied);
  return [
    ...(toldByDates
      ? [`its own dates tell that ${forms.dateOrder === 'dmy' ? 'the day' : 'the month'} comes first`]
      : []),
    ...(ignored.length > 0 ? [`not wanted by ${source}, left out: ${listNames(ignored)}`] : []),
    ...(emptiedFields.length > 0
      ? [
          `${pluralize(
            emptiedFields.reduce((sum, [, count]) => sum + count, 0),
            'value',
          )} without meaning left empty: ${emptiedFields.map(([name, count]) => `${name} ${formatCount(count)}`).join(', ')}`,
        ]
      : []),
    ...(quarantined > 0 && quarantined === read ? [`no row could be taken in; are these ${source}?`] : []),
    ...firstFew(
      rejected,
      (each) => `${pluralize(each.rows, 'row')} quarantined: ${describeIssue(each)}; first on line ${each.first}`,
    ),
    ...firstFew(
      doubtful,
      (each) =>
        `${pluralize(each.rows, 'row')} taken in, but doubtful: ${describeIssue(each)}; such as ${clipValue(each.first)}`,
    ),
  ];
}

/** Names shown of those that are left out; --json lists all. */
const maxNames = 20;

const listNames = (names: readonly string[]): string =>
  `${names.slice(0, maxNames).map(clipValue).join(', ')}${names.length > maxNames ? `, … ${formatCount(names.length - maxNames)} more` : ''}`;

const firstFew = (issues: readonly RowIssue[], line: (each: RowIssue) => string): string[] => [
  ...issues.slice(0, maxReasons).map(line),
  ...(issues.length > maxReasons ? [`… and ${pluralize(issues.length - maxReasons, 'reason')} more`] : []),
];
