import type { Mapping, Source, SourceColumn } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { isConvertible, parseHeaderUnit, unitToAppend, type HeaderUnit } from '../text/header-units.ts';
import { findSimilar, normalizeHeader, suggest } from '../text/names.ts';
import { plainLine } from '../text/plain-text.ts';
import { shellWord } from '../text/shell-word.ts';
import { isIdentifying } from './column-words.ts';
import { standardInputName } from './input.ts';
import type { NestedList } from './json-document.ts';
import type { Layout } from './layout.ts';
import { typedFields, type FieldMap } from './text-rows.ts';
import { needsTable } from './reshape-table.ts';

/** How the field names of a file map to a source or mapping. */
interface FileFields {
  fieldMap: FieldMap;
  /** Units to append to the numbers of a field, from its name: `Energy (Wh)` for a column in kWh. */
  fieldUnits: ReadonlyMap<string, string>;
  /** Values of columns that the file does not have, from its header: `Total Cost (EUR)` gives the currency. */
  constants: ReadonlyMap<string, string>;
  /** Field names of the file that nothing reads. */
  ignored: string[];
  /** Facts about the fields to print, as sentences. */
  notes: string[];
}

/** The source and format of a file, and how its field names map to them. */
export interface DetectedFormat extends FileFields {
  source: Source;
  format?: Mapping;
  /** Nested lists that hold the rows, outermost first; empty if the rows are the records themselves. */
  steps: NestedList[];
}

/** How well a source or mapping fits the field names of a file. */
interface Match extends DetectedFormat {
  names: readonly string[];
  /** Required names the file does not have. */
  missing: string[];
  /** Names of the file that a mapping of exact fields does not allow. */
  unexpected: string[];
  /** Names of the file that a built-in mapping does not know. */
  unknown: string[];
  /** Number of required names the file has. */
  matched: number;
}

type MappingMatch = Match & { format: Mapping };

/** What the user says about a file. */
export interface DetectOptions {
  source?: string;
  format?: Mapping;
  /** True to accept a file of `source` if it has any column of it, whichever are missing. */
  allowMissingColumns?: boolean;
}

/**
 * Finds the mapping or source that a file fits. A mapping of the user comes first; then a built-in mapping that knows every field
 * of the file; then a source whose columns the file has. A built-in mapping that does not know an ID, user, amount or status of the
 * file does not fit. Mappings that require the same fields for different sources all apply, one after the other.
 * @throws WattduckError that names the missing fields, or the formats that fit equally well
 */
export function detectFormat(
  sources: readonly Source[],
  mappings: readonly Mapping[],
  layout: Layout,
  fileName: string,
  options: DetectOptions = {},
): DetectedFormat[] {
  // Only a table has cells.
  const usable = layout.format === 'csv' ? mappings : mappings.filter((mapping) => !needsTable(mapping));
  const candidates = candidatesFor(sources, usable, options);
  // Records come before the lists in them.
  const levels: [NestedList[], readonly string[]][] = [
    [[], layout.names],
    ...[...layout.lists].map(([key, names]): [NestedList[], readonly string[]] => [
      [{ key, withParent: false }],
      names,
    ]),
  ];
  const incomplete: Match[] = [];
  for (const [steps, names] of levels) {
    const matches = candidates.map((candidate) => candidate(names, steps));
    const chosen = chooseMatches(matches.filter(isComplete), layout, fileName, options);
    if (chosen) return chosen;
    incomplete.push(...matches.filter((match) => !isComplete(match)));
  }
  const namedSource = options.allowMissingColumns ? sources.find(({ name }) => name === options.source) : undefined;
  const partial = namedSource && matchSource(namedSource, layout.names, []);
  // A header without any known column is not one: it may be the first row.
  if (partial && (partial.fieldMap.size > 0 || layout.format === 'ndjson')) return [partial];
  throw noMatchError(incomplete, layout, fileName, options);
}

const isComplete = ({ missing, unexpected }: Match): boolean => missing.length + unexpected.length === 0;

