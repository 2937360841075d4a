/** A session as it really was. */
export interface Session {
  number: number;
  id: string;
  station: string;
  connector: string;
  user: string;
  rfid: string;
  /** Times on the wall clock of the site, in milliseconds as if in UTC. */
  start: number;
  chargingEnd: number;
  end: number;
  /** Energy and the meter reading at the start in Wh. */
  energy: number;
  meterStart: number;
  /** Price in hundredths. */
  amount: number;
  startSoc: number;
  stopSoc: number;
  current: 'AC' | 'DC';
}

/** A column of the written file. */
export interface Column<Row> {
  header: string;
  write: (row: Row) => string;
  /** Columns of the table that this one fills. */
  fills: readonly string[];
  /** Whether a total row has its sum. */
  isSummed: boolean;
}

export const column = <Row>(header: string, write: (row: Row) => string, ...fills: string[]): Column<Row> => ({
  header,
  write,
  fills,
  isSummed: fills.includes('energy_kwh') || fills.includes('amount_paid'),
});

/** How a file is written: everything but its columns. */
export interface FileStyle {
  delimiter: ',' | ';' | '\t' | '|';
  encoding?: 'utf-8' | 'utf-8-bom' | 'windows-1252' | 'utf-16';
  /** Lines above the header. */
  titles?: readonly string[];
  /** Label of a total row at the end. */
  total?: string;
  /** Blank rows, rows of #N/A and repeated headers among the rows. */
  blankRows?: number;
  missingRows?: number;
  repeatedHeaders?: number;
  isQuoted?: boolean;
  lineEnd?: '\n' | '\r\n';
}

export type Expected = Record<string, string | number | null>;

/** A file in a made-up layout, the options its user gives, and the rows it must become. */
export interface Layout {
  name: string;
  language: string;
  file: string;
  bytes: Buffer;
  /** Only what the file cannot show. */
  options: readonly string[];
  source: string;
  /** Columns of the table to compare, and the headers that may fill them. */
  compared: readonly string[];
  headers: Readonly<Record<string, readonly string[]>>;
  expected: readonly Expected[];
}

/** Columns next to each other stay so when columns are shuffled. */
export type Columns<Row> = readonly (Column<Row> | readonly Column<Row>[])[];
