import { parse } from 'csv-parse/sync';
import { WattduckError } from '../errors/wattduck-error.ts';
import { formatCount, pluralize } from '../text/format-number.ts';
import { normalizeHeader } from '../text/names.ts';
import { isNotBlank } from './line-reader.ts';

/** Parts of a table's header that are known and need no detection. */
export interface HeaderOptions {
  /** Field separator of a CSV file; a space stands for any run of spaces. */
  delimiter?: string;
  /** Number of lines above the header, or above the first row of a file without one. */
  skipLines?: number;
  /** False for a file without a header. */
  header?: boolean;
  /** Field names of a file without a header. */
  columns?: readonly string[];
}

/** Where a CSV file begins, and how its fields are separated. */
export interface TableHeader {
  delimiter: string;
  names: string[];
  /** Lines above the header, or above the first row of a file without one. */
  skip: number;
  hasHeader: boolean;
  /** What was detected, for the user. */
  notes: string[];
}

const delimiters = [',', ';', '\t', '|'];
/** Names of delimiters, by character. */
export const delimiterNames: Readonly<Record<string, string>> = {
  ',': 'comma',
  ';': 'semicolon',
  '\t': 'tab',
  '|': 'pipe',
  ' ': 'space',
};
/** DuckDB takes seconds to plan a file with more columns. */
export const maxColumns = 10_000;

/** Max lines that are considered as a header. */
const maxTitleLines = 50;
/** Lines below a header that its fields are compared with. */
const comparedLines = 100;

/** A line as a header. */
interface HeaderCandidate {
  at: number;
  delimiter: string;
  names: string[];
  /** Number of its fields that are known names. */
  known: number;
  /** True if most lines below have as many fields, or no line is below. */
  fitsRows: boolean;
  /** Why the line cannot be read as fields. */
  error?: WattduckError;
}

/**
 * Finds the header of a CSV file: its first line, unless a line below has the names and the number of fields of a header.
 * @param lines the first lines of the file, at least one of them not blank
 * @param knownNames normalized names of columns and fields that can be imported
 */
export function detectTableHeader(
  fileName: string,
  lines: readonly string[],
  knownNames: ReadonlySet<string>,
  options: HeaderOptions = {},
): TableHeader {
  const { skipLines = 0, header = true } = options;
  const separatorLine = skipLines === 0 ? separatorIn(lines[firstText(lines, 0)] ?? '') : undefined;
  const start = firstText(lines, separatorLine === undefined ? skipLines : firstText(lines, 0) + 1);
  if (start >= lines.length)
    throw new WattduckError('nothing_below_skipped_lines', {
      file: fileName,
      lines: formatCount(Math.max(skipLines, start)),
    });
  const given = options.delimiter ?? separatorLine;
  const candidateAt = (at: number): HeaderCandidate => bestCandidate(fileName, lines, at, given, knownNames);
  const found = !header || skipLines > 0 ? candidateAt(start) : findHeader(lines, start, candidateAt);
  if (found.error) throw found.error;
  if (!header) return headerless(fileName, found, options);
  const detected = given === undefined && found.delimiter === ' ' ? ['detected delimiter: space'] : [];
  if (found.known === 0 && found.names.length <= maxColumns && found.names.some(isValue))
    throw headerMissingError(fileName, found);
  return {
    delimiter: found.delimiter,
    names: found.names,
    skip: found.at,
    hasHeader: true,
    notes: [...detected, ...(skipLines === 0 ? skipNotes(lines, found.at) : [])],
  };
}

/** Names the lines above the header, unless they are blank. */
function skipNotes(lines: readonly string[], skip: number): string[] {
  const skipped = lines.slice(0, skip).filter(isNotBlank);
  const [first] = skipped;
  if (first === undefined) return [];
  return [
    `skipped ${pluralize(skipped.length, 'line')} above the header: ${first.trim().slice(0, 60)}${skipped.length > 1 ? ' …' : ''}`,
  ];
}

function headerless(fileName: string, first: HeaderCandidate, { columns }: HeaderOptions): TableHeader {
  if (columns === undefined) throw headerMissingError(fileName, first);
  if (columns.length !== first.names.length)
    throw new WattduckError('columns_do_not_fit_row', {
      file: fileName,
      columns: formatCount(columns.length),
      fields: pluralize(first.names.length, 'field'),
      row: first.names.join(', '),
    });
  return { delimiter: first.delimiter, names: [...columns], skip: first.at, hasHeader: false, notes: [] };
}

const headerMissingError = (fileName: string, { names }: HeaderCandidate): WattduckError =>
  new WattduckError('header_missing', {
    file: fileName,
    row: names.join(', '),
    fields: pluralize(names.length, 'field'),
  });

const firstText = (lines: readonly string[], from: number): number => {
  const at = lines.slice(from).findIndex(isNotBlank);
  return at < 0 ? lines.length : from + at;
};