type Candidate = (names: readonly string[], steps: NestedList[]) => Match;

function candidatesFor(sources: readonly Source[], mappings: readonly Mapping[], options: DetectOptions): Candidate[] {
  const mappingCandidate =
    (mapping: Mapping): Candidate =>
    (names, steps) =>
      matchMapping(mapping, sources, names, steps);
  const sourceCandidate =
    (source: Source): Candidate =>
    (names, steps) =>
      matchSource(source, names, steps, options.source === undefined ? source.detectBy : requiredColumns(source));
  if (options.format) return [mappingCandidate(options.format)];
  if (options.source === undefined) return [...mappings.map(mappingCandidate), ...sources.map(sourceCandidate)];
  const source = sources.find(({ name }) => name === options.source);
  if (!source)
    throw new WattduckError('unknown_source', {
      source: options.source,
      suggestion: suggest(
        options.source,
        sources.map(({ name }) => name),
      ),
    });
  return [
    ...mappings.filter((mapping) => mapping.source === source.name).map(mappingCandidate),
    sourceCandidate(source),
  ];
}

/** Columns without which no row of a source is valid. */
const requiredColumns = ({ columns }: Source): string[] =>
  columns.filter((column) => column.required && column.default === undefined).map(({ name }) => name);

/** The matches to use of those that have every required name; undefined if none can be used. */
function chooseMatches(
  complete: readonly Match[],
  layout: Layout,
  fileName: string,
  options: DetectOptions,
): Match[] | undefined {
  if (complete.length === 0) return undefined;
  if (options.format) return [...complete];
  const mappingMatches = complete.filter((match): match is MappingMatch => match.format !== undefined);
  const sourceMatches = complete.filter(({ format }) => !format);
  const ofUser = mappingMatches.filter(({ format }) => !format.isBuiltIn);
  if (ofUser.length > 0) return pickBest(ofUser, fileName);

  const builtIn = mappingMatches.filter(({ format }) => format.isBuiltIn);
  const known = builtIn.filter(({ unknown }) => unknown.length === 0);
  const open = builtIn.filter(({ unknown }) => unknown.length > 0 && !unknown.some(isIdentifying));
  const ambiguous = builtIn.filter(({ unknown }) => unknown.some(isIdentifying));
  if (options.source !== undefined) {
    const direct = sourceMatches.filter(hasOwnNames);
    for (const group of [direct, known, sourceMatches, open]) if (group.length > 0) return pickBest(group, fileName);
    if (options.allowMissingColumns && ambiguous.length > 0) throw ambiguousColumnsError(ambiguous, [], fileName);
    return undefined;
  }
  if (known.length > 0) return pickBest(known, fileName);
  // Standards such as OCPI allow further keys in JSON; a CSV file with further columns may be of another system.
  const isContested = layout.format === 'csv' && sourceMatches.length > 0;
  if (open.length > 0 && !isContested) return pickBest(open, fileName);
  if (builtIn.length > 0) throw ambiguousColumnsError(builtIn, sourceMatches, fileName);
  return pickBest(sourceMatches, fileName);
}

/** Whether a file has the required columns of a source under their own names, rather than other accepted names. */
const hasOwnNames = ({ source, names }: Match): boolean => {
  const headers = new Set(names.map(normalizeHeader));
  return requiredColumns(source).every((name) => headers.has(normalizeHeader(name)));
};

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
function withHighest<T>(matches: readonly T[], figure: (match: T) => number): T[] {
  const highest = Math.max(...matches.map(figure));
  return matches.filter((match) => figure(match) === highest);
}

/** A file resembles built-in mappings that do not know some of its columns. */
function ambiguousColumnsError(
  mappingMatches: readonly Match[],
  sourceMatches: readonly Match[],
  fileName: string,
): WattduckError {
  const [first] = mappingMatches.toSorted((a, b) => b.matched - a.matched || a.unknown.length - b.unknown.length);
  const columns = first!.unknown.filter(isIdentifying);
  return new WattduckError('ambiguous_columns', {
    file: fileName,
    file_argument: fileArgument(fileName),
    columns: firstNames(columns.length > 0 ? columns : first!.unknown),
    source: (sourceMatches[0] ?? first!).source.name,
  });
}

