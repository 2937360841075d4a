import { delimiterNames } from '../ingest/table-header.ts';
import type { Io } from '../io.ts';
import type { Preview } from '../map/preview.ts';
import type { ProposedField } from '../map/proposal.ts';
import type { MapSession } from '../map/session.ts';
import { formatCount, pluralize } from '../text/format-number.ts';
import { clipValue, plainLine } from '../text/plain-text.ts';
import { noteLines } from './ingest-summary.ts';

/** Width of lines without a terminal. */
const pipeWidth = 120;

/** Max characters of a value in the list of samples. */
const sampleWidth = 28;

/** Prints a proposal: each column of the table with where it comes from, why, and samples; then the open questions. */
export function printProposal(
  io: Io,
  session: MapSession,
  preview: Preview | undefined,
  lines: readonly number[],
): void {
  const { facts, proposal, layout, input } = session;
  const write = (line = ''): unknown => io.stdout.write(`${plainLine(line)}\n`);
  const form =
    layout.format === 'csv' ? [`CSV with ${delimiterNames[layout.delimiter] ?? layout.delimiter}`] : ['JSON'];
  write(
    `${clipValue(session.path)}: ${pluralize(facts.rows, 'row')}, ${pluralize(facts.columns.length, 'column')}, ${[...form, ...(input.encoding ? [input.encoding] : [])].join(', ')}`,
  );
  for (const note of layout.notes ?? []) write(`  ${note}`);
  for (const format of proposal.formats) write(`  ${format}`);
  if (proposal.source !== '') {
    write();
    write(`Proposed columns of ${proposal.source}:`);
    for (const field of proposal.fields) printField(write, field, preview, io.stdout.columns ?? pipeWidth);
    if (proposal.keyFrom.length > 0) write(`  ID: made of ${proposal.keyFrom.join(', ')}`);
  }
  if (proposal.unmapped.length > 0) {
    write();
    write('Not imported:');
    for (const { name, reason } of proposal.unmapped.slice(0, 40))
      write(`  ${clipValue(name)}${reason ? ` (${reason})` : ''}`);
    if (proposal.unmapped.length > 40) write(`  … ${formatCount(proposal.unmapped.length - 40)} more`);
  }
  if (preview) {
    const { summary, valid, collisions } = preview;
    write();
    write(
      `${pluralize(summary.read, 'row')} = ${formatCount(valid - collisions)} new + ${formatCount(collisions)} with the ID of another row + ${formatCount(summary.quarantined)} rejected + ${formatCount(summary.skipped)} skipped`,
    );
  }
  for (const warning of warningsOf(session, preview, lines)) io.stderr.write(`${plainLine(`warning: ${warning}`)}\n`);
  if (preview)
    for (const line of noteLines({ ...preview.summary, ignored: [], notes: [] })) io.stderr.write(`${line}\n`);
  for (const question of proposal.questions)
    io.stderr.write(
      `${plainLine(`question: ${question.text} ${answersOf(question)}${question.fallback ? ` (with --yes: ${question.fallback})` : ''}`)}\n`,
    );
}

const answersOf = ({ option, column, choices }: MapSession['proposal']['questions'][number]): string => {
  const name = column === undefined ? option : `${option} ${column}=`;
  if (choices.length === 0) return `Use ${name}${column === undefined ? ' ZONE' : 'TEXT'}`;
  return `Use ${name}${column === undefined ? ' ' : ''}${choices
    .slice(0, 6)
    .map(({ value }) => clipValue(value))
    .join(' or ')}`;
};

function printField(
  write: (line?: string) => unknown,
  { column, from, sql, reasons }: ProposedField,
  preview: Preview | undefined,
  width: number,
): void {
  const origin = from.length === 0 ? `constant ${sql}` : from.map(clipValue).join(' + ');
  const why = reasons.filter((reason) => from.length > 0 || reason !== 'as given').join('; ');
  write(`  ${column} <- ${origin}${why === '' ? '' : ` (${why})`}`);
  const samples = (preview?.samples ?? []).map(({ before, after }) => {
    const text = from.map((name) => textOf(before, name)).join(' ');
    return `${shorten(text)} → ${shorten(formatValue(after[column]))}`;
  });
  const shown = [...new Set(samples)].filter((each) => each !== ' → ');
  if (from.length > 0 && preview?.samples[0]?.after[column] !== undefined)
    for (const line of packLines(shown, width - sampleIndent.length)) write(`${sampleIndent}${line}`);
}

const sampleIndent = '      ';

/** Joins samples to lines of a width. */
function packLines(samples: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const sample of samples) {
    const last = lines.at(-1);
    const joined = last === undefined ? sample : `${last} | ${sample}`;
    if (last !== undefined && joined.length <= width) lines[lines.length - 1] = joined;
    else lines.push(sample);
  }
  return lines;
}

/** The text of a column in a row of the file; of a member of a nested object, its value. */
function textOf(row: Record<string, string>, name: string): string {
  if (row[name] !== undefined) return row[name];
  const at = name.lastIndexOf('.');
  try {
    const member = (JSON.parse(row[name.slice(0, at)] ?? '{}') as Record<string, unknown>)[name.slice(at + 1)];
    return member === undefined || member === null ? '' : typeof member === 'string' ? member : JSON.stringify(member);
  } catch {
    return '';
  }
}

const shorten = (text: string): string => (text.length > sampleWidth ? `${text.slice(0, sampleWidth - 1)}…` : text);

const formatValue = (value: unknown): string => (value === null || value === undefined ? '' : String(value));

/** What to check before the import. */
function warningsOf({ proposal }: MapSession, preview: Preview | undefined, lines: readonly number[]): string[] {
  if (!preview || preview.collisions + preview.separated === 0) return proposal.warnings;
  const { collisions, separated, repeated } = preview;
  const where =
    lines.length > 0 ? ` (lines ${lines.join(', ')}${lines.length < collisions + separated ? ', …' : ''})` : '';
  const fate = [
    ...(collisions > 0 ? [`${formatCount(collisions)} replace or equal another row`] : []),
    ...(separated > 0
      ? [
          `${formatCount(separated)} are kept apart${proposal.keepsDuplicates ? '' : ` by ${proposal.separateBy.join(' and ')}`}`,
        ]
      : []),
  ].join(', ');
  return [
    ...proposal.warnings,
    `${pluralize(collisions + separated, 'row')} with the ID of another row, such as ${repeated.map(clipValue).join(', ')}${where}: ${fate}`,
  ];
}

/** The proposal as JSON. */
export function proposalDocument(session: MapSession, preview: Preview | undefined): object {
  const { proposal, facts } = session;
  return {
    file: session.path,
    rows: facts.rows,
    ...proposal,
    mapping: proposal.source === '' ? null : session.text(),
    ...(preview
      ? {
          counts: {
            read: preview.summary.read,
            new: preview.valid - preview.collisions,
            same_id: preview.collisions,
            kept_apart: preview.separated,
            rejected: preview.summary.quarantined,
            skipped: preview.summary.skipped,
          },
          samples: preview.samples,
        }
      : {}),
  };
}
