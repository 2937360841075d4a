import type { FileSummary, IngestOutcome, IngestResult } from '../ingest/result.ts';
import { describeIssue, type RowIssue } from '../ingest/row-issues.ts';
import type { Io } from '../io.ts';
import { formatCount, pluralize } from '../text/format-number.ts';
import { clipValue, plainLine } from '../text/plain-text.ts';

/** One line for an imported file: rows read, and where each of them went. */
export function fileSummary(result: IngestOutcome): string {
  if ('alreadyIn' in result)
    return `${plainLine(result.file)}: already imported on ${result.alreadyIn.slice(0, 19)} UTC, skipped (${result.source}; use --force to import again)`;
  const { file, seconds } = result;
  return `${plainLine(file)}: ${rowAccount(result)} (${describeFormat(result)}, ${seconds.toFixed(1)} s)`;
}

type RowCounts = Pick<
  IngestResult,
  'read' | 'added' | 'updated' | 'unchanged' | 'superseded' | 'quarantined' | 'skipped'
>;

/** Where each row went: `3 rows read = 1 new + …`. Skipped rows appear only if there are any. */
function rowAccount({ read, added, updated, unchanged, superseded, quarantined, skipped }: RowCounts): string {
  const parts = [
    `${formatCount(added)} new`,
    `${formatCount(updated)} updated`,
    `${formatCount(unchanged)} unchanged`,
    `${formatCount(superseded)} superseded`,
    `${formatCount(quarantined)} rejected`,
    ...(skipped > 0 ? [`${formatCount(skipped)} skipped`] : []),
  ];
  return `${pluralize(read, 'row')} read = ${parts.join(' + ')}`;
}

/** One line for all files of a run. */
export function runSummary(files: number, ingested: readonly IngestOutcome[], failed: number): string {
  const results = ingested.filter((each): each is IngestResult => !('alreadyIn' in each));
  const total = (figure: keyof RowCounts): number => results.reduce((sum, result) => sum + result[figure], 0);
  const totals: RowCounts = {
    read: total('read'),
    added: total('added'),
    updated: total('updated'),
    unchanged: total('unchanged'),
    superseded: total('superseded'),
    quarantined: total('quarantined'),
    skipped: total('skipped'),
  };
  const skipped = ingested.length - results.length;
  const extra = [
    ...(skipped > 0 ? [`${formatCount(skipped)} already imported`] : []),
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
  ]
    .map((each) => `; ${each}`)
    .join('');
  return `${pluralize(files, 'file')}: ${rowAccount(totals)}${extra}`;
}

/** Source and mapping of a file, and the formats of its values that are not the default. */
export function describeFormat({ source, mapping, forms }: Pick<FileSummary, 'source' | 'mapping' | 'forms'>): string {
  const words = [
    mapping ? `${source} by ${mapping}` : source,
    ...(forms.zone === 'UTC' ? [] : [`times in ${forms.zone}`]),
    ...(forms.dateOrder ? [forms.dateOrder === 'dmy' ? 'day first' : 'month first'] : []),
    ...(forms.decimalMark === ',' ? ['decimal comma'] : []),
  ];
  return words.join(', ');
}

/** Max reasons to print of each kind. */
const maxReasons = 3;

/** Prints notes and warnings about an imported file to stderr. @param listCommand lists the rejected rows */
export function printNotes(io: Io, result: IngestResult, listCommand = 'wattduck quarantine list'): void {
  for (const line of [...noteLines(result), ...conflictLines(result), ...logSessionLines(result)])
    io.stderr.write(`${line}\n`);
  if (result.quarantined > 0)
    io.stderr.write(
      `${plainLine(clipValue(result.file))}: run \`${plainLine(listCommand)}\` to see ${result.quarantined === 1 ? 'the' : `all ${formatCount(result.quarantined)}`} rejected ${result.quarantined === 1 ? 'row' : 'rows'}\n`,
    );
}

/** Sessions from OCPP transactions, and the transactions without one. */
function logSessionLines({ file, source, logSessions }: IngestResult): string[] {
  if (!logSessions) return [];
  const { added, updated, removed, provided, withoutStart } = logSessions;
  const name = plainLine(clipValue(file));
  if (source === 'charging_sessions')
    return [
      `${name}: removed ${pluralize(removed, 'session')} from OCPP logs that ${removed === 1 ? 'is' : 'are'} also in this file`,
    ];
  const changes = [
    `${formatCount(added)} new`,
    `${formatCount(updated)} updated`,
    ...(removed > 0 ? [`${formatCount(removed)} removed`] : []),
  ];
  return [
    `${name}: sessions from OCPP transactions: ${changes.join(', ')}`,
    ...(provided > 0
      ? [
          `${name}: ${pluralize(provided, 'transaction')} not added: charging_sessions has the session from another file`,
        ]
      : []),
    ...(withoutStart > 0
      ? [
          `warning: ${name}: ${pluralize(withoutStart, 'transaction')} not added: the start is not in the log. Import the log with the start`,
        ]
      : []),
  ];
}

