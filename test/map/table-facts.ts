import type { ColumnFacts, TableFacts } from '../../src/map/facts.ts';

const empty: Omit<ColumnFacts, 'name' | 'sql' | 'field'> = {
  filled: 100,
  distinct: 100,
  nullMarkers: [],
  samples: [],
  times: 0,
  dates: 0,
  midnights: 0,
  clocks: 0,
  durations: 0,
  unixTimes: 0,
  numbers: 0,
  integers: 0,
  dayFirst: 0,
  monthFirst: 0,
  eitherOrder: 0,
  offsets: 0,
  commas: 0,
  points: 0,
  commaGroups: 0,
  pointGroups: 0,
  affixes: [],
  min: undefined,
  median: undefined,
  max: undefined,
  zeros: 0,
  uuids: 0,
  hexIds: 0,
  currencies: 0,
  currentTypes: 0,
  zoneLetters: 0,
  zoneNames: 0,
  flags: 0,
  wholeDecimals: 0,
  documents: 0,
  unknownWords: [],
};

/** Facts about a column of 100 values, with those that matter to a test. */
export const column = (name: string, facts: Partial<ColumnFacts> = {}): ColumnFacts => ({
  ...empty,
  name,
  field: name,
  sql: `"${name}"`,
  ...facts,
});

/** A column of times with a zone of their own. */
export const time = (name: string, facts: Partial<ColumnFacts> = {}): ColumnFacts =>
  column(name, { times: 1, offsets: 1, ...facts });

/** A column of numbers with a decimal point. */
export const number = (name: string, median: number, facts: Partial<ColumnFacts> = {}): ColumnFacts =>
  column(name, {
    numbers: 1,
    points: 100,
    affixes: [{ before: '', after: '', count: 100 }],
    min: median / 4,
    median,
    max: median * 4,
    ...facts,
  });

/** Facts about a table of 100 rows. */
export const table = (columns: ColumnFacts[], facts: Partial<TableFacts> = {}): TableFacts => ({
  file: 'file.csv',
  format: 'csv',
  rows: 100,
  duplicateRows: 0,
  columns,
  times: columns
    .filter((each) => each.times + each.dates + each.unixTimes >= 0.9)
    .map(({ name, sql }) => ({ name, sql, columns: [name] })),
  timePairs: [],
  numbersOverTime: [],
  numberPairs: [],
  distinctPairs: {},
  dateOrder: {},
  decimalMark: { value: '.', reason: 'test' },
  ...facts,
});