function matchMapping(
  mapping: Mapping,
  sources: readonly Source[],
  names: readonly string[],
  steps: NestedList[],
): Match {
  const fileNames = new Set(names.map(normalizeHeader));
  const requiredNames = new Set(mapping.detectBy.map(normalizeHeader));
  const missing = mapping.detectBy.filter((name) => !fileNames.has(normalizeHeader(name)));
  return {
    source: sources.find(({ name }) => name === mapping.source)!,
    format: mapping,
    steps: [...steps, ...mapping.unnest.map((key): NestedList => ({ key, withParent: true }))],
    fieldMap: new Map(),
    fieldUnits: new Map(),
    constants: new Map(),
    ignored: [],
    notes: [],
    names,
    missing,
    unexpected: mapping.exactFields ? names.filter((name) => !requiredNames.has(normalizeHeader(name))) : [],
    unknown: mapping.isBuiltIn ? unknownNames(mapping, names) : [],
    matched: mapping.detectBy.filter((name) => fileNames.has(normalizeHeader(name))).length,
  };
}

/** Names of a file that a mapping neither requires, reads nor declares as ignored. */
function unknownNames(mapping: Mapping, names: readonly string[]): string[] {
  const { detectBy, inputFields, ignoredFields, unnest, unpivot } = mapping;
  if (unpivot && !unpivot.columns) return [];
  // Below a nested list, the fields it reads are those of the list's elements.
  const read = unnest.length > 0 ? unnest.slice(0, 1) : inputFields;
  const known = new Set([...detectBy, ...read, ...ignoredFields, ...(unpivot?.columns ?? [])].map(normalizeHeader));
  // A family of fields, such as those of metadata, has a common end.
  const ends = ignoredFields.filter((name) => name.startsWith('*')).map(normalizeHeader);
  const isKnown = (name: string): boolean => known.has(name) || ends.some((end) => name.endsWith(end));
  return names.filter((name) => !isKnown(normalizeHeader(name)));
}

/** The file's names for each field a mapping reads, and the names it does not read. */
export function fieldsFor(mapping: Mapping, { names, format }: Layout): FileFields {
  const { inputFields, unnest, unpivot } = mapping;
  const byHeader = groupByHeader(names);
  // A JSON key may first appear after the sampled lines.
  const lateField = (name: string): string[] => (format === 'ndjson' ? [name] : []);
  const fieldMap = new Map(
    inputFields.map((name): [string, string[]] => [name, byHeader.get(normalizeHeader(name)) ?? lateField(name)]),
  );
  const cells = (unpivot?.columns ?? []).flatMap((name) => byHeader.get(normalizeHeader(name)) ?? []);
  const used = new Set([...[...fieldMap.values()].flat(), ...cells]);
  const unused = names.filter((name) => !used.has(name));
  return {
    fieldMap,
    fieldUnits: new Map(),
    constants: new Map(),
    ignored: unnest.length > 0 ? [] : unused,
    notes: mapping.isBuiltIn ? [] : misspeltFields(mapping, byHeader, unused),
  };
}

/** The file's names for each column of a source, and the names it does not read. */
export function fieldsOfSource(source: Source, names: readonly string[]): FileFields {
  const { fieldMap, fieldUnits, constants, ignored, notes } = matchSource(source, names, []);
  return { fieldMap, fieldUnits, constants, ignored, notes };
}

/** Notes about fields of a mapping that the file does not have although it has a similar one that nothing reads. */
const misspeltFields = (
  { name, inputFields }: Mapping,
  byHeader: ReadonlyMap<string, string[]>,
  unused: readonly string[],
): string[] =>
  inputFields.flatMap((field) => {
    const similar = byHeader.has(normalizeHeader(field)) ? undefined : findSimilar(field, unused);
    return similar === undefined ? [] : [`field "${field}" of mapping ${name} not found; did you mean "${similar}"?`];
  });

