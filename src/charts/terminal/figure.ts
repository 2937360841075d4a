import { formatChange } from '../heading.ts';
import type { FigureModel } from '../model/figure.ts';
import { meansOf, sparkText, wrapItems, type Screen } from './layout.ts';

/** The figure, its change, further figures, and a small line of its values. */
export function renderFigure(model: FigureModel, { width, chalk }: Screen): string[] {
  const { measure, value, level, before, change, isGood, more, values } = model;
  const paint = level === 'bad' ? chalk.red.bold : level === 'warn' ? chalk.yellow.bold : chalk.bold;
  const paintChange = isGood === undefined ? chalk.dim : isGood ? chalk.green : chalk.red;
  return [
    paint(measure.format(value)),
    ...(before === null ? [] : [paintChange(`${changeMark(change)}earlier ${measure.format(before)}`)]),
    ...wrapItems(
      more.map(({ label, text }) => `${label.toLowerCase()} ${text}`),
      width,
    ).map((line) => chalk.dim(line)),
    ...(values.length > 1 ? sparkLines(model, width, chalk) : []),
  ];
}

const changeMark = (change: number | null): string => {
  if (change === null) return '';
  if (change === 0) return 'unchanged, ';
  return `${change > 0 ? '▲' : '▼'} ${formatChange(change)}, `;
};

function sparkLines({ measure, values }: FigureModel, width: number, chalk: Screen['chalk']): string[] {
  const { values: means, size } = meansOf(
    values.map(({ value }) => value),
    width,
  );
  const known = means.filter((value) => value !== null);
  const [min, max] = [known.reduce((a, b) => Math.min(a, b), 0), known.reduce((a, b) => Math.max(a, b), 0)];
  const [first, last] = [values[0]!.label, values.at(-1)!.label];
  const gap = means.length - first.length - last.length;
  return [
    chalk.cyan(sparkText(means, min, max).trimEnd()),
    chalk.dim(gap > 0 ? `${first}${' '.repeat(gap)}${last}` : `${first} to ${last}`),
    ...wrapItems(
      [
        `scale ${measure.formatBound(min)} to ${measure.formatBound(max)}`,
        ...(size > 1 ? [`column: mean of ${size} values`] : []),
      ],
      width,
    ),
  ];
}
