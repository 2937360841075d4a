import { formatCount, pluralize } from '../text/format-number.ts';
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
  if (commaGroups > 0) return { doubt: `${sampleWith(',') ?? '1,234'} may be a decimal or thousands` };
  // Fixed decimals show in every number; thousands show only in large ones.
  const grouped = numbers.find(
    (each) => each.pointGroups > 0 && each.pointGroups < each.filled - each.zeros * each.filled,
  );
  if (pointGroups > 0 && grouped) return { doubt: `${sampleWith('.') ?? '1.234'} may be a decimal or thousands` };
  return pointGroups > 0 ? { value: '.', reason: 'every number has three decimals' } : {};
}
