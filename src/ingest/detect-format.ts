import type { Format, Mapping, Source } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { normalizeHeader, suggest } from '../text/names.ts';
import type { NestedList } from './json-document.ts';
import type { Layout } from './layout.ts';
import type { FieldMap } from './text-rows.ts';

/** The source and format of a file, and how its field names map to them. */
export interface DetectedFormat {
  source: Source;
  format?: Format;
  /** Nested lists that hold the rows, outermost first; empty if the rows are the records themselves. */
  steps: NestedList[];
  fieldMap: FieldMap;
  /** Field names of the file that nothing reads. */
  ignored: string[];
}

/** How well a source or mapping fits the field names of a file. */
interface Match extends DetectedFormat {
  names: readonly string[];
  /** Required names the file does not have. */
  missing: string[];
  /** Names of the file that a mapping of exact fields does not allow. */
  unexpected: string[];
  /** Number of required names the file has. */
  matched: number;
}

/** What the user says about a file. */
export interface DetectOptions {
  source?: string;
  format?: Format;
  /** True to accept a file of `source` if it has any column of it, whichever are missing. */
  allowMissingColumns?: boolean;
}

/**
 * Finds the mapping whose fields a file has, or the source whose required columns it has. The mapping that requires the most fields
 * wins, or the source that uses the most. Mappings that require the same fields for different sources all apply, one after the other.
 * @throws WattduckError that names the missing fields, or the formats that fit equally well
 */
export function detectFormat(
  sources: readonly Source[],
  formats: readonly Format[],
  layout: Layout,
  fileName: string,
  options: DetectOptions = {},
): DetectedFormat[] {
  const candidates = candidatesFor(sources, formats, options);
  // Records come before the lists in them.
  const levels: [NestedList[], readonly string[]][] = [
    [[], layout.names],
    ...[...layout.lists].map(([key, names]): [NestedList[], readonly string[]] => [
      [{ key, withParent: false }],
      names,
    ]),
  ];
  let best: Match | undefined;
  for (const [steps, names] of levels) {
    const candidateMatches = candidates.map((candidate) => candidate(names, steps));
    const complete = candidateMatches.filter(isComplete);
    if (complete.length > 0) return pickBest(complete, fileName);
    for (const match of candidateMatches) if (best === undefined || score(match) > score(best)) best = match;
  }
  const namedSource = options.allowMissingColumns ? sources.find(({ name }) => name === options.source) : undefined;
  const partial = namedSource && matchSource(namedSource, layout.names, []);
  // A header without any known column is not one: it may be the first row.
  if (partial && (partial.fieldMap.size > 0 || layout.format === 'ndjson')) return [partial];
  throw best && (best.matched > 0 || options.format || options.source !== undefined)
    ? missingFieldsError(best, layout, fileName)
    : unknownFormatError(layout, fileName);
}

const isComplete = ({ missing, unexpected }: Match): boolean => missing.length + unexpected.length === 0;

/** Share of the required names that a file has; a tie goes to the match that uses more of the file. */
const score = ({ matched, missing, unexpected, fieldMap }: Match): number =>
  matched / (matched + missing.length + unexpected.length) + fieldMap.size / 1000;

type Candidate = (names: readonly string[], steps: NestedList[]) => Match;

function candidatesFor(sources: readonly Source[], formats: readonly Format[], options: DetectOptions): Candidate[] {
  const formatCandidate =
    (format: Format): Candidate =>
    (names, steps) =>
      matchFormat(format, sources, names, steps);
  const sourceCandidate =
    (source: Source): Candidate =>
    (names, steps) =>
      matchSource(source, names, steps);
  if (options.format) return [formatCandidate(options.format)];
  if (options.source === undefined) return [...formats.map(formatCandidate), ...sources.map(sourceCandidate)];
  const source = sources.find(({ name }) => name === options.source);
  if (!source)
    throw new WattduckError('unknown_source', {
      source: options.source,
      suggestion: suggest(
        options.source,
        sources.map(({ name }) => name),
      ),
    });
  return [...formats.filter((format) => format.source === source.name).map(formatCandidate), sourceCandidate(source)];
}

function pickBest(complete: readonly Match[], fileName: string): Match[] {
  const mappingMatches = complete.filter(({ format }) => format);
  const best =
    mappingMatches.length > 0
      ? withHighest(mappingMatches, ({ matched }) => matched)
      : withHighest(complete, ({ fieldMap }) => fieldMap.size);
  if (best.length === 1) return [...best];
  const requiredFields = ({ format }: Match): string => (format?.detectBy ?? []).map(normalizeHeader).toSorted().join();
  const sharesFields =
    mappingMatches.length > 0 &&
    new Set(best.map(requiredFields)).size === 1 &&
    new Set(best.map(({ source }) => source.name)).size === best.length;
  if (sharesFields) return [...best];
  const names = best.map(({ format, source }) => format?.name ?? source.name);
  throw new WattduckError('ambiguous_format', {
    file: fileName,
    formats: names.join(', '),
    option: mappingMatches.length > 0 ? 'mapping' : 'source',
  });
}

