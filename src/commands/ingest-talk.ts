import { said, type Noted } from '../ingest/notes.ts';
import type { Account, Found, Ingested } from '../ingest/result.ts';
import type { Io } from '../io.ts';
import { pluralize, formatCount } from '../text/format-number.ts';
import { clipValue, plainLine } from '../text/plain-text.ts';

/** The account of a file: what was read, and where every row went. */
export function summary(account: Ingested): string {
  if ('alreadyIn' in account)
    return `${plainLine(account.file)}: already in since ${account.alreadyIn.slice(0, 19)} UTC, unchanged (${account.source}); --force takes it in again`;
  const { file, read, added, updated, unchanged, quarantined, seconds } = account;
  return `${plainLine(file)}: ${pluralize(read, 'row')} read = ${formatCount(added)} new + ${formatCount(updated)} updated + ${formatCount(unchanged)} unchanged + ${formatCount(quarantined)} quarantined (${taken(account)}, ${seconds.toFixed(1)} s)`;
}

/** The account of all files of a run. */
export function total(files: number, ingested: readonly Ingested[], refused: number): string {
  const accounts = ingested.filter((each): each is Account => !('alreadyIn' in each));
  const sum = (figure: 'read' | 'added' | 'updated' | 'unchanged' | 'quarantined'): string =>
    formatCount(accounts.reduce((all, account) => all + account[figure], 0));
  const known = ingested.length - accounts.length;
  const aside = [
    ...(known > 0 ? [`${formatCount(known)} already in`] : []),
    ...(refused > 0 ? [`${formatCount(refused)} not taken in`] : []),
  ]
    .map((each) => `; ${each}`)
    .join('');
  return `${pluralize(files, 'file')}: ${sum('read')} rows read = ${sum('added')} new + ${sum('updated')} updated + ${sum('unchanged')} unchanged + ${sum('quarantined')} quarantined${aside}`;
}

/** What a file was taken for: source, mapping, and the forms of its values where they are not the usual ones. */
export function taken({ source, mapping, forms }: Pick<Found, 'source' | 'mapping' | 'forms'>): string {
  const words = [
    mapping ? `${source} by ${mapping}` : source,
    ...(forms.zone === 'UTC' ? [] : [`times in ${forms.zone}`]),
    ...(forms.dateOrder ? [forms.dateOrder === 'dmy' ? 'day first' : 'month first'] : []),
    ...(forms.decimalMark === ',' ? ['decimal comma'] : []),
  ];
  return words.join(', ');
}

/** Reasons shown of each kind; the rest is in the quarantine. */
const shown = 3;

/** Tells on stderr what a person should know of a file that was taken in. */
export function tell(io: Io, account: Account): void {
  for (const line of notes(account)) io.stderr.write(`${plainLine(clipValue(account.file))}: ${plainLine(line)}\n`);
  if (account.quarantined > 0)
    io.stderr.write(
      `${plainLine(clipValue(account.file))}: wattduck quarantine list tells of all ${formatCount(account.quarantined)}\n`,
    );
}

/** What was left out, left empty, rejected and doubted. */
export function notes(found: Found): string[] {
  const { source, ignored, emptied, rejected, doubtful, toldByDates, forms, quarantined, read } = found;
  const empty = Object.entries(emptied);
  return [
    ...(toldByDates
      ? [`its own dates tell that ${forms.dateOrder === 'dmy' ? 'the day' : 'the month'} comes first`]
      : []),
    ...(ignored.length > 0 ? [`not wanted by ${source}, left out: ${listed(ignored)}`] : []),
    ...(empty.length > 0
      ? [
          `${pluralize(
            empty.reduce((sum, [, count]) => sum + count, 0),
            'value',
          )} without meaning left empty: ${empty.map(([name, count]) => `${name} ${formatCount(count)}`).join(', ')}`,
        ]
      : []),
    ...(quarantined > 0 && quarantined === read ? [`no row could be taken in; are these ${source}?`] : []),
    ...cut(
      rejected,
      (each) => `${pluralize(each.rows, 'row')} quarantined: ${said(each)}; first on line ${each.first}`,
    ),
    ...cut(
      doubtful,
      (each) =>
        `${pluralize(each.rows, 'row')} taken in, but doubtful: ${said(each)}; such as ${clipValue(each.first)}`,
    ),
  ];
}

/** Names shown of those that are left out; --json lists all. */
const shownNames = 20;

const listed = (names: readonly string[]): string =>
  `${names.slice(0, shownNames).map(clipValue).join(', ')}${names.length > shownNames ? `, … ${formatCount(names.length - shownNames)} more` : ''}`;

const cut = (noted: readonly Noted[], line: (each: Noted) => string): string[] => [
  ...noted.slice(0, shown).map(line),
  ...(noted.length > shown ? [`… and ${pluralize(noted.length - shown, 'reason')} more`] : []),
];
