import type { RankedChart } from '../../catalog/definitions.ts';
import type { Measure } from '../measure.ts';

/** How good a value is. */
export type Level = 'good' | 'warn' | 'bad';

type Levels = Pick<RankedChart, 'levels' | 'better'>;

/** Borders in the unit of the axis: shares are in percent. */
const bordersOf = ({ levels }: Levels, { column }: Measure): readonly [number, number] | undefined =>
  levels === undefined || column.unit !== 'share' ? levels : [round(levels[0] * 100), round(levels[1] * 100)];

const round = (value: number): number => Number(value.toPrecision(12));

/** The level of a value; undefined without levels or without a value. Higher is better unless the chart says otherwise. */
export function judge(value: number | null, levels: Levels, measure: Measure): Level | undefined {
  const borders = bordersOf(levels, measure);
  if (borders === undefined || value === null) return undefined;
  const [low, high] = borders;
  if (levels.better === 'down') return value <= low ? 'good' : value <= high ? 'warn' : 'bad';
  return value >= high ? 'good' : value >= low ? 'warn' : 'bad';
}

/** Meaning of each level: `at least 99.9 %`. */
export function levelTexts(levels: Levels, measure: Measure): Record<Level, string> | undefined {
  const borders = bordersOf(levels, measure);
  if (borders === undefined) return undefined;
  const [low, high] = borders.map(String) as [string, string];
  const unit = measure.unit === undefined ? '' : ` ${measure.unit}`;
  return levels.better === 'down'
    ? { good: `up to ${low}${unit}`, warn: `up to ${high}${unit}`, bad: `above ${high}${unit}` }
    : { good: `at least ${high}${unit}`, warn: `at least ${low}${unit}`, bad: `below ${low}${unit}` };
}
