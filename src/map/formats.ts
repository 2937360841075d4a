import { formatCount, pluralize } from '../text/format-number.ts';
import { energyUnitOfValues, headerUnit } from './evidence.ts';
import { mostValues, type ColumnFacts, type FormatFact } from './facts.ts';
import { isTimeColumn } from './relations.ts';

const sumOf = (columns: readonly ColumnFacts[], figure: (each: ColumnFacts) => number): number =>
  columns.reduce((sum, each) => sum + figure(each), 0);

/** The order of day and month in the dates of a file: a number above 12 cannot be a month. */
export function decideDateOrder(
  columns: readonly ColumnFacts[],
  given: 'dmy' | 'mdy' | undefined,
): FormatFact<'dmy' | 'mdy'> {
  const dates = columns.filter(isTimeColumn);
  const dayFirst = sumOf(dates, (each) => each.dayFirst);
  const monthFirst = sumOf(dates, (each) => each.monthFirst);
  const either = sumOf(dates, (each) => each.eitherOrder);
  if (given !== undefined) return { value: given, reason: 'as given' };
  if (dayFirst > 0 && monthFirst === 0)
    return { value: 'dmy', reason: `${pluralize(dayFirst, 'date')} with a day above 12 in first place` };
  if (monthFirst > 0 && dayFirst === 0)
    return { value: 'mdy', reason: `${pluralize(monthFirst, 'date')} with a day above 12 in second place` };
  if (dayFirst > 0)
    return {
      doubt: `${formatCount(dayFirst)} dates only fit day first, ${formatCount(monthFirst)} only month first`,
    };
  const example = dates.find((each) => each.eitherOrder > 0)?.samples[0];
  return either > 0 ? { doubt: `every date fits both, such as ${example}` } : {};
}

/** The decimal mark of the numbers of a file. */
export function decideDecimalMark(
  columns: readonly ColumnFacts[],
  given: ',' | '.' | undefined,
): FormatFact<',' | '.'> {
  if (given !== undefined) return { value: given, reason: 'as given' };
  const numbers = columns.filter(
    (each) => each.numbers >= mostValues && !isTimeColumn(each) && each.clocks < mostValues,
  );
  const commas = sumOf(numbers, (each) => each.commas);
  const points = sumOf(numbers, (each) => each.points);
  const commaGroups = sumOf(numbers, (each) => each.commaGroups);
  const pointGroups = sumOf(numbers, (each) => each.pointGroups);
  const sampleWith = (mark: string): string | undefined =>
    numbers.flatMap(({ samples }) => samples).find((each) => each.includes(mark));
  if (commas > 0 && points > 0)
    return {
      doubt: `numbers such as ${sampleWith(',') ?? '1,5'} and ${sampleWith('.') ?? '1.5'} contradict each other`,
    };
  if (commas > 0) return { value: ',', reason: `${pluralize(commas, 'number')} with a decimal comma` };
  if (points > 0) return { value: '.', reason: `${pluralize(points, 'number')} with a decimal point` };
  if (commaGroups > 0 && pointGroups > 0)
    return { doubt: `${sampleWith(',') ?? '1,234'} and ${sampleWith('.') ?? '1.234'} may be decimals or thousands` };
  if (commaGroups + pointGroups === 0) return {};
  const [mark, other] = commaGroups > 0 ? ([',', '.'] as const) : (['.', ','] as const);
  const grouped = numbers.filter((each) => each.commaGroups + each.pointGroups > 0);
  const readings = new Set(grouped.flatMap((each) => plausibleReadings(each, mark)));
  if (readings.size === 1) {
    const isDecimal = readings.has('decimal');
    return {
      value: isDecimal ? mark : other,
      reason: `${sampleWith(mark) ?? `1${mark}234`} as ${isDecimal ? 'a decimal' : 'thousands'} is plausible`,
    };
  }
  // Fixed decimals show in every number; thousands show only in large ones.
  const isFixed = grouped.every(
    (each) => each.commaGroups + each.pointGroups >= each.filled * (1 - each.zeros) * 0.999,
  );
  return mark === '.' && isFixed
    ? { value: '.', reason: 'every number has three decimals' }
    : { doubt: `${sampleWith(mark) ?? `1${mark}234`} may be a decimal or thousands` };
}

/** Range of the median of a column, in kWh or kW, by the kind of its unit. */
const plausibleMedians: Readonly<Record<string, { min: number; max: number }>> = {
  energy: { min: 0.2, max: 300 },
  power: { min: 0.5, max: 1000 },
};

/** Whether the numbers of a column with a unit are plausible as decimals, as thousands, or both. */
function plausibleReadings(column: ColumnFacts, mark: ',' | '.'): ('decimal' | 'thousands')[] {
  const unit = energyUnitOfValues(column) ?? headerUnit(column.name)?.unit;
  const factor = unit === undefined ? undefined : kiloFactors[unit];
  if (unit === undefined || factor === undefined || column.median === undefined) return [];
  const { min, max } = plausibleMedians[unit.endsWith('h') ? 'energy' : 'power']!;
  // Facts are read with a decimal point, so that a comma separates thousands.
  const decimal = (mark === '.' ? column.median : column.median / 1000) * factor;
  const isPlausible = (value: number): boolean => value >= min && value <= max;
  return [
    ...(isPlausible(decimal) ? (['decimal'] as const) : []),
    ...(isPlausible(decimal * 1000) ? (['thousands'] as const) : []),
  ];
}

const kiloFactors: Readonly<Record<string, number>> = { Wh: 0.001, kWh: 1, MWh: 1000, W: 0.001, kW: 1, MW: 1000 };
