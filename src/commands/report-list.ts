import type { Report } from '../catalog/definitions.ts';
import { printRows, type OutputOptions } from '../render/print-rows.ts';
import { writeText } from '../render/write-stream.ts';
import { pluralize } from '../text/format-number.ts';
import { toKebabCase } from '../text/names.ts';
import { clipped, plainLine } from '../text/plain-text.ts';
import type { DefinitionContext } from './context.ts';

/** Max characters of a line. */
const maxLine = 60;
/** Width of the names; longer ones have their summary on the next line. */
const nameWidth = 23;

/** Lists the reports by group, the most useful ones first. */
export async function listReports(context: DefinitionContext, options: OutputOptions, all = false): Promise<void> {
  const reports = sortByGroup(await context.catalog.reports());
  const listed = all ? reports : reports.filter(({ listing }) => listing !== 'helper');
  await printList(context, listed, sectionsOf(listed), options);
  noteHidden(context, reports.length - listed.length);
}

/**
 * Lists the reports about a word that is not the name of one, those with it in their name first.
 * @throws WattduckError (unknown_report) with the nearest names if the word does not occur in any
 */
export async function listMatches(
  context: DefinitionContext,
  word: string,
  options: OutputOptions,
  all = false,
): Promise<void> {
  const reports = sortByGroup(await context.catalog.reports());
  const about = reports.filter(({ name, group, title, summary = '' }) =>
    hasWords([name, group, title, summary].join(' '), word),
  );
  if (about.length === 0) await context.catalog.report(word);
  const shown =
    all || about.every(({ listing }) => listing === 'helper')
      ? about
      : about.filter(({ listing }) => listing !== 'helper');
  const sorted = shown.toSorted((a, b) => Number(hasWords(b.name, word)) - Number(hasWords(a.name, word)));
  await printList(context, sorted, [sorted.map(listLine).join('\n')], options);
  context.io.stderr.write(
    `${plainLine(clipped`"${word}" is not a report: showing ${pluralize(sorted.length, 'report')} about it`)}\n`,
  );
  noteHidden(context, about.length - sorted.length);
}

function noteHidden({ io }: DefinitionContext, hidden: number): void {
  if (hidden > 0) io.stderr.write(`${pluralize(hidden, 'helper report')} hidden (use --all)\n`);
}

/** Whether a text has all words of another. A single word may be the start or the plural of one; a misspelt name has several. */
function hasWords(text: string, wanted: string): boolean {
  const known = wordsIn(text);
  const words = wordsIn(wanted);
  if (words.length !== 1) return words.length > 0 && words.every((word) => known.includes(word));
  const [word] = words as [string];
  return known.some((each) => each === word || `${each}s` === word || (word.length > 2 && each.startsWith(word)));
}

const wordsIn = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** Prints a list for people, or rows in the format that the options choose. */
async function printList(
  { io }: DefinitionContext,
  reports: readonly Report[],
  sections: readonly string[],
  options: OutputOptions,
): Promise<void> {
  const { format, json, output, columns: columnNames, csvSafe, wide } = options;
  if ([format, json, output, columnNames, csvSafe, wide].every((option) => option === undefined)) {
    return writeText(io, `${sections.join('\n\n')}\n`);
  }
  const rows = reports.map((report) => ({
    group: report.group,
    report: toKebabCase(report.name),
    what: firstSentence(report.description),
  }));
  const columns = ['group', 'report', 'what'].map((name) => ({ name, type: 'VARCHAR' }));
  await printRows(io, { columns, rows, total: rows.length, moreHint: '', document: () => rows }, options);
}

/** The ten most useful reports, then the others by group. */
function sectionsOf(reports: readonly Report[]): string[] {
  const top = reports.filter(({ listing }) => listing === 'top');
  const others = reports.filter(({ listing }) => listing !== 'top');
  return [
    ...(top.length > 0 ? [section('most useful', top)] : []),
    ...[...new Set(others.map(({ group }) => group))].map((group) =>
      section(
        group,
        others.filter((report) => report.group === group),
      ),
    ),
  ];
}

const section = (title: string, reports: readonly Report[]): string =>
  [plainLine(`${title[0]!.toUpperCase()}${title.slice(1)}`), ...reports.map(listLine)].join('\n');

/** Name and summary of a report in one line, or in two if the name is long. */
function listLine({ name, summary, title }: Report): string {
  const shown = plainLine(toKebabCase(name));
  const start = `  ${shown.padEnd(nameWidth)}  `;
  const indent = shown.length > nameWidth ? `\n${' '.repeat(nameWidth + 4)}` : '';
  const text = shorten(plainLine(summary ?? title), maxLine - nameWidth - 4);
  return indent === '' ? `${start}${text}`.trimEnd() : `${start.trimEnd()}${indent}${text}`;
}

/** A text cut at a word. */
const shorten = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, Math.max(0, max - 1)).replace(/\s+\S*$/, '')}…`;

const sortByGroup = (reports: readonly Report[]): Report[] =>
  reports.toSorted((a, b) => (a.group + a.name < b.group + b.name ? -1 : 1));

const firstSentence = (text: string): string => text.split(/(?<=\.)\s/)[0]!.replace(/\.$/, '');
