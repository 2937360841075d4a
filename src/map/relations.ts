import { identifier, literal, type DuckDb } from '../warehouse/duckdb.ts';
import { rowsTable } from './column-facts.ts';
import {
  mostValues,
  type ColumnFacts,
  type NumberOverTime,
  type NumberPair,
  type TimeColumn,
  type TimePair,
} from './facts.ts';

/** Columns of times and numbers as typed values, to compare them row by row. */
export interface TypedColumns {
  /** With the SQL of their text. */
  times: (TimeColumn & { text: string })[];
  dateOrder: 'dmy' | 'mdy';
  /** Numbers, and durations in seconds. */
  numbers: { name: string; expression: string }[];
}

/** Max columns of each kind to compare: the number of pairs grows with the square. */
const maxTimes = 10;
const maxNumbers = 16;

const typedTable = 'map_typed';

/** Pairs of columns, compared over all rows of the file. */
export interface Relations {
  timePairs: TimePair[];
  numbersOverTime: NumberOverTime[];
  numberPairs: NumberPair[];
}

export async function readRelations(duckdb: DuckDb, typed: TypedColumns): Promise<Relations> {
  const times = typed.times.slice(0, maxTimes);
  const numbers = typed.numbers.slice(0, maxNumbers);
  if (times.length + numbers.length === 0) return { timePairs: [], numbersOverTime: [], numberPairs: [] };
  const texts = times.map(({ text }, place) => `${text} as t${place}`);
  const values = numbers.map(({ expression }, place) => `${expression} as n${place}`);
  const instants = times.map(
    (_, place) => `written_instant(t${place}, ${literal(typed.dateOrder)}, 'UTC') as t${place}`,
  );
  // The macro repeats its argument, so it gets a column.
  await duckdb.run(
    `create or replace temp table ${typedTable} as
     select ${[...instants, ...numbers.map((_, place) => `n${place}`)].join(', ')}
     from (select ${[...texts, ...values].join(', ')} from ${rowsTable})`,
  );
  try {
    const timePairs = await compareTimes(duckdb, times);
    return {
      timePairs,
      numbersOverTime: await compareNumbersWithTimes(duckdb, times, numbers, timePairs),
      numberPairs: await compareNumbers(duckdb, numbers),
    };
  } finally {
    await duckdb.run(`drop table ${typedTable}`);
  }
}

const hoursBetween = (a: string, b: string): string => `epoch(${b} - ${a}) / 3600`;

async function compareTimes(duckdb: DuckDb, times: TypedColumns['times']): Promise<TimePair[]> {
  const pairs: TimePair[] = [];
  for (const [i, from] of times.entries())
    for (const [j, to] of times.entries()) {
      if (i === j || from.columns.every((name) => to.columns.includes(name))) continue;
      const [a, b] = [`t${i}`, `t${j}`];
      const row = await duckdb.row(
        `select count(*) as n, avg((${a} <= ${b})::integer) as ordered, avg((${a} = ${b})::integer) as equal,
                quantile_cont(${hoursBetween(a, b)}, 0.5) as hours, avg((${b} > ${a} + interval 7 days)::integer) as long
         from ${typedTable} where ${a} is not null and ${b} is not null`,
      );
      if (Number(row['n']) === 0) continue;
      pairs.push({
        from: from.name,
        to: to.name,
        rows: Number(row['n']),
        ordered: Number(row['ordered']),
        equal: Number(row['equal']),
        medianHours: Number(row['hours']),
        long: Number(row['long']),
      });
    }
  return pairs;
}

/** Numbers against the time between each pair of columns that may be start and end. */
async function compareNumbersWithTimes(
  duckdb: DuckDb,
  times: TypedColumns['times'],
  numbers: TypedColumns['numbers'],
  pairs: readonly TimePair[],
): Promise<NumberOverTime[]> {
  const found: NumberOverTime[] = [];
  if (numbers.length === 0) return found;
  for (const { from, to } of pairs.filter(({ ordered, equal }) => ordered >= mostValues && equal < mostValues)) {
    const [a, b] = [from, to].map((name) => `t${times.findIndex((each) => each.name === name)}`);
    const seconds = `epoch(${b} - ${a})`;
    const figures = numbers.flatMap((_, place) => {
      const x = `n${place}`;
      const isDuration = (factor: number): string =>
        `avg((abs(${x} * ${factor} - ${seconds}) <= greatest(61, ${seconds} * 0.02))::integer) filter (${seconds} > 600)`;
      return [
        `quantile_cont(${x} / (${seconds} / 3600), 0.5) filter (${seconds} >= 300 and ${x} > 0) as per_hour_${place}`,
        `${isDuration(1)} as seconds_${place}`,
        `${isDuration(60)} as minutes_${place}`,
        `${isDuration(3600)} as hours_${place}`,
      ];
    });
    const row = await duckdb.row(
      `select ${figures.join(', ')} from ${typedTable} where ${a} is not null and ${b} is not null`,
    );
    for (const [place, { name }] of numbers.entries()) {
      const perHour = row[`per_hour_${place}`];
      found.push({
        column: name,
        from,
        to,
        perHour: perHour === null ? undefined : Number(perHour),
        seconds: Number(row[`seconds_${place}`] ?? 0),
        minutes: Number(row[`minutes_${place}`] ?? 0),
        hours: Number(row[`hours_${place}`] ?? 0),
      });
    }
  }
  return found;
}

async function compareNumbers(duckdb: DuckDb, numbers: TypedColumns['numbers']): Promise<NumberPair[]> {
  const pairs: NumberPair[] = [];
  for (const [i, from] of numbers.entries()) {
    const others = numbers.map((to, j) => ({ to, j })).filter(({ j }) => j !== i);
    if (others.length === 0) continue;
    const figures = others.flatMap(({ j }) => [
      `avg((n${i} <= n${j})::integer) as ordered_${j}`,
      `avg((n${i} = n${j})::integer) as equal_${j}`,
      `quantile_cont(n${j} - n${i}, 0.5) as difference_${j}`,
    ]);
    const row = await duckdb.row(`select ${figures.join(', ')} from ${typedTable}`);
    for (const { to, j } of others) {
      if (row[`ordered_${j}`] === null) continue;
      pairs.push({
        from: from.name,
        to: to.name,
        ordered: Number(row[`ordered_${j}`]),
        equal: Number(row[`equal_${j}`]),
        medianDifference: Number(row[`difference_${j}`]),
      });
    }
  }
  return pairs;
}

/** Number of distinct pairs of an ID column with each other column, by `a|b`. */
export async function countDistinctPairs(
  duckdb: DuckDb,
  ids: readonly { name: string; column: string }[],
  others: readonly { name: string; column: string }[],
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const id of ids)
    for (const other of others) {
      if (id.name === other.name) continue;
      const row = await duckdb.row(
        `select count(*) as n from (select distinct ${identifier(id.column)}, ${identifier(other.column)} from ${rowsTable} where ${identifier(id.column)} is not null)`,
      );
      counts[`${id.name}|${other.name}`] = Number(row['n']);
    }
  return counts;
}

/** Columns that read as times, with their SQL over the table of rows. */
export const isTimeColumn = ({ times, dates, unixTimes }: ColumnFacts): boolean =>
  times + dates >= mostValues || unixTimes >= mostValues;