function matchSource(
  source: Source,
  names: readonly string[],
  steps: NestedList[],
  required: readonly string[] = source.detectBy,
): Match {
  const byHeader = groupByHeader(names);
  const units = new Map(names.map((name) => [name, parseHeaderUnit(name)]));
  const fieldMap = new Map<string, string[]>();
  const fieldUnits = new Map<string, string>();
  const currencies = new Set<string>();
  const used = new Set<string>();
  const notes: string[] = [];
  for (const { name, aliases, unit } of typedFields(source)) {
    const accepted = acceptedNames({ name, aliases });
    const plain = accepted.flatMap((each) => byHeader.get(each) ?? []);
    const withUnit = unit === undefined ? [] : namesWithUnit(accepted, unit, units, plain);
    const found = [...plain.filter((each) => !contradictsUnit(units.get(each), unit)), ...withUnit];
    if (found.length === 0) continue;
    fieldMap.set(name, found);
    for (const each of found) {
      used.add(each);
      const headerUnit = units.get(each);
      if (headerUnit === undefined || unit === undefined) continue;
      const append = unitToAppend(headerUnit, unit);
      if (append !== undefined) fieldUnits.set(each, append);
      if (headerUnit.kind === 'currency' && unit === 'currency') currencies.add(headerUnit.unit);
    }
    if (found.length > 1) notes.push(`${name} is read from ${found.join(', or else from ')}`);
  }
  const constants = currencyFromHeader(source, fieldMap, currencies);
  for (const each of names.filter((name) => !used.has(name)))
    notes.push(...unitNotes(source, fieldMap, each, units.get(each)));
  const missing = required.filter((name) => !fieldMap.has(name));
  return {
    source,
    steps,
    fieldMap,
    fieldUnits,
    constants,
    ignored: names.filter((name) => !used.has(name)),
    notes,
    names,
    missing,
    unexpected: [],
    unknown: [],
    matched: required.length - missing.length,
  };
}

/** Normalized names that files may use for a column. */
const acceptedNames = ({ name, aliases }: Pick<SourceColumn, 'name' | 'aliases'>): string[] => [
  ...new Set([name, ...aliases].map(normalizeHeader)),
];

/** Whether a header without its unit is an accepted name, which may end with the unit of the column. */
const isNamed = (accepted: readonly string[], { base }: HeaderUnit, columnUnit: string): boolean =>
  accepted.some((name) => name === base || name === base + normalizeHeader(columnUnit));

/** Names of the file that are an accepted name followed by a unit that converts to the unit of the column. */
const namesWithUnit = (
  accepted: readonly string[],
  columnUnit: string,
  units: ReadonlyMap<string, HeaderUnit | undefined>,
  except: readonly string[],
): string[] =>
  [...units].flatMap(([name, unit]) =>
    unit !== undefined &&
    !except.includes(name) &&
    isConvertible(unit, columnUnit) &&
    isNamed(accepted, unit, columnUnit)
      ? [name]
      : [],
  );

/** Whether a header names a unit of another kind than its column: `Cost (%)` is not an amount. */
const contradictsUnit = (unit: HeaderUnit | undefined, columnUnit: string | undefined): boolean =>
  unit?.isBracketed === true && columnUnit !== undefined && unit.kind !== 'unknown' && !isConvertible(unit, columnUnit);

/** The currency that every amount of the header is in, if the file has no column for it. */
function currencyFromHeader(source: Source, fieldMap: FieldMap, currencies: ReadonlySet<string>): Map<string, string> {
  const [currency] = currencies;
  const hasColumn = source.columns.some(({ name }) => name === 'currency') && !fieldMap.has('currency');
  return new Map(currency !== undefined && currencies.size === 1 && hasColumn ? [['currency', currency]] : []);
}

