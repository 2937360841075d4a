/** What all values of one column of a file have in common. Shares are of the filled values, 0 to 1. */
export interface ColumnFacts {
  /** Header or JSON key; of a member of a nested object `object.member`. */
  name: string;
  /** SQL of the column's text in a mapping. */
  sql: string;
  /** Field of the file that the SQL reads. */
  field: string;
  /** Values other than blanks and null markers such as `#N/A`. */
  filled: number;
  distinct: number;
  /** Null markers in the column, such as `NA`. */
  nullMarkers: string[];
  /** The first different values. */
  samples: string[];
  /** Dates with a time of day. */
  times: number;
  /** Dates without a time of day. */
  dates: number;
  /** Dates with midnight as their time of day; counted in `times` too. */
  midnights: number;
  /** Times of day without a date. */
  clocks: number;
  /** Durations with their units or colons, such as `1:29:00`, `PT5M` or `3 min`. */
  durations: number;
  /** Seconds, milliseconds or microseconds since 1970, in this century. */
  unixTimes: number;
  /** Numbers, with or without a unit. */
  numbers: number;
  /** Whole numbers without a sign, such as IDs and counters. */
  integers: number;
  /** Numbers of dates that only fit day first, only month first, or both. */
  dayFirst: number;
  monthFirst: number;
  eitherOrder: number;
  /** Share of the times that have an offset or zone of their own. */
  offsets: number;
  /** Numbers with a decimal comma, with a decimal point, and with a mark that may separate thousands. */
  commas: number;
  points: number;
  commaGroups: number;
  pointGroups: number;
  /** Texts before and after the numbers, such as `€` and `kWh`, with their counts. */
  affixes: { before: string; after: string; count: number }[];
  /** Of the numbers as they are read with the decimal mark of the file. */
  min: number | undefined;
  median: number | undefined;
  max: number | undefined;
  zeros: number;
  uuids: number;
  /** 4 to 10 bytes in hexadecimal digits, as RFID cards have. */
  hexIds: number;
  currencies: number;
  currentTypes: number;
  zoneLetters: number;
  zoneNames: number;
  flags: number;
  /** Whole numbers written with `.0`, as spreadsheets and pandas write IDs. */
  wholeDecimals: number;
  /** Lists and objects in JSON. */
  documents: number;
  /** Texts that stand for somebody unknown, such as `unbekannt`. */
  unknownWords: string[];
  /** The latest time of the column, if it has times. */
  maxTime?: string | undefined;
}

/** A column of times, or a date and a clock column read together. */
export interface TimeColumn {
  name: string;
  /** SQL of its text in a mapping. */
  sql: string;
  columns: string[];
}

/** How two time columns relate, over the rows that have both. */
export interface TimePair {
  from: string;
  to: string;
  /** Rows that have both. */
  rows: number;
  /** Share of rows where the first is not after the second, and where both are equal. */
  ordered: number;
  equal: number;
  medianHours: number;
  /** Share of rows with a gap of more than a week. */
  long: number;
}

/** How a number relates to the time between two columns. */
export interface NumberOverTime {
  column: string;
  from: string;
  to: string;
  /** Median of the number divided by the hours. */
  perHour: number | undefined;
  /** Share of rows where the number is the time between, in each unit. */
  seconds: number;
  minutes: number;
  hours: number;
}

/** How two number columns relate, over the rows that have both. */
export interface NumberPair {
  from: string;
  to: string;
  ordered: number;
  equal: number;
  medianDifference: number | undefined;
}

/** Facts about a file without a mapping. */
export interface TableFacts {
  file: string;
  format: 'csv' | 'ndjson';
  rows: number;
  /** Rows that equal an earlier row in every column. */
  duplicateRows: number;
  columns: ColumnFacts[];
  times: TimeColumn[];
  timePairs: TimePair[];
  numbersOverTime: NumberOverTime[];
  numberPairs: NumberPair[];
  /** Number of distinct pairs of two columns, by `a|b`: whether a number is unique within a station. */
  distinctPairs: Record<string, number>;
  /** Value formats that the values or the user show. */
  dateOrder: FormatFact<'dmy' | 'mdy'>;
  decimalMark: FormatFact<',' | '.'>;
}

/** A format, why it is known, or the value that leaves it open. */
export interface FormatFact<T> {
  value?: T;
  reason?: string;
  /** An example that fits both, if the format matters and is not known. */
  doubt?: string;
}

/** Min share of values that makes the kind of a column: the others are totals, typing errors and the like. */
export const mostValues = 0.9;