/** The delimiter in Excel's `sep=;`. */
const separatorIn = (line: string): string | undefined => {
  const found = /^"?sep=(\\t|.)"?\s*$/i.exec(line)?.[1] ?? /^"?sep=(\t)"?$/i.exec(line)?.[1];
  return found === String.raw`\t` ? '\t' : found;
};

function findHeader(
  lines: readonly string[],
  start: number,
  candidateAt: (at: number) => HeaderCandidate,
): HeaderCandidate {
  const first = candidateAt(start);
  if (first.known > 1 && first.fitsRows) return first;
  const others = lines
    .slice(start + 1, start + maxTitleLines)
    .map((line, place) => ({ line, at: start + 1 + place }))
    .filter(({ line }) => isNotBlank(line))
    .map(({ at }) => candidateAt(at));
  const named = others
    .filter(({ known, fitsRows }) => known > 1 && known > first.known && fitsRows)
    .toSorted((a, b) => b.known - a.known)[0];
  if (named) return named;
  if (first.known > 0 || (first.fitsRows && !isComment(lines[start]!) && !isTitle(first))) return first;
  const shaped = others.find(({ names, fitsRows }) => names.length > 1 && fitsRows && !names.some(isValue));
  return shaped ?? first;
}

/** Whether a line has one text and otherwise empty fields, as spreadsheets save a title. */
const isTitle = ({ names }: HeaderCandidate): boolean => names.length > 2 && names.filter(isNotBlank).length === 1;

const isComment = (line: string): boolean => line.trimStart().startsWith('#');

/** Whether a field is empty, a number or a date rather than a name. */
const isValue = (field: string): boolean => /^\s*$|^[+-]?[\d.,]+$|^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}/.test(field.trim());

/** The best way to split a line as a header: the most known names, then fields as in the rows below, then the most fields. */
function bestCandidate(
  fileName: string,
  lines: readonly string[],
  at: number,
  delimiter: string | undefined,
  knownNames: ReadonlySet<string>,
): HeaderCandidate {
  const candidate = (each: string): HeaderCandidate => candidateOf(fileName, lines, at, each, knownNames);
  const all = (delimiter === undefined ? delimiters : [delimiter]).map(candidate);
  const best = all.toSorted(
    (a, b) =>
      b.known - a.known ||
      Number(b.names.length > 1) - Number(a.names.length > 1) ||
      Number(b.fitsRows) - Number(a.fitsRows) ||
      b.names.length - a.names.length,
  )[0]!;
  if (delimiter !== undefined || best.names.length > 1) return best;
  // Text has spaces too: only names in every field and rows that fit show that they separate fields.
  const spaced = candidate(' ');
  return spaced.known > 1 && spaced.known === spaced.names.length && spaced.fitsRows ? spaced : best;
}

function candidateOf(
  fileName: string,
  lines: readonly string[],
  at: number,
  delimiter: string,
  knownNames: ReadonlySet<string>,
): HeaderCandidate {
  const { names, error } = firstRecord(fileName, lines.slice(at), delimiter);
  const rows = lines.slice(at + 1, at + 1 + comparedLines).filter(isNotBlank);
  const fitting = rows.filter((line) => countFields(line, delimiter) === names.length).length;
  return {
    at,
    delimiter,
    names,
    known: new Set(names.map(normalizeHeader).filter((name) => knownNames.has(name))).size,
    fitsRows: fitting * 2 >= rows.length,
    ...(error ? { error } : {}),
  };
}

function firstRecord(
  fileName: string,
  lines: readonly string[],
  delimiter: string,
): Pick<HeaderCandidate, 'names' | 'error'> {
  // A name may have line breaks, but hardly more than these.
  const text = lines.slice(0, comparedLines).join('\n');
  try {
    const [fields] = parse(delimiter === ' ' ? collapseSpaces(text) : text, {
      delimiter,
      to: 1,
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as string[][];
    return { names: fields ?? [] };
  } catch (error) {
    return {
      names: (lines[0] ?? '').split(delimiter),
      error: new WattduckError('unreadable_header', { file: fileName, reason: (error as Error).message }, error),
    };
  }
}

/** Fields of a line, if no value has a line break. */
function countFields(line: string, delimiter: string): number {
  const text = delimiter === ' ' ? collapseSpaces(line) : line;
  return (text.includes('"') ? text.replaceAll(/"(?:[^"]|"")*"/g, '') : text).split(delimiter).length;
}

/** Replaces each run of spaces outside quotes by one, and removes those at the ends of lines. */
export const collapseSpaces = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim().replaceAll(/("(?:[^"]|"")*")|[ \t]+/g, (_, quoted?: string) => quoted ?? ' '))
    .join('\n');

/** A delimiter by its name or character. */
export function parseDelimiter(value: string): string {
  const named = Object.entries(delimiterNames).find(([, name]) => name === value.toLowerCase())?.[0];
  const delimiter = named ?? (value === String.raw`\t` ? '\t' : value);
  if (/^[\t -~]$/.test(delimiter) && !/["\w]/.test(delimiter)) return delimiter;
  throw new WattduckError('invalid_delimiter_option', { value, names: Object.values(delimiterNames).join(', ') });
}