/** Warnings about rows with the same key that are not versions of each other. */
const conflictLines = ({ file, source, conflicts }: IngestResult): string[] =>
  conflicts.map(({ rows, replaced, key, columns, kept, dropped }) => {
    const [verb, other] = replaced ? ['replaced', 'an imported row'] : ['superseded by', 'a row'];
    const subject = `${pluralize(rows, 'row')} ${replaced ? verb : `${rows === 1 ? 'was' : 'were'} ${verb}`}`;
    return `warning: ${plainLine(clipValue(file))}: ${plainLine(`${subject} ${other} with the same key but another ${columns.join(' and ')} (for example ${clipValue(key)}: kept ${clipValue(kept)}; dropped ${clipValue(dropped)}). Check the key of ${source}`)}`;
  });

/** Lines about a file: detected date order, ignored columns and null markers, then warnings about rejected rows and implausible values. */
export function noteLines(summary: FileSummary): string[] {
  const { source, ignored, emptied, rejected, skips, doubtful, toldByDates, toldByNumbers, forms, quarantined, read } =
    summary;
  const file = plainLine(clipValue(summary.file));
  const nullMarkers = Object.entries(emptied);
  const notes = [
    ...summary.notes,
    ...(toldByDates ? [`detected date order: ${forms.dateOrder === 'dmy' ? 'day' : 'month'} first`] : []),
    ...(toldByNumbers ? [`detected decimal mark: ${forms.decimalMark === ',' ? 'comma' : 'point'}`] : []),
    ...(ignored.length > 0 ? [`ignored columns: ${listNames(ignored)}`] : []),
    ...(nullMarkers.length > 0
      ? [
          `${pluralize(
            nullMarkers.reduce((sum, [, count]) => sum + count, 0),
            'null marker',
          )} (such as NA) imported as null: ${nullMarkers.map(([name, count]) => `${name} ${formatCount(count)}`).join(', ')}`,
        ]
      : []),
    ...skips.map(({ rows, reason, first }) => `${pluralize(rows, 'row')} skipped: ${reason} (first on line ${first})`),
  ];
  const warnings = [
    ...(quarantined > 0 && quarantined === read ? [`every row was rejected; is this a file of ${source}?`] : []),
    ...firstFew(
      rejected,
      (each) => `${pluralize(each.rows, 'row')} rejected: ${describeIssue(each)} (first on line ${each.first})`,
      'rows rejected',
    ),
    ...firstFew(
      doubtful,
      (each) =>
        `${pluralize(each.rows, 'row')} with an implausible value: ${describeIssue(each)} (for example ${clipValue(each.first)})`,
      'implausible values',
    ),
  ];
  return [
    ...notes.map((note) => `${file}: ${plainLine(note)}`),
    ...warnings.map((warning) => `warning: ${file}: ${plainLine(warning)}`),
    ...acceptedForms(summary).map((forms) => `${file}: ${forms}`),
  ];
}

/** Min number of rejected rows after which the accepted forms of values are printed. */
const minRows = 10;

/** Forms of values that rejected rows could have had, if the form is at fault rather than a single value. */
function acceptedForms({ rejected, quarantined, read }: FileSummary): string[] {
  const hasReason = (...reasons: string[]): boolean =>
    rejected.some(({ reason, rows }) => reasons.includes(reason) && (rows >= minRows || quarantined === read));
  return [
    ...(hasReason('not a valid timestamp', 'not a valid date')
      ? [
          'accepted times: 2024-03-05T15:04:05+01:00, 5 Mar 2024 3:04 PM, 05.03.2024 15:04, 20240305T150405Z, RFC 2822, Unix time; see docs/sources.md',
        ]
      : []),
    ...(hasReason('not a valid number')
      ? ['accepted numbers: 12.5, 12,5 with --decimal-mark, 12.5 kWh, 1.50 EUR; see docs/sources.md']
      : []),
  ];
}

/** Max names of ignored columns to print; --json lists all. */
const maxNames = 20;

const listNames = (names: readonly string[]): string =>
  `${names.slice(0, maxNames).map(clipValue).join(', ')}${names.length > maxNames ? `, … ${formatCount(names.length - maxNames)} more` : ''}`;

/** The first issues, and the number of the others as the end of a sentence: `rejected for 7 more reasons`. */
const firstFew = (issues: readonly RowIssue[], line: (each: RowIssue) => string, rest: string): string[] => [
  ...issues.slice(0, maxReasons).map(line),
  ...(issues.length > maxReasons ? [`${rest} for ${pluralize(issues.length - maxReasons, 'more reason')}`] : []),
];
