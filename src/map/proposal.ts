import { literal } from '../warehouse/duckdb.ts';

/** A column of the table, and the part of the file that fills it. */
export interface ProposedField {
  column: string;
  /** SQL of its text in the mapping. */
  sql: string;
  /** Columns of the file that the SQL reads; none for a constant. */
  from: string[];
  /** Why, as short phrases: its name, its values, its unit. */
  reasons: string[];
}

/** An answer to a question, and the option that gives it. */
export interface Choice {
  value: string;
  label: string;
}

/** Something that the file does not show. */
export interface Question {
  /** Name of the option that answers it, such as `--date-order`. */
  option: string;
  /** Column of the table that the answer is for, with `--field` and `--value`. */
  column?: string;
  text: string;
  /** Known answers, the most likely first; any text if empty. */
  choices: Choice[];
  /** What happens without an answer; undefined if an answer is required. */
  fallback?: string;
}

/** A mapping of a file, with open questions and warnings. */
export interface Proposal {
  source: string;
  fields: ProposedField[];
  /** Columns of the file that nothing reads, with the reason if there is one. */
  unmapped: { name: string; reason?: string }[];
  warnings: string[];
  questions: Question[];
  nullValues: Record<string, string[]>;
  /** Columns that make the ID of a row if the file has none. */
  keyFrom: string[];
  separateBy: string[];
  /** True to keep rows that are equal in all of these as rows of their own. */
  keepsDuplicates: boolean;
  zone?: string;
  dateOrder?: 'dmy' | 'mdy';
  decimalMark?: ',' | '.';
  /** Value formats with the reason, to print. */
  formats: string[];
}

/** What the user says about the mapping. */
export interface Answers {
  source?: string;
  /** Time zone of times without an offset. */
  zone?: string;
  /** Where the zone comes from, such as `--tz`. */
  zoneOrigin?: string;
  /** Column of the file by column of the table; empty for none. */
  fields: Readonly<Record<string, string>>;
  /** Constants by column of the table. */
  values: Readonly<Record<string, string>>;
  energyUnit?: 'kWh' | 'Wh';
  durationUnit?: 'seconds' | 'minutes' | 'hours';
}

export const hasField = ({ fields }: Proposal, name: string): boolean => fields.some(({ column }) => column === name);

/** Columns of the file that a proposal reads. */
export const takenColumns = ({ fields }: Proposal): Set<string> => new Set(fields.flatMap(({ from }) => from));

/** Columns with a constant of the user. */
export const constantFields = ({ values }: Answers): ProposedField[] =>
  Object.entries(values).map(([column, value]) => ({ column, sql: literal(value), from: [], reasons: ['as given'] }));
