import type { Format, Mapping, Source } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { normalizeHeader, suggest } from '../text/names.ts';
import { clipped } from '../text/plain-text.ts';
import type { Layout, NestedList } from './layout.ts';
import type { FieldMap } from './text-rows.ts';

/** What a file is: the source it is for, the format it has, which of its names feed what, and the names nothing wants. */
export interface DetectedFormat {
  source: Source;
  format?: Format;
  /** Lists in which the rows are, outermost first; none where they are the records themselves. */
  steps: NestedList[];
  fieldMap: FieldMap;
  ignored: string[];
}

/** A source or mapping held against the names of a file. */
interface Match extends DetectedFormat {
  names: readonly string[];
  /** Names it needs and the file lacks. */
  missing: string[];
  /** Names it needs and the file has. */
  matched: number;
}

/** What a file is to be taken as, where the user says. */
export interface DetectOptions {
  source?: string;
  format?: Format;
  /** True where a file of the source is one whatever it lacks, if it has anything of it. */
  allowMissingColumns?: boolean;
}

/**
 * Finds what a file is: a mapping whose fields it all has, or the source whose required columns it all has. The mapping that needs
 * most fields is the nearest, or the source that uses most; several that need the same ones, for different sources, are taken in one after the other.
 * @throws WattduckError saying what the file lacks, or what it could be.
 */
export function detectFormat(
  sources: readonly Source[],
  formats: readonly Format[],
  layout: Layout,
  fileName: string,
  options: DetectOptions = {},
): DetectedFormat[] {
  const candidates = candidatesFor(sources, formats, options);
  // Records come before what lists in them hold.
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
    const complete = candidateMatches.filter(({ missing }) => missing.length === 0);
    if (complete.length > 0) return pickBest(complete, fileName);
    for (const match of candidateMatches) if (best === undefined || score(match) > score(best)) best = match;
  }
  const namedSource = options.allowMissingColumns ? sources.find(({ name }) => name === options.source) : undefined;
  const partial = namedSource && matchSource(namedSource, layout.names, []);
  // A header of which nothing is known is none: it may be the first row.
  if (partial && (partial.fieldMap.size > 0 || layout.format === 'ndjson')) return [partial];
  throw best && (best.matched > 0 || options.format || options.source !== undefined)
    ? missingFieldsError(best, layout, fileName)
    : unknownFormatError(layout, fileName);
}

/** The share of what it needs that a file has; of equal ones the one that would use most of the file. */
const score = ({ matched, missing, fieldMap }: Match): number =>
  matched / (matched + missing.length) + fieldMap.size / 1000;

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
    throw new WattduckError(
      'usage',
      clipped`no source "${options.source}"`,
      suggest(
        options.source,
        sources.map(({ name }) => name),
      ),
    );
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
  throw new WattduckError(
    'failed',
    clipped`${fileName} could be ${names.join(' or ')}`,
    clipped`Say which with --${mappingMatches.length > 0 ? 'mapping' : 'source'}.`,
  );
}

/** Those with the highest figure. */
function withHighest(matches: readonly Match[], figure: (match: Match) => number): Match[] {
  const highest = Math.max(...matches.map(figure));
  return matches.filter((match) => figure(match) === highest);
}

function matchFormat(format: Format, sources: readonly Source[], names: readonly string[], steps: NestedList[]): Match {
  const fileNames = new Set(names.map(normalizeHeader));
  const requiredNames = new Set(format.detectBy.map(normalizeHeader));
  const extraNames = format.exactFields ? names.filter((name) => !requiredNames.has(normalizeHeader(name))) : [];
  // A name too many keeps a file out as one too few does.
  const missing = [
    ...format.detectBy.filter((name) => !fileNames.has(normalizeHeader(name))),
    ...extraNames.map((name) => `no ${name}`),
  ];
  return {
    source: sources.find(({ name }) => name === format.source)!,
    format,
    steps: [...steps, ...format.unnest.map((key): NestedList => ({ key, withParent: true }))],
    fieldMap: new Map(),
    ignored: [],
    names,
    missing,
    matched: format.detectBy.filter((name) => fileNames.has(normalizeHeader(name))).length,
  };
}

/** The file's names for each field a mapping reads, and those it reads not. */
export function fieldsFor(
  { inputFields, unnest }: Mapping,
  { names, format }: Layout,
): Pick<DetectedFormat, 'fieldMap' | 'ignored'> {
  const byHeader = groupByHeader(names);
  // A key of JSON may turn up only further down.
  const lateField = (name: string): string[] => (format === 'ndjson' ? [name] : []);
  const fieldMap = new Map(
    inputFields.map((name): [string, string[]] => [name, byHeader.get(normalizeHeader(name)) ?? lateField(name)]),
  );
  const used = new Set([...fieldMap.values()].flat());
  return { fieldMap, ignored: unnest.length > 0 ? [] : names.filter((name) => !used.has(name)) };
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
    matched: source.detectBy.length - missing.length,
  };
}

function groupByHeader(names: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) groups.set(normalizeHeader(name), [...(groups.get(normalizeHeader(name)) ?? []), name]);
  return groups;
}

const describeNames = ({ names, format }: Pick<Layout, 'names' | 'format'>): string =>
  `its ${format === 'csv' ? 'header' : 'keys'}: ${names
    .slice(0, 8)
    .map((name) => name.slice(0, 60))
    .join(', ')}${names.length > 8 ? `, … ${names.length - 8} more` : ''}`;

const unknownFormatError = (layout: Layout, fileName: string): WattduckError =>
  new WattduckError(
    'failed',
    clipped`${fileName} is of no format known; ${describeNames(layout)}`,
    'wattduck sources lists what can be taken in; --mapping FILE.sql maps another format.',
  );

function missingFieldsError(
  { source, format, missing, names }: Match,
  layout: Layout,
  fileName: string,
): WattduckError {
  return new WattduckError(
    'failed',
    clipped`${fileName} lacks ${missing.join(', ')} for ${format ? `mapping ${format.name}` : `source ${source.name}`}; ${describeNames({ ...layout, names: [...names] })}`,
    format
      ? 'wattduck sources mappings lists the formats known.'
      : `Rename its columns (wattduck sources describe ${source.name} lists the names accepted), or write a mapping (--template begins one).`,
  );
}