/** A note if a header would be a column of the source but for its unit. */
function unitNotes(source: Source, fieldMap: FieldMap, name: string, unit: HeaderUnit | undefined): string[] {
  if (unit === undefined) return [];
  const column = source.columns.find(
    (each) => each.unit !== undefined && !fieldMap.has(each.name) && isNamed(acceptedNames(each), unit, each.unit),
  );
  return column === undefined
    ? []
    : [`${name} is not read as ${column.name}: its unit is ${unit.unit}, expected ${column.unit}`];
}

function groupByHeader(names: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) groups.set(normalizeHeader(name), [...(groups.get(normalizeHeader(name)) ?? []), name]);
  return groups;
}

/** The first of many names, shortened. */
const firstNames = (names: readonly string[], max = 8): string =>
  `${names
    .slice(0, max)
    .map((name) => name.slice(0, 60))
    .join(', ')}${names.length > max ? `, … ${names.length - max} more` : ''}`;

/** The first field names of a file and their label, for an error. */
const describeNames = (names: readonly string[], format: Layout['format']): { label: string; names: string } => ({
  label: format === 'csv' ? 'Header' : 'Keys',
  names: firstNames(names, maxNames),
});

/** Max names of a file to list when none of them is known. */
const maxNames = 40;

/** The error for a file that fits nothing: the missing columns if the user named a source or mapping, else the next step. */
function noMatchError(
  incomplete: readonly Match[],
  layout: Layout,
  fileName: string,
  options: DetectOptions,
): WattduckError {
  const mappingMatches = incomplete.filter((match): match is MappingMatch => match.format !== undefined);
  const [named] = withHighest(mappingMatches, share);
  if (options.format && named) return missingFieldsError(named, layout, fileName);
  if (options.source !== undefined) {
    const [match] = withHighest(
      incomplete.filter(({ format }) => !format),
      ({ fieldMap }) => fieldMap.size,
    );
    if (match) return missingColumnsError(match, layout, fileName);
  }
  // Users know their own mappings; a built-in one that almost fits would only puzzle them.
  const ofUser = mappingMatches.filter((match) => !match.format.isBuiltIn && hasMostFields(match));
  const [mapping] = withHighest(ofUser, ({ matched }) => matched);
  if (mapping) return missingFieldsError(mapping, layout, fileName);
  return new WattduckError('unrecognized_format', {
    file: fileName,
    file_argument: fileArgument(fileName),
    ...describeNames(layout.names, layout.format),
  });
}

/** Name of a file as an argument of a command. */
const fileArgument = (fileName: string): string =>
  fileName === standardInputName ? 'FILE' : shellWord(plainLine(fileName));

/** Share of the required names that a file has. */
const share = ({ matched, missing, unexpected }: Match): number =>
  matched / (matched + missing.length + unexpected.length);

/** Whether a file has most fields of a mapping: fewer do not show its format. */
const hasMostFields = (match: Match): boolean => match.matched >= 3 && share(match) > 0.6;

const missingColumnsError = ({ source, missing, names }: Match, layout: Layout, fileName: string): WattduckError =>
  new WattduckError('missing_source_columns', {
    file: fileName,
    file_argument: fileArgument(fileName),
    source: source.name,
    missing: missing.join(', '),
    ...describeNames(names, layout.format),
  });

function missingFieldsError(
  { format, missing, unexpected, names }: MappingMatch,
  layout: Layout,
  fileName: string,
): WattduckError {
  const required = new Set(format.detectBy.map(normalizeHeader));
  const others = names.filter((name) => !required.has(normalizeHeader(name)));
  const described = missing.map((field) => {
    const similar = findSimilar(field, others);
    return similar === undefined ? field : `${field} (did you mean ${similar}?)`;
  });
  const problems = [
    ...(missing.length > 0 ? [`missing ${described.join(', ')}`] : []),
    ...(unexpected.length > 0 ? [`unexpected ${unexpected.join(', ')}`] : []),
  ].join('; ');
  return new WattduckError('missing_mapping_fields', {
    file: fileName,
    mapping: format.name,
    problems,
    source: format.source,
    ...describeNames(names, layout.format),
  });
}
