import type { ChalkInstance } from 'chalk';
import type { RankedChart } from '../../catalog/definitions.ts';
import { maxParts, type Bar, type BarsModel } from '../model/bars.ts';
import { levelTexts, type Level } from '../model/level.ts';
import { labelColumn, maxWidth, wrapItems, type Screen } from './layout.ts';

/** Blocks of one to seven eighths. */
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
/** Signs of the parts of a bar, the last for the others: they differ without colour. */
const partSigns = ['█', '▓', '▒', '░', '▚', '╱', '·'];
const partPainters = (chalk: ChalkInstance) => [
  chalk.cyan,
  chalk.yellow,
  chalk.green,
  chalk.magenta,
  chalk.blue,
  chalk.white,
  chalk.dim,
];
const levelSigns: Record<Level, string> = { good: '█', warn: '▓', bad: '▒' };

/** Bars from zero with label and value. */
export function renderRanked(
  model: BarsModel,
  levels: Pick<RankedChart, 'levels' | 'better'>,
  screen: Screen,
): string[] {
  const { bars, measure, series } = model;
  const { width, chalk } = screen;
  const labels = labelColumn(
    bars.map(({ label }) => label),
    width,
  );
  const values = bars.map(({ total }) => (total === null ? '–' : measure.formatShort(total)));
  const ends = bars.flatMap(({ parts }) => parts.flatMap(({ from, to }) => [from, to]));
  const [min, max] = [ends.reduce((a, b) => Math.min(a, b), 0), ends.reduce((a, b) => Math.max(a, b), 0)];
  const available = Math.max(1, width - maxWidth(labels) - maxWidth(values) - 3);
  const span = max - min || 1;
  const zero = Math.min(available - (max > 0 ? 1 : 0), Math.max(1, Math.round((-min / span) * available)));
  const signedScale = Math.min(max > 0 ? (available - zero) / max : Infinity, min < 0 ? zero / -min : Infinity);
  const paint = partPainters(chalk);
  const barText = (bar: Bar): string => {
    if (min < 0) return signedBar(bar, zero, signedScale, chalk);
    if (series.length > 0) return stackedBar(bar, available / span, paint);
    const level = bar.parts[0]?.level;
    const text = blockBar(((bar.total ?? 0) / span) * available, (level && levelSigns[level]) ?? '█');
    return level === 'bad' ? chalk.red(text) : level === 'warn' ? chalk.yellow(text) : chalk.cyan(text);
  };
  const texts = levelTexts(levels, measure);
  const found = new Set(bars.flatMap(({ parts }) => parts.map(({ level }) => level)));
  return [
    ...bars.map((bar, at) => `${labels[at]!} ${barText(bar)} ${values[at]!}`.replace(/ {2}(?=\S+$)/, ' ')),
    ...wrapItems(
      series.length > 0
        ? partNames(model).map((name, at) => `${partSigns[at]!} ${name}`)
        : (['good', 'warn', 'bad'] as const).flatMap((level) =>
            texts !== undefined && found.has(level) ? [`${levelSigns[level]} ${texts[level]}`] : [],
          ),
      width,
    ),
  ];
}

/** Names of the parts, with the others as the last. */
export const partNames = ({ series, bars }: BarsModel): string[] => [
  ...series,
  ...(bars.some(({ parts }) => parts.some((part) => part.series === maxParts)) ? ['others'] : []),
];

/** A bar of so many columns, to an eighth; a value above zero has one at least. */
function blockBar(columns: number, sign: string): string {
  const size = columns > 0 ? Math.max(1, Math.round(columns * 8)) : 0;
  // Only the full block has parts.
  return sign === '█'
    ? '█'.repeat(Math.floor(size / 8)) + eighths[size % 8]!
    : sign.repeat(Math.max(Math.sign(size), Math.round(size / 8)));
}

/** Parts in whole columns, each between the rounded sums before and after it. */
const stackedBar = ({ parts }: Bar, scale: number, paint: readonly ((text: string) => string)[]): string =>
  parts
    .map(({ series, from, to }) => {
      const size = Math.round(to * scale) - Math.round(from * scale);
      return paint[series]!(partSigns[series]!.repeat(Math.max(0, size)));
    })
    .join('');

/** A bar to the left or right of zero. @param scale columns per unit */
function signedBar({ total }: Bar, zero: number, scale: number, chalk: ChalkInstance): string {
  const columns = Math.abs(total ?? 0) * scale;
  if ((total ?? 0) >= 0) return `${' '.repeat(zero)}│${chalk.cyan(blockBar(columns, '█'))}`;
  const size = Math.min(zero, Math.max(1, Math.round(columns)));
  return `${' '.repeat(zero - size)}${chalk.red('█'.repeat(size))}│`;
}