/** The matches with the highest figure. */
function withHighest(matches: readonly Match[], figure: (match: Match) => number): Match[] {
  const highest = Math.max(...matches.map(figure));
  return matches.filter((match) => figure(match) === highest);
}

function matchFormat(format: Format, sources: readonly Source[], names: readonly string[], steps: NestedList[]): Match {
  const fileNames = new Set(names.map(normalizeHeader));
  const requiredNames = new Set(format.detectBy.map(normalizeHeader));
  const missing = format.detectBy.filter((name) => !fileNames.has(normalizeHeader(name)));
  return {
    source: sources.find(({ name }) => name === format.source)!,
    format,
    steps: [...steps, ...format.unnest.map((key): NestedList => ({ key, withParent: true }))],
    fieldMap: new Map(),
    ignored: [],
    names,
    missing,
    unexpected: format.exactFields ? names.filter((name) => !requiredNames.has(normalizeHeader(name))) : [],
    matched: format.detectBy.filter((name) => fileNames.has(normalizeHeader(name))).length,
  };
}

/** The file's names for each field a mapping reads, and the names it does not read. */
export function fieldsFor(
  { inputFields, unnest }: Mapping,
  { names, format }: Layout,
): Pick<DetectedFormat, 'fieldMap' | 'ignored'> {
  const byHeader = groupByHeader(names);
  // A JSON key may first appear after the sampled lines.
  const lateField = (name: string): string[] => (format === 'ndjson' ? [name] : []);
  const fieldMap = new Map(
    inputFields.map((name): [string, string[]] => [name, byHeader.get(normalizeHeader(name)) ?? lateField(name)]),
  );
  const used = new Set([...fieldMap.values()].flat());
  return { fieldMap, ignored: unnest.length > 0 ? [] : names.filter((name) => !used.has(name)) };
}

/** The file's names for each column of a source, and the names it does not read. */
export function fieldsOfSource(source: Source, names: readonly string[]): Pick<DetectedFormat, 'fieldMap' | 'ignored'> {
  const { fieldMap, ignored } = matchSource(source, names, []);
  return { fieldMap, ignored };
}

function matchSource(source: Source, names: readonly string[], steps: NestedList[]): Match {
  const byHeader = groupByHeader(names);
  const fieldMap = new Map<string, string[]>();
  const used = new Set<string>();
  for (const { name, aliases } of source.columns) {
    const found = [name, ...aliases].flatMap((candidate) => byHeader.get(normalizeHeader(candidate)) ?? []);
    if (found.length === 0) continue;
    fieldMap.set(name, found);
    for (const each of found) used.add(each);
  }
  const missing = source.detectBy.filter((name) => !fieldMap.has(name));
  return {
    source,
    steps,
    fieldMap,
    ignored: names.filter((name) => !used.has(name)),
    names,
    missing,
    unexpected: [],
    matched: source.detectBy.length - missing.length,
  };
}

function groupByHeader(names: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) groups.set(normalizeHeader(name), [...(groups.get(normalizeHeader(name)) ?? []), name]);
  return groups;
}

/** The first field names of a file and their label, for an error. */
const describeNames = (names: readonly string[], format: Layout['format']): { label: string; names: string } => ({
  label: format === 'csv' ? 'Header' : 'Keys',
  names: `${names
    .slice(0, 8)
    .map((name) => name.slice(0, 60))
    .join(', ')}${names.length > 8 ? `, … ${names.length - 8} more` : ''}`,
});

const unknownFormatError = ({ names, format }: Layout, fileName: string): WattduckError =>
  new WattduckError('unrecognized_format', { file: fileName, ...describeNames(names, format) });

function missingFieldsError(
  { source, format, missing, unexpected, names }: Match,
  layout: Layout,
  fileName: string,
): WattduckError {
  const header = describeNames(names, layout.format);
  if (!format)
    return new WattduckError('missing_source_columns', {
      file: fileName,
      source: source.name,
      missing: missing.join(', '),
      ...header,
    });
  const problems = [
    ...(missing.length > 0 ? [`missing ${missing.join(', ')}`] : []),
    ...(unexpected.length > 0 ? [`unexpected ${unexpected.join(', ')}`] : []),
  ].join('; ');
  return new WattduckError('missing_mapping_fields', { file: fileName, mapping: format.name, problems, ...header });
}
